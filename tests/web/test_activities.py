"""Activities: written, published, answered by members, printed as a roster."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import PASSWORD_HASH, Cast
from tests.drawing.rasters import texts
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.activities import RiskPolicy
from volunteer.domain.roles import Role
from volunteer.models.activities import Activity, Participation
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin, Member
from volunteer.models.records import ServiceRecord
from volunteer.models.training_records import TrainingRecord
from volunteer.queries.stations import get_station
from volunteer.services.activities import choose_risk_policy
from volunteer.services.members import add_member
from volunteer.services.participations import sign_up

SignIn = Callable[[object], FlaskClient]
FORM = {
    "name": "路口文明劝导",
    "category": "civil_travel",
    "held_on": "2099-09-15",
    "begins": "09:00",
    "ends": "11:00",
    "place": "龙城大道路口",
    "station": "LC",
    "content": "劝导行人走斑马线",
    "organising_unit": "第一分队",
    "person_in_charge": "李四",
    "team": "FD01",
    "places": "1",
    "risk_level": "none",
}


@pytest.fixture
def published(cast: Cast) -> Activity:
    """An activity of alice's team tomorrow, with one place, as the pages know tomorrow."""
    return publish(cast)


def publish(cast: Cast, **more: object) -> Activity:
    starts_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    values: dict[str, object] = {
        "name": "路口劝导",
        "category": "civil_travel",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "team_id": cast.detachment.id,
        "places": 1,
    }
    activity = Activity(**values | more)
    db.session.add(activity)
    db.session.commit()
    return activity


def another(number: str, name: str, team: str, now: datetime) -> Member:
    return add_member(number, name, team, now)


def state_of(member: Member) -> str | None:
    db.session.rollback()
    statement = select(Participation.state).where(Participation.member_id == member.id)
    return db.session.execute(statement).scalar_one_or_none()


def test_an_activity_is_written_published_and_seen_by_members(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/activities/new", data=FORM).location

    hidden = sign_in(cast.alice).get("/me/activities").text
    sign_in(cast.bob).post(f"{address}/publish")
    page = client.get(address).text
    shown = sign_in(cast.alice).get("/me/activities").text

    assert "路口文明劝导" not in hidden
    assert "路口文明劝导" in shown
    for told in ("龙城大道路口", "劝导行人走斑马线", "第一分队", "李四", "09:00–11:00", "文明出行", "已发布"):
        assert told in page


def test_the_seven_fields_are_kept_and_can_be_changed_and_copied(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/activities/new", data=FORM).location

    client.post(f"{address}/edit", data={**FORM, "person_in_charge": "王五", "places": ""})
    activity = db.session.execute(select(Activity)).scalar_one()
    copied = client.get(f"/admin/activities/new?copy={activity.id}").text

    assert (activity.name, activity.place, activity.content) == (
        "路口文明劝导",
        "龙城大道路口",
        "劝导行人走斑马线",
    )
    assert (activity.organising_unit, activity.person_in_charge) == ("第一分队", "王五")
    assert activity.starts_at.isoformat() == "2099-09-15T01:00:00+00:00"
    assert activity.places is None
    assert 'value="路口文明劝导"' in copied
    assert "2099-09-15" not in copied


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"place": ""}, "请填写名称、地点、内容"),
        ({"held_on": "2020-01-01"}, "这个时间已经过去"),
        ({"uncountable_reason": "会议"}, "没有勾选“不计入志愿服务时长”"),
        ({"held_on": "昨天"}, "2026-01-15 这样的格式"),
        ({"begins": "九点"}, "09:00 这样的格式"),
        ({"places": "0"}, "需要人数应为"),
        ({"risk_level": "high"}, "请写明风险提示"),
        ({"is_uncountable": "1"}, "请写明原因"),
        ({"name": "长" * 121}, "最多 120 个字"),
    ],
)
def test_what_the_law_asks_for_must_be_told(
    sign_in: SignIn, cast: Cast, change: dict[str, str], sentence: str
) -> None:
    response = sign_in(cast.bob).post("/admin/activities/new", data={**FORM, **change})

    assert response.status_code == 422
    assert sentence in response.text
    assert 'value="李四"' in response.text


