"""Appointing: who may, whom, where; ended, handed over, closed."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from tests.conftest import PASSWORD_HASH, Cast
from volunteer.db import db, transaction
from volunteer.domain.admin_refusals import (
    AdminInactive,
    AppointedAlready,
    NotOneself,
    OnlyDeputies,
    RoleNotYours,
    RolesApart,
    TermOver,
    TermPast,
    UsernameTaken,
)
from volunteer.domain.admin_rows import AdminField
from volunteer.domain.admins import HoursNotYours, Post
from volunteer.domain.imports import Reach, RowState, StagedRow
from volunteer.domain.passwords import is_password
from volunteer.domain.refusals import NotFound
from volunteer.domain.roles import Role
from volunteer.domain.teams import TeamLevel
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin
from volunteer.models.sign_ins import Passkey, RecoveryCode, SecondFactor
from volunteer.models.teams import Team
from volunteer.queries.admins import find_standing, list_posts, list_teams_without_admin, lock_admin
from volunteer.queries.sign_ins import count_recovery_codes, has_second_step
from volunteer.queries.stations import get_station
from volunteer.services.admin_imports import AdminLists
from volunteer.services.admins import (
    add_appointed_admin,
    appoint,
    close_account,
    end_appointment,
    hand_over,
    new_account,
    renew_start_password,
    reopen_account,
)

TODAY = date(2026, 9, 15)
DAY = timedelta(days=1)
Make = Callable[..., Admin]


@pytest.fixture
def make(cast: Cast, now: datetime) -> Make:
    """An admin with one appointment."""

    def make_admin(
        username: str, role: Role = Role.TEAM_ADMIN, team: Team | None = None, **more: object
    ) -> Admin:
        post = {"role": role, "team_id": (team or cast.brigade).id, "is_deputy": False, **more}
        if role is Role.STATION_LEADER:
            post["team_id"] = None
        admin = Admin(
            username=username,
            name=username,
            team_id=(team or cast.brigade).id,
            password_hash=PASSWORD_HASH,
            created_at=now,
            appointments=[Appointment(**post, appointed_at=now)],
        )
        db.session.add(admin)
        db.session.commit()
        return admin

    return make_admin


def appointment_of(admin: Admin) -> Appointment:
    return db.session.query(Appointment).filter_by(admin_id=admin.id).one()


def test_nobody_is_appointed_for_a_term_that_is_over(cast: Cast, make: Make, now: datetime) -> None:
    dora, over = make("dora"), {"from_on": TODAY - 20 * DAY, "until_on": TODAY}
    post = Post(Role.TEAM_ADMIN, cast.other.id, **over)

    with pytest.raises(TermPast):
        add_appointed_admin(dora.id, new_account("eve", "伊芙"), post, now, TODAY)
    with pytest.raises(TermPast):
        appoint(dora.id, cast.bob.id, post, now, TODAY)

    assert db.session.query(Admin).filter_by(username="eve").first() is None
    last_day = Post(Role.TEAM_ADMIN, cast.other.id, from_on=TODAY - DAY, until_on=TODAY + DAY)
    assert appoint(dora.id, cast.bob.id, last_day, now, TODAY).until_on == TODAY + DAY


def test_an_admin_made_without_appointments_is_the_teams_admin(cast: Cast) -> None:
    assert list_posts(cast.bob.id) == [Post(Role.TEAM_ADMIN, cast.detachment.id)]
    standing = find_standing(cast.bob.id, TODAY)
    assert standing is not None
    assert (standing.team_ids, standing.is_brigade) == ([cast.detachment.id], False)


def test_the_scope_is_all_teams_of_all_appointments(cast: Cast, make: Make, now: datetime) -> None:
    squadron = Team(code="ZD01", name="一中队", level=TeamLevel.SQUADRON, parent_id=cast.brigade.id)
    db.session.add(squadron)
    db.session.flush()
    below = Team(code="FD11", name="下属分队", level=TeamLevel.DETACHMENT, parent_id=squadron.id)
    db.session.add(below)
    db.session.commit()
    dora = make("dora")

    appoint(dora.id, cast.bob.id, Post(Role.TEAM_ADMIN, squadron.id), now, TODAY)
    appoint(dora.id, cast.bob.id, Post(Role.STATION_LEADER, None, get_station("LC").id), now, TODAY)

    standing = find_standing(cast.bob.id, TODAY)
    assert standing is not None
    assert set(standing.team_ids) == {cast.detachment.id, squadron.id, below.id}
    assert standing.team is not None
    assert standing.team.code == "ZD01"
    assert standing.station_ids == [get_station("LC").id]


def test_a_station_leader_has_no_team_at_all(cast: Cast, make: Make) -> None:
    leader = make("lead", Role.STATION_LEADER, station_id=get_station("LC").id)
    standing = find_standing(leader.id, TODAY)
    assert standing is not None
    assert (standing.team_ids, standing.team, standing.is_brigade) == ([], None, False)


def test_appointments_count_only_in_their_time(cast: Cast, make: Make) -> None:
    soon = make("soon", from_on=TODAY + DAY)
    gone = make("gone", until_on=TODAY)
    last = make("last", until_on=TODAY + DAY)

    assert find_standing(soon.id, TODAY) is None
    assert find_standing(soon.id, TODAY + DAY) is not None
    assert find_standing(gone.id, TODAY) is None
    assert find_standing(last.id, TODAY) is not None


def test_only_within_the_own_teams(cast: Cast, now: datetime) -> None:
    account = new_account("eve", "伊芙")
    with pytest.raises(NotFound):
        add_appointed_admin(cast.bob.id, account, Post(Role.TEAM_ADMIN, cast.other.id), now, TODAY)
    with pytest.raises(NotFound):
        appoint(cast.bob.id, cast.charlie.id, Post(Role.TEAM_ADMIN, cast.brigade.id), now, TODAY)

    admin = add_appointed_admin(cast.bob.id, account, Post(Role.TEAM_ADMIN, cast.detachment.id), now, TODAY)
    assert admin.team_id == cast.detachment.id
    assert is_password(account.start_password, admin.password_hash)
    assert appointment_of(admin).appointed_by_id == cast.bob.id


def test_only_the_brigade_appoints_auditors_and_system_admins(cast: Cast, make: Make, now: datetime) -> None:
    post = Post(Role.AUDITOR, cast.detachment.id)
    with pytest.raises(RoleNotYours):
        add_appointed_admin(cast.bob.id, new_account("eve", "伊芙"), post, now, TODAY)
    sam = make("sam", Role.SYSTEM_ADMIN)
    assert add_appointed_admin(sam.id, new_account("eve", "伊芙"), post, now, TODAY).id
    squad = make("squad", Role.SYSTEM_ADMIN, cast.detachment)
    with pytest.raises(RoleNotYours):
        add_appointed_admin(squad.id, new_account("eve2", "伊芙"), post, now, TODAY)


def test_nobody_appoints_or_ends_oneself(cast: Cast, make: Make, now: datetime) -> None:
    dora, fred = make("dora"), make("fred")
    mine = appointment_of(dora).id
    with pytest.raises(NotOneself):
        appoint(dora.id, dora.id, Post(Role.TEAM_ADMIN, cast.other.id), now, TODAY)
    with pytest.raises(NotOneself):
        end_appointment(dora.id, mine, TODAY, now, TODAY)
    with pytest.raises(NotOneself):
        hand_over(dora.id, mine, fred.id, TODAY, now, TODAY)
    with pytest.raises(NotOneself):
        hand_over(dora.id, appointment_of(fred).id, dora.id, TODAY, now, TODAY)
    with pytest.raises(NotOneself):
        close_account(dora.id, dora.id, now, TODAY)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.STATION_LEADER])
def test_who_reads_appoints_nobody(cast: Cast, make: Make, now: datetime, role: Role) -> None:
    more = {"station_id": get_station("LC").id} if role is Role.STATION_LEADER else {}
    reader = make("reader", role, **more)
    with pytest.raises(OnlyDeputies):
        appoint(reader.id, cast.bob.id, Post(Role.TEAM_ADMIN, cast.other.id), now, TODAY)


def test_a_deputy_appoints_nobody(cast: Cast, make: Make, now: datetime) -> None:
    deputy = make("deputy", is_deputy=True)
    with pytest.raises(OnlyDeputies):
        end_appointment(deputy.id, appointment_of(cast.bob).id, TODAY, now, TODAY)


def test_setting_up_and_hours_stay_apart(cast: Cast, make: Make, now: datetime) -> None:
    dora, sam, ann = make("dora"), make("sam", Role.SYSTEM_ADMIN), make("ann", Role.AUDITOR)
    with pytest.raises(RolesApart):
        appoint(dora.id, cast.bob.id, Post(Role.SYSTEM_ADMIN, cast.brigade.id), now, TODAY)
    for person in (sam, ann):
        with pytest.raises(RolesApart):
            appoint(dora.id, person.id, Post(Role.TEAM_ADMIN, cast.detachment.id), now, TODAY)
    with pytest.raises(AppointedAlready):
        appoint(dora.id, cast.bob.id, Post(Role.TEAM_ADMIN, cast.detachment.id), now, TODAY)
    assert len(list_posts(cast.bob.id)) == 1


def test_an_ended_appointment_stays_as_history(cast: Cast, make: Make, now: datetime) -> None:
    dora = make("dora")
    end_appointment(dora.id, appointment_of(cast.bob).id, TODAY + DAY, now, TODAY)

    assert find_standing(cast.bob.id, TODAY) is not None
    assert find_standing(cast.bob.id, TODAY + DAY) is None
    kept = appointment_of(cast.bob)
    assert (kept.until_on, kept.ended_by_id) == (TODAY + DAY, dora.id)
    with pytest.raises(TermOver):
        end_appointment(dora.id, kept.id, TODAY - DAY, now, TODAY)


def test_a_foreign_appointment_is_as_unknown_as_none(cast: Cast, now: datetime) -> None:
    for number in (appointment_of(cast.charlie).id, 999):
        with pytest.raises(NotFound):
            end_appointment(cast.bob.id, number, TODAY, now, TODAY)
    with pytest.raises(NotFound):
        close_account(cast.bob.id, cast.charlie.id, now, TODAY)


def test_a_hand_over_leaves_no_day_without_and_none_with_both(cast: Cast, make: Make, now: datetime) -> None:
    dora, day = make("dora"), TODAY + 3 * DAY
    hand_over(dora.id, appointment_of(cast.bob).id, new_account("eve", "伊芙"), day, now, TODAY)
    eve = db.session.query(Admin).filter_by(username="eve").one()

    for offset in range(6):
        on = TODAY + offset * DAY
        standings = [find_standing(person.id, on) for person in (cast.bob, eve)]
        assert [one is not None for one in standings] == [on < day, on >= day]
        assert cast.detachment.id not in [
            team.id for team in list_teams_without_admin([cast.detachment.id], on)
        ]


def test_a_refused_hand_over_changes_nothing(cast: Cast, make: Make, now: datetime) -> None:
    dora, ann = make("dora"), make("ann", Role.AUDITOR)
    with pytest.raises(RolesApart):
        hand_over(dora.id, appointment_of(cast.bob).id, ann.id, TODAY, now, TODAY)
    with pytest.raises(UsernameTaken):
        hand_over(dora.id, appointment_of(cast.bob).id, new_account("charlie", "查理"), TODAY, now, TODAY)
    assert appointment_of(cast.bob).until_on is None


def test_a_closed_account_leaves_its_team_without_an_admin(cast: Cast, make: Make, now: datetime) -> None:
    dora = make("dora")
    assert list_teams_without_admin([cast.detachment.id], TODAY) == []

    close_account(dora.id, cast.bob.id, now, TODAY)

    assert [team.code for team in list_teams_without_admin([cast.detachment.id], TODAY)] == ["FD01"]
    with pytest.raises(AdminInactive):
        appoint(dora.id, cast.bob.id, Post(Role.TEAM_ADMIN, cast.other.id), now, TODAY)
    reopen_account(dora.id, cast.bob.id, TODAY)
    assert find_standing(cast.bob.id, TODAY) is None
    appoint(dora.id, cast.bob.id, Post(Role.TEAM_ADMIN, cast.other.id), now, TODAY)
    assert find_standing(cast.bob.id, TODAY) is not None


def test_a_deputy_alone_or_a_dissolved_team_is_told_apart(cast: Cast, make: Make, now: datetime) -> None:
    dora = make("dora")
    end_appointment(dora.id, appointment_of(cast.bob).id, TODAY, now, TODAY)
    post = Post(Role.TEAM_ADMIN, cast.detachment.id, from_on=TODAY, is_deputy=True)
    appoint(dora.id, cast.bob.id, post, now, TODAY)

    ids = [cast.detachment.id, cast.other.id]
    assert [team.code for team in list_teams_without_admin(ids, TODAY)] == ["FD01"]
    db.session.get_one(Team, cast.detachment.id).dissolved_on = TODAY
    db.session.commit()
    assert list_teams_without_admin(ids, TODAY) == []


def test_who_sets_the_system_up_never_holds_the_password_of_who_keeps_members(
    cast: Cast, make: Make, now: datetime
) -> None:
    setter = make("setter", Role.SYSTEM_ADMIN)
    other = make("other", Role.SYSTEM_ADMIN)

    with pytest.raises(HoursNotYours):
        renew_start_password(setter.id, cast.bob.id, now, TODAY)

    assert renew_start_password(setter.id, other.id, now, TODAY)


@pytest.mark.parametrize(
    ("role", "state"), [(Role.TEAM_ADMIN, RowState.ADDED), (Role.SYSTEM_ADMIN, RowState.REJECTED)]
)
def test_a_list_gives_posts_only_for_who_may_still_give_them(
    cast: Cast, make: Make, now: datetime, role: Role, state: RowState
) -> None:
    writer = make("writer", role)
    lists = AdminLists(ZoneInfo("Asia/Shanghai"), writer.id)
    row = StagedRow(2, {AdminField.USERNAME: "erin", AdminField.NAME: "艾琳", AdminField.TEAM: "FD02"})
    lists.judge(row, frozenset({AdminField.TEAM}), TODAY)
    lists.prepare([row])

    with transaction():
        lists.write([row], Reach(cast.brigade.id, frozenset({cast.brigade.id, cast.other.id})), now)

    assert (row.state, bool(row.secret)) == (state, state == RowState.ADDED)
    assert db.session.query(Admin).filter_by(username="erin").count() == (state == RowState.ADDED)


def test_a_new_start_password_ends_the_old_one_and_every_other_way_in(
    cast: Cast, make: Make, now: datetime
) -> None:
    dora = make("dora")
    kept = {"admin_id": cast.bob.id, "credential_id": "1", "public_key": b"1", "name": "手机"}
    db.session.add(Passkey(**kept, rp_id="localhost", sign_count=0, created_at=now))
    factor = {"admin_id": cast.bob.id, "secret_sealed": b"1", "last_step": 0}
    db.session.add(SecondFactor(**factor, begun_at=now, confirmed_at=now))
    db.session.add(RecoveryCode(admin_id=cast.bob.id, code_hash="1" * 64))
    db.session.commit()
    assert has_second_step(cast.bob)
    password = renew_start_password(dora.id, cast.bob.id, now, TODAY)
    bob = db.session.get_one(Admin, cast.bob.id)
    assert is_password(password, bob.password_hash)
    assert bob.start_hash == bob.password_hash
    assert not has_second_step(bob)
    assert count_recovery_codes(bob) == 0
    with pytest.raises(NotFound):
        renew_start_password(cast.charlie.id, cast.bob.id, now, TODAY)


def test_who_is_locked_may_still_be_named_in_what_others_write(cast: Cast, now: datetime) -> None:
    if db.engine.dialect.name != "postgresql":
        return  # SQLite lets one write at a time.
    team_id, bob_id = cast.detachment.id, cast.bob.id
    post = {"role": Role.AUDITOR, "team_id": team_id, "admin_id": bob_id, "is_deputy": False}
    with transaction():
        lock_admin(bob_id)
        with db.engine.begin() as other:
            other.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
            other.execute(insert(Appointment).values(**post, appointed_at=now))

    assert len(list_posts(bob_id)) == 2
