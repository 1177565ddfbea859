"""Loading the invented district: through the scan service, once, and safe to interrupt."""

import json
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.demo.districts import invent_district
from volunteer.domain.calendar import Calendar, DayKind
from volunteer.domain.national_ids import derive_id_keys, open_national_id
from volunteer.domain.records import RecordState
from volunteer.domain.teams import TeamLevel
from volunteer.loading.accounts import DemoAccount
from volunteer.loading.district import BegunByAnotherVersion, NotEmpty, load_demo
from volunteer.loading.story import Tools
from volunteer.models.activities import Activity
from volunteer.models.duty_days import Setting
from volunteer.models.members import Admin, Member
from volunteer.models.records import RecordChange, ServiceRecord
from volunteer.models.scans import QuarantinedScan, StoredScan
from volunteer.models.stations import Terminal
from volunteer.models.teams import Team, Unit
from volunteer.queries.admins import count_teams_without_admin
from volunteer.queries.demo import SETTING, get_admin
from volunteer.queries.members import get_member, search_members
from volunteer.queries.records import list_member_records
from volunteer.queries.teams import get_brigade, list_subtree_ids
from volunteer.services.duty_days import propose_duty_days
from volunteer.services.members import add_admin, add_member, found_brigade, sign_in_admin, sign_in_member

KEYS = derive_id_keys("a secret for tests only")
PEOPLE = 100


def load(app: Flask, now: datetime, stop_after: int = 10**6) -> tuple[DemoAccount, ...]:
    def progress(done: int, total: int) -> None:
        assert done <= total
        if done == stop_after:
            raise KeyboardInterrupt

    return load_demo(now, progress, tools(app), member_count=PEOPLE)


def tools(app: Flask) -> Tools:
    here = installation(app)
    address = "http://localhost/verify"
    return Tools(here.keys, here.zone, KEYS, bytes(32), bytes(32), lambda _content, _code: b"%PDF", address)


def outcomes() -> dict[str, int]:
    rows = db.session.execute(select(StoredScan.outcome, func.count()).group_by(StoredScan.outcome))
    return {outcome: count for outcome, count in rows}


def holidays_of(now: datetime) -> frozenset[date]:
    days = (now.date() - timedelta(days=back) for back in range(366))
    return frozenset(day for day in days if Calendar().kind(day) is DayKind.HOLIDAY)


def states() -> dict[str, int]:
    rows = db.session.execute(select(ServiceRecord.state, func.count()).group_by(ServiceRecord.state))
    return {state: count for state, count in rows}


def test_a_year_of_records_comes_from_scans(app: Flask, now: datetime) -> None:
    load(app, now)

    found, scans = states(), outcomes()
    assert set(scans) == {"checked_in", "checked_out", "double_tap"}
    declared = select(func.count()).where(ServiceRecord.correction_id.is_not(None))
    measured = found[RecordState.CLOSED] - db.session.execute(declared).scalar_one()
    assert measured + found[RecordState.VOID] == scans["checked_out"] > 300
    assert found[RecordState.FORGOTTEN] > 3
    assert found[RecordState.OPEN] > 0
    assert db.session.execute(select(func.count()).select_from(QuarantinedScan)).scalar_one() == 0


def test_a_record_changes_only_by_an_approved_correction(app: Flask, now: datetime) -> None:
    load(app, now)

    changed = select(ServiceRecord).join(RecordChange, RecordChange.record_id == ServiceRecord.id)
    records = db.session.execute(changed).scalars().all()
    assert records
    assert all(record.state == RecordState.VOID and record.voided_by_id for record in records)


def test_the_fifteenth_of_each_month_is_marked_as_duty_day(app: Flask, now: datetime) -> None:
    zone = installation(app).zone
    propose_duty_days(now, zone)

    load(app, now)

    statement = select(ServiceRecord.duty_on).where(ServiceRecord.duty_on.is_not(None)).distinct()
    days = db.session.execute(statement).scalars().all()
    assert len(days) >= 12
    assert {day.day for day in days} == {15}


def test_every_activity_says_what_the_law_asks_for_and_who_answers_for_it(app: Flask, now: datetime) -> None:
    brigade_name = found_brigade().name

    load(app, now)

    activities = db.session.execute(select(Activity)).scalars().all()
    units = {one.organising_unit for one in activities}
    teams = set(db.session.execute(select(Team.name)).scalars())
    assert all(one.place and one.content and one.person_in_charge for one in activities)
    assert brigade_name in units <= teams
    assert len(units) > 3


def test_the_people_hang_on_the_brigade_there_was(app: Flask, now: datetime) -> None:
    brigade_id = found_brigade().id

    load(app, now)

    wanted = invent_district(now, installation(app).zone, member_count=PEOPLE).members[7]
    member = get_member(wanted.volunteer_no)
    teams = db.session.execute(select(Team)).scalars().all()
    assert (member.name, db.session.get_one(Team, member.team_id).code) == (wanted.name, wanted.team_code)
    assert open_national_id(member.national_id_sealed or b"", KEYS) == wanted.national_id
    assert {team.parent_id for team in teams if team.level != TeamLevel.BRIGADE} == {brigade_id}
    assert get_admin("demo-brigade").team_id == brigade_id