@pytest.mark.parametrize("change", [{"team": "FD02"}, {"station": "NO"}, {"team": ""}])
def test_an_activity_needs_a_team_and_a_station_of_the_admin(
    sign_in: SignIn, cast: Cast, change: dict[str, str]
) -> None:
    assert sign_in(cast.bob).post("/admin/activities/new", data={**FORM, **change}).status_code == 404


def test_an_admin_of_another_team_finds_no_address_of_the_activity(
    sign_in: SignIn, cast: Cast, published: Activity
) -> None:
    client, base = sign_in(cast.charlie), f"/admin/activities/{published.id}"

    for address in (base, f"{base}/edit", f"{base}/publish", f"{base}/cancel", f"{base}/roster.pdf"):
        assert client.get(address).status_code == 404
    for address in (f"{base}/participants", f"{base}/participants/1", f"{base}/cancel"):
        assert client.post(address, data={"state": "declined", "reason": "x"}).status_code == 404
    assert client.get(f"/admin/activities/new?copy={published.id}").status_code == 404
    assert "路口劝导" not in client.get(f"/admin/activities?month={published.starts_at:%Y-%m}").text


def test_a_member_of_another_team_neither_sees_nor_joins(
    sign_in: SignIn, cast: Cast, published: Activity, now: datetime
) -> None:
    client = sign_in(another("B001", "李四", "FD02", now))

    assert "路口劝导" not in client.get("/me/activities").text
    assert client.get(f"/me/activities/{published.id}").status_code == 404
    answer = client.post(f"/me/activities/{published.id}", data={"answer": "sign_up"})
    assert answer.status_code == 404


def test_an_activity_of_the_brigade_is_open_to_every_team(sign_in: SignIn, cast: Cast) -> None:
    publish(cast, name="全区行动", team_id=cast.brigade.id)
    publish(cast, name="老活动", team_id=None)

    page = sign_in(cast.alice).get("/me/activities").text

    assert "全区行动" in page
    assert "老活动" in page


def test_a_draft_is_closed_to_members(sign_in: SignIn, cast: Cast) -> None:
    draft = publish(cast, state="draft")
    assert sign_in(cast.alice).get(f"/me/activities/{draft.id}").status_code == 404


def test_who_comes_when_all_places_are_taken_waits_and_moves_up_when_one_leaves(
    sign_in: SignIn, cast: Cast, published: Activity, now: datetime
) -> None:
    late, address = another("A002", "王五", "FD01", now), f"/me/activities/{published.id}"

    sign_in(cast.alice).post(address, data={"answer": "sign_up"})
    waiting = sign_in(late).post(address, data={"answer": "sign_up"}, follow_redirects=True).text
    assert "候补" in waiting
    left = sign_in(cast.alice).post(
        address, data={"answer": "leave", "reason": "出差"}, follow_redirects=True
    )

    assert "没有任何影响" in left.text
    assert (state_of(cast.alice), state_of(late)) == ("on_leave", "signed_up")