def test_every_account_can_sign_in_and_sees_the_own_people(app: Flask, now: datetime) -> None:
    accounts = load(app, now)

    admins = [sign_in_admin(one.sign_in, one.password) for one in accounts if one.is_admin]
    (member,) = [sign_in_member(one.sign_in, one.password) for one in accounts if not one.is_admin]
    seen = [search_members(list_subtree_ids(admin.team_id), "")[0] for admin in admins]
    # One asked to join and was taken in.
    assert seen[0] == PEOPLE + 1
    assert 0 < seen[1] < PEOPLE
    assert seen[2] > 0
    assert len(list_member_records(member.id)) > 5


def test_every_admin_carries_the_name_of_the_volunteer_who_it_is(app: Flask, now: datetime) -> None:
    load(app, now)

    people = select(Admin.name, Member.name).outerjoin(Member, Member.id == Admin.member_id)
    rows = db.session.execute(people).all()
    assert len(rows) == 55
    assert all(account == person for account, person in rows)


def test_no_team_waits_for_an_admin_and_every_terminal_is_enrolled(app: Flask, now: datetime) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(app, now, 3)
    load(app, now)

    terminals = db.session.execute(select(Terminal)).scalars().all()
    teams = db.session.execute(select(Team.id)).scalars().all()
    assert len(teams) == 55
    assert count_teams_without_admin(list(teams), now.date()) == 0
    assert len(terminals) == 9
    for terminal in terminals:
        assert terminal.key_hash
        assert (terminal.enrolled_at, terminal.last_contact_at) == (now - timedelta(days=366), now)
        assert terminal.pending == 0


def test_an_interrupted_load_goes_on_where_it_stopped(app: Flask, now: datetime) -> None:
    for stop_after in (0, 40):
        with pytest.raises(KeyboardInterrupt):
            load(app, now, stop_after)

    accounts = load(app, now + timedelta(hours=7))

    district = invent_district(now, installation(app).zone, holidays_of(now), member_count=PEOPLE)
    seqs = func.min(StoredScan.seq), func.max(StoredScan.seq), func.count(StoredScan.seq.distinct())
    spans = db.session.execute(select(*seqs).group_by(StoredScan.terminal_id)).all()
    assert sum(outcomes().values()) == sum(len(session.scans) for session in district.sessions)
    assert all((first, last) == (1, count) for first, last, count in spans)
    assert len(spans) == 9
    assert len(accounts) == 4


def test_loading_again_changes_nothing(app: Flask, now: datetime) -> None:
    load(app, now)
    before = (states(), outcomes())

    assert load(app, now) == ()
    assert (states(), outcomes()) == before


def test_invented_people_never_mix_with_real_ones(app: Flask, cast: Cast, now: datetime) -> None:
    with pytest.raises(NotEmpty, match="空的数据库"):
        load(app, now)
    assert db.session.execute(select(func.count(Member.id))).scalar_one() == 1


def test_an_installation_with_an_admin_is_no_place_for_invented_people(app: Flask, now: datetime) -> None:
    found_brigade()
    add_admin("demo-brigade", "管理员", None, "correct horse", now)

    with pytest.raises(NotEmpty, match="已经有管理员"):
        load(app, now)
    assert sign_in_admin("demo-brigade", "correct horse").name == "管理员"


def test_an_installation_with_units_is_no_place_for_invented_people(app: Flask, now: datetime) -> None:
    db.session.add(Unit(name="教育局"))
    db.session.commit()

    with pytest.raises(NotEmpty):
        load(app, now)


@pytest.mark.parametrize("entered", ["member", "team", "admin"])
def test_an_interrupted_load_does_not_go_on_among_real_people(
    app: Flask, now: datetime, entered: str
) -> None:
    with pytest.raises(KeyboardInterrupt):
        load(app, now, 0)
    if entered == "member":
        add_member("A001", "张三", None, now)
    elif entered == "admin":
        add_admin("root", "管理员", None, "correct horse", now)
    else:
        db.session.add(
            Team(code="REAL", name="真实分队", level=TeamLevel.SQUADRON, parent_id=get_brigade().id)
        )
        db.session.commit()

    with pytest.raises(NotEmpty):
        load(app, now)
    assert states() == {}


def test_a_load_that_was_interrupted_after_the_last_step_is_completed(app: Flask, now: datetime) -> None:
    """Also by then somebody was taken in whom the district did not know."""

    def stop_at_end(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(now, stop_at_end, tools(app), member_count=PEOPLE)

    assert len(load(app, now)) == 4
    assert db.session.execute(select(func.count(Member.id))).scalar_one() == PEOPLE + 1


def test_what_another_version_began_is_not_completed_with_another_district(app: Flask, now: datetime) -> None:
    note = {"now": now.isoformat(), "members": PEOPLE, "is_loaded": False}
    db.session.add(Setting(name=SETTING, value=json.dumps(note)))
    db.session.commit()

    with pytest.raises(BegunByAnotherVersion, match="另一个版本"):
        load(app, now)
    assert states() == {}


def test_what_another_version_completed_is_complete(app: Flask, now: datetime) -> None:
    note = {"now": now.isoformat(), "members": PEOPLE, "is_loaded": True}
    db.session.add(Setting(name=SETTING, value=json.dumps(note)))
    db.session.commit()

    assert load(app, now) == ()