def test_more_places_let_in_who_waits(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    activity = publish(cast)
    late = another("A002", "王五", "FD01", now)
    for person in (cast.alice, late):
        sign_in(person).post(f"/me/activities/{activity.id}", data={"answer": "sign_up"})

    sign_in(cast.bob).post(f"/admin/activities/{activity.id}/edit", data={**FORM, "places": "2"})

    assert state_of(late) == "signed_up"


def test_declining_and_taking_leave_leave_no_mark_but_the_answer(
    sign_in: SignIn, cast: Cast, published: Activity
) -> None:
    client, address = sign_in(cast.alice), f"/me/activities/{published.id}"

    client.post(address, data={"answer": "decline"})
    assert state_of(cast.alice) == "declined"
    client.post(address, data={"answer": "sign_up"})

    assert state_of(cast.alice) == "signed_up"
    assert len(db.session.execute(select(Participation)).all()) == 1


def test_leave_without_a_sign_up_is_answered_in_words(
    sign_in: SignIn, cast: Cast, published: Activity
) -> None:
    response = sign_in(cast.alice).post(f"/me/activities/{published.id}", data={"answer": "leave"})

    assert response.status_code == 422
    assert "还没有报名" in response.text


def test_a_substitute_takes_over_once_the_substitute_agrees(
    sign_in: SignIn, cast: Cast, published: Activity, now: datetime
) -> None:
    other, address = another("A002", "王五", "FD01", now), f"/me/activities/{published.id}"
    client = sign_in(cast.alice)
    client.post(address, data={"answer": "sign_up"})
    client.post(address, data={"answer": "substitute", "volunteer_no": "a002"})
    assert state_of(cast.alice) == "signed_up"
    asked = db.session.execute(select(Participation.id)).scalar_one()

    assert "张三 请您顶" in sign_in(other).get("/me/activities").text
    client.post(address, data={"answer": "accept", "participation": asked})

    assert (state_of(cast.alice), state_of(other)) == ("substituted", "signed_up")
    assert "由 王五（A002）顶班" in sign_in(cast.bob).get(f"/admin/activities/{published.id}").text


def test_a_substitute_may_say_no_and_nobody_else_can_answer(
    sign_in: SignIn, cast: Cast, published: Activity, now: datetime
) -> None:
    other, third = another("A002", "王五", "FD01", now), another("A003", "赵六", "FD01", now)
    address = f"/me/activities/{published.id}"
    sign_in(cast.alice).post(address, data={"answer": "sign_up"})
    sign_in(cast.alice).post(address, data={"answer": "substitute", "volunteer_no": "A002"})
    asked = db.session.execute(select(Participation.id)).scalar_one()

    wrong = sign_in(third).post(address, data={"answer": "accept", "participation": asked})
    sign_in(other).post(address, data={"answer": "refuse", "participation": asked})
    late = sign_in(other).post(address, data={"answer": "accept", "participation": asked})

    assert (wrong.status_code, late.status_code) == (422, 422)
    assert (state_of(cast.alice), state_of(other)) == ("signed_up", None)


@pytest.mark.parametrize("number", ["A001", "B001", "NOBODY"])
def test_an_unsuitable_substitute_is_refused_in_the_same_words(
    sign_in: SignIn, cast: Cast, published: Activity, now: datetime, number: str
) -> None:
    another("B001", "李四", "FD02", now)
    client, address = sign_in(cast.alice), f"/me/activities/{published.id}"
    client.post(address, data={"answer": "sign_up"})

    response = client.post(address, data={"answer": "substitute", "volunteer_no": number})

    assert response.status_code == 422
    assert "另一位志愿者的编号" in response.text


def test_an_admin_signs_members_up_and_marks_them(sign_in: SignIn, cast: Cast, published: Activity) -> None:
    client, base = sign_in(cast.bob), f"/admin/activities/{published.id}"

    client.post(f"{base}/participants", data={"volunteer_no": "a001"})
    part = db.session.execute(select(Participation)).scalar_one()
    assert part.state == "signed_up"
    client.post(f"{base}/participants/{part.id}", data={"state": "on_leave"})
    assert state_of(cast.alice) == "on_leave"

    assert client.post(f"{base}/participants", data={"volunteer_no": "NO1"}).status_code == 422
    assert client.post(f"{base}/participants/{part.id}", data={"state": "substituted"}).status_code == 400
    assert client.post(f"{base}/participants/99", data={"state": "declined"}).status_code == 404


def test_marking_who_waits_as_signed_up_in_a_full_activity_says_that_it_is_full(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    full = publish(cast, places=1)
    for member_id in (cast.alice.id, add_member("A002", "李四", "FD01", now).id):
        sign_up(full.id, member_id, now)
    waiting = db.session.execute(select(Participation).filter_by(state="waiting")).scalar_one()
    path = f"/admin/activities/{full.id}/participants/{waiting.id}"

    refused = sign_in(cast.bob).post(path, data={"state": "signed_up"})

    assert refused.status_code == 422
    assert "名额已满，这位志愿者还在候补名单里" in refused.text
    assert sign_in(cast.charlie).post(path, data={"state": "signed_up"}).status_code == 404


def test_sign_ups_for_the_same_time_are_warned_of(sign_in: SignIn, cast: Cast, published: Activity) -> None:
    second = publish(cast, name="另一个活动", starts_at=published.starts_at + timedelta(hours=1))
    client = sign_in(cast.alice)
    for activity in (published, second):
        client.post(f"/me/activities/{activity.id}", data={"answer": "sign_up"})

    assert "同一时间您还报名了“另一个活动”" in client.get(f"/me/activities/{published.id}").text
    page = sign_in(cast.bob).get(f"/admin/activities/{second.id}").text
    assert "同一时间还报名了“路口劝导”" in page


def test_a_cancelled_activity_says_why_and_takes_no_answers(
    sign_in: SignIn, cast: Cast, published: Activity
) -> None:
    sign_in(cast.alice).post(f"/me/activities/{published.id}", data={"answer": "sign_up"})
    client, base = sign_in(cast.bob), f"/admin/activities/{published.id}"
    assert client.post(f"{base}/cancel", data={"reason": ""}).status_code == 422

    client.post(f"{base}/cancel", data={"reason": "暴雨预警"})

    alice = sign_in(cast.alice)
    assert "暴雨预警" in alice.get("/me/activities").text
    answer = alice.post(f"/me/activities/{published.id}", data={"answer": "leave"})
    assert answer.status_code == 422
    assert sign_in(cast.bob).post(f"{base}/edit", data=FORM).status_code == 422


def test_what_is_over_takes_no_sign_ups(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    past = publish(cast, starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=1))

    client = sign_in(cast.alice)

    assert client.post(f"/me/activities/{past.id}", data={"answer": "sign_up"}).status_code == 422
    assert "路口劝导" not in client.get("/me/activities").text


def test_training_is_asked_for_before_the_sign_up(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    gated = publish(cast, training_needed="交通安全培训")
    client, address = sign_in(cast.alice), f"/me/activities/{gated.id}"

    refused = client.post(address, data={"answer": "sign_up"})
    db.session.add(
        TrainingRecord(
            member_id=cast.alice.id,
            name="交通安全培训",
            content="手势",
            learning_minutes=60,
            organiser="交警",
            held_on=now.date(),
            entered_by_id=cast.bob.id,
            entered_at=now,
        )
    )
    db.session.commit()

    assert refused.status_code == 422
    assert "需要先有“交通安全培训”" in refused.text
    assert client.post(address, data={"answer": "sign_up"}).status_code == 302


RISKY = {"risk_level": "high", "risk_note": "站在车行道旁"}


def test_a_risky_activity_without_insurance_warns(sign_in: SignIn, cast: Cast) -> None:
    risky = publish(cast, **RISKY)

    page = sign_in(cast.bob).get(f"/admin/activities/{risky.id}").text
    seen = sign_in(cast.alice).get(f"/me/activities/{risky.id}").text
    signed = sign_in(cast.alice).post(f"/me/activities/{risky.id}", data={"answer": "sign_up"})

    assert "有风险，没有保险单号" in page
    assert "站在车行道旁" in seen
    assert "还没有登记保险" in seen
    assert signed.status_code == 302


def test_where_the_brigade_says_so_it_is_neither_published_nor_joined(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    draft, risky = publish(cast, state="draft", **RISKY), publish(cast, **RISKY)
    assert sign_in(cast.bob).post("/admin/activities/policy", data={"policy": "block"}).status_code == 404
    sign_in(brigade_admin).post("/admin/activities/policy", data={"policy": "block"})

    refused = sign_in(cast.bob).post(f"/admin/activities/{draft.id}/publish")
    joined = sign_in(cast.alice).post(f"/me/activities/{risky.id}", data={"answer": "sign_up"})

    assert (refused.status_code, joined.status_code) == (422, 422)
    assert "没有保险单号" in refused.text


@pytest.mark.parametrize(
    ("change", "is_plan"),
    [
        ({}, True),
        ({"state": "draft"}, False),
        ({"state": "cancelled"}, False),
        ({**RISKY, "insurance_no": "P-1"}, True),
    ],
)
def test_only_what_is_published_and_covered_is_a_plan_for_check_ins(
    cast: Cast,
    now: datetime,
    hold: Callable[[datetime], None],
    change: dict[str, object],
    is_plan: bool,
) -> None:
    window = {"starts_at": now, "ends_at": now + timedelta(hours=2), "station_id": cast.sender.station_id}
    activity = publish(cast, **window, **change)
    choose_risk_policy(RiskPolicy.BLOCK, now)

    hold(now)

    record = db.session.execute(select(ServiceRecord)).scalar_one()
    assert record.activity_id == (activity.id if is_plan else None)


@pytest.mark.parametrize(("is_countable", "minutes"), [(True, 120), (False, 0)])
def test_service_at_an_activity_that_does_not_count_is_recorded_with_no_hours(
    sign_in: SignIn,
    cast: Cast,
    now: datetime,
    hold: Callable[[datetime], None],
    is_countable: bool,
    minutes: int,
) -> None:
    window = {"starts_at": now, "ends_at": now + timedelta(hours=2), "station_id": cast.sender.station_id}
    why = {"is_countable": is_countable, "uncountable_reason": "内部排练"}
    activity = publish(cast, **window, **why)

    hold(now)
    hold(now + timedelta(hours=2))

    record = db.session.execute(select(ServiceRecord)).scalar_one()
    assert (record.activity_id, record.state, record.minutes) == (activity.id, "closed", minutes)
    page = sign_in(cast.bob).get(f"/admin/activities/{activity.id}").text
    assert ("内部排练" in page) is not is_countable


def test_with_the_warning_only_a_risky_activity_is_still_a_plan(
    cast: Cast, now: datetime, hold: Callable[[datetime], None]
) -> None:
    window = {"starts_at": now, "ends_at": now + timedelta(hours=2), "station_id": cast.sender.station_id}
    activity = publish(cast, **window, **RISKY)

    hold(now)

    assert db.session.execute(select(ServiceRecord.activity_id)).scalar_one() == activity.id


def test_the_roster_sheet_names_who_comes(sign_in: SignIn, cast: Cast, tmp_path: Path, now: datetime) -> None:
    activity = publish(cast, place="路口", content="劝导", person_in_charge="李四", places=5)
    absent = another("A002", "王五", "FD01", now)
    sign_in(cast.alice).post(f"/me/activities/{activity.id}", data={"answer": "sign_up"})
    sign_in(absent).post(f"/me/activities/{activity.id}", data={"answer": "decline"})

    response = sign_in(cast.bob).get(f"/admin/activities/{activity.id}/roster.pdf")

    assert response.mimetype == "application/pdf"
    (page,) = texts(response.data, tmp_path)
    for told in ("路口劝导", "张三", "A001", "李四", "签名"):
        assert told in page
    assert "王五" not in page


def test_a_rare_name_stops_no_roster_and_is_told_beside_it(
    sign_in: SignIn, cast: Cast, tmp_path: Path, now: datetime
) -> None:
    activity = publish(cast, places=5)
    address = f"/admin/activities/{activity.id}"
    for member in (cast.alice, another("A002", "𪚥一", "FD01", now)):
        sign_in(member).post(f"/me/activities/{activity.id}", data={"answer": "sign_up"})

    page, roster = sign_in(cast.bob).get(address).text, sign_in(cast.bob).get(f"{address}/roster.pdf")

    assert '𪚥一 A002 <span class="soft">缺字：U+2A6A5 𪚥</span>' in page
    (sheet,) = texts(roster.data, tmp_path)
    for told in ("张三", "□一", "A002"):
        assert told in sheet


def test_the_list_shows_how_many_are_needed_in_few_statements(
    sign_in: SignIn, cast: Cast, published: Activity
) -> None:
    for number in range(12):
        publish(cast, name=f"活动{number}")
    sign_in(cast.alice).post(f"/me/activities/{published.id}", data={"answer": "sign_up"})
    client = sign_in(cast.bob)
    month = published.starts_at.astimezone(client.application.config["TIMEZONE"])

    with counted_statements() as seen:
        page = client.get(f"/admin/activities?month={month:%Y-%m}").text

    assert "已报 1 人，需要 1 人" in page
    assert len([one for one in seen if one.startswith(("SELECT", "WITH"))]) <= 9
    assert client.get("/admin/activities?month=x").status_code == 400


def test_an_empty_month_says_what_to_do(sign_in: SignIn, cast: Cast) -> None:
    assert "这个月还没有活动" in sign_in(cast.bob).get("/admin/activities?month=2030-01").text


def lead_station(cast: Cast, now: datetime) -> Admin:
    """Somebody who leads station LC and has no team."""
    station_id = get_station("LC").id
    leader = Admin(
        username="dora",
        name="朵拉",
        team_id=cast.other.id,
        password_hash=PASSWORD_HASH,
        created_at=now,
        appointments=[Appointment(role=Role.STATION_LEADER, station_id=station_id, appointed_at=now)],
    )
    db.session.add(leader)
    db.session.commit()
    return leader


def test_a_station_leader_reads_the_activities_at_the_station_and_changes_nothing(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    here = publish(cast, name="站前劝导", station_id=get_station("LC").id)
    sign_in(cast.alice).post(f"/me/activities/{here.id}", data={"answer": "sign_up"})
    client, base = sign_in(lead_station(cast, now)), f"/admin/activities/{here.id}"

    shown = client.get(f"/admin/activities?month={here.starts_at:%Y-%m}").text
    page = client.get(base).text

    assert "站前劝导" in shown
    assert "张三" in page
    assert "/admin/members/A001" not in page
    assert client.get(f"{base}/roster.pdf").status_code == 200
    assert client.post(f"{base}/cancel", data={"reason": "x"}).status_code == 403


def test_a_station_leader_finds_neither_activities_elsewhere_nor_drafts(
    sign_in: SignIn, cast: Cast, published: Activity, now: datetime
) -> None:
    draft = publish(cast, name="草稿活动", station_id=get_station("LC").id, state="draft")
    client = sign_in(lead_station(cast, now))

    assert client.get(f"/admin/activities/{published.id}").status_code == 404
    assert client.get(f"/admin/activities/{published.id}/roster.pdf").status_code == 404
    assert client.get(f"/admin/activities/{draft.id}").status_code == 404


def test_a_teams_admin_reads_what_a_team_above_published_and_signs_up_own_members(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    another("B001", "李四", "FD02", now)
    above = publish(cast, name="全区行动", team_id=cast.brigade.id, places=None)
    base = f"/admin/activities/{above.id}"
    sign_in(cast.charlie).post(f"{base}/participants", data={"volunteer_no": "B001"})

    client = sign_in(cast.bob)
    client.post(f"{base}/participants", data={"volunteer_no": "A001"})
    page = client.get(base).text

    assert "全区行动" in client.get(f"/admin/activities?month={above.starts_at:%Y-%m}").text
    assert state_of(cast.alice) == "signed_up"
    assert "张三" in page
    assert "李四" not in page
    assert f"{base}/edit" not in page
    assert client.post(f"{base}/participants", data={"volunteer_no": "B001"}).status_code == 422


def test_what_a_team_above_organises_is_changed_by_its_own_admins_only(
    sign_in: SignIn, cast: Cast, now: datetime, tmp_path: Path
) -> None:
    another("B001", "李四", "FD02", now)
    above = publish(cast, name="全区行动", team_id=cast.brigade.id)
    draft = publish(cast, name="草稿活动", team_id=cast.brigade.id, state="draft")
    base = f"/admin/activities/{above.id}"
    sign_in(cast.charlie).post(f"{base}/participants", data={"volunteer_no": "B001"})
    foreign = db.session.execute(select(Participation.id)).scalar_one()

    client = sign_in(cast.bob)
    for address in (f"{base}/edit", f"{base}/publish", f"{base}/cancel"):
        assert client.get(address).status_code == 404
    assert client.get(f"/admin/activities/{draft.id}").status_code == 404
    marked = client.post(f"{base}/participants/{foreign}", data={"state": "declined"})
    assert marked.status_code == 404
    with client.get(f"{base}/roster.pdf") as roster:
        (sheet,) = texts(roster.data, tmp_path)
    assert "全区行动" in sheet
    assert "李四" not in sheet
