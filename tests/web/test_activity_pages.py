"""The page of an activity: who came, what to mind, and slips that are answered above the form."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import PASSWORD_HASH, Cast, installation
from tests.web.test_activities import FORM, RISKY, another, publish, state_of
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.activities import RiskPolicy
from volunteer.domain.roles import Role
from volunteer.models.activities import Activity, Participation
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin, Member
from volunteer.models.training_records import TrainingRecord
from volunteer.services.activities import choose_risk_policy
from volunteer.services.cards import issue_card
from volunteer.services.merges import Judge, merge_members

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
BEGAN = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


@pytest.fixture
def held(cast: Cast) -> Activity:
    """An activity of alice's team that is over, at a station with a terminal."""
    return publish(
        cast, station_id=cast.sender.station_id, starts_at=BEGAN, ends_at=BEGAN + timedelta(hours=2)
    )


@pytest.fixture
def come(cast: Cast, hold: Hold, request: pytest.FixtureRequest) -> Callable[[str, str], Member]:
    """Somebody of a team comes to the station without having signed up."""
    minutes: Iterator[int] = iter(range(60))

    def tap(number: str, team: str) -> Member:
        person = another(number, f"志愿者{number}", team, BEGAN)
        _, token = issue_card(number, installation(request.getfixturevalue("app")).keys, BEGAN)
        hold(BEGAN + timedelta(minutes=next(minutes)), token)
        return person

    return tap


def sign_up(activity: Activity, member: Member, state: str = "signed_up") -> Participation:
    part = Participation(activity_id=activity.id, member_id=member.id, state=state, state_at=BEGAN)
    db.session.add(part)
    db.session.commit()
    return part


def train(cast: Cast, name: str) -> None:
    db.session.add(
        TrainingRecord(
            member_id=cast.alice.id, name=name, content="手势", learning_minutes=60, organiser="交警",
            held_on=BEGAN.date(), entered_by_id=cast.bob.id, entered_at=BEGAN,
        )
    )  # fmt: skip
    db.session.commit()


def test_who_came_without_signing_up_is_listed_and_counted(
    sign_in: SignIn, cast: Cast, held: Activity, hold: Hold, come: Callable[[str, str], Member]
) -> None:
    sign_up(held, cast.alice)
    hold(BEGAN)
    come("A007", "FD01")

    page = sign_in(cast.bob).get(f"/admin/activities/{held.id}").text

    assert '<a href="#came">2 人</a>' in page
    assert "没有报名、已签到（1 人）" in page
    came = page[page.index('id="came"') :]
    assert "志愿者A007" in came
    assert "张三" not in came
    assert "有签到" in page[: page.index('id="came"')]


def test_who_came_from_other_teams_is_counted_and_not_named(
    sign_in: SignIn, cast: Cast, held: Activity, come: Callable[[str, str], Member]
) -> None:
    come("A007", "FD01")
    come("B007", "FD02")

    page = sign_in(cast.bob).get(f"/admin/activities/{held.id}").text

    assert "没有报名、已签到（2 人）" in page
    assert "志愿者A007" in page
    assert "志愿者B007" not in page
    assert "另有 1 人是别的队伍的" in page
    assert sign_in(cast.charlie).get(f"/admin/activities/{held.id}").status_code == 404


def test_the_station_s_leader_reads_everybody_who_came(
    sign_in: SignIn, cast: Cast, held: Activity, come: Callable[[str, str], Member]
) -> None:
    come("B007", "FD02")
    post = Appointment(role=Role.STATION_LEADER, station_id=cast.sender.station_id, appointed_at=BEGAN)
    leader = Admin(
        username="erin", name="站长", team_id=cast.other.id, password_hash=PASSWORD_HASH, created_at=BEGAN,
        appointments=[post],
    )  # fmt: skip
    db.session.add(leader)
    db.session.commit()

    assert "志愿者B007" in sign_in(leader).get(f"/admin/activities/{held.id}").text


def test_who_came_stands_on_pages_of_fifty_and_asks_no_more_for_more(
    sign_in: SignIn, cast: Cast, held: Activity, come: Callable[[str, str], Member]
) -> None:
    for number in range(51):
        come(f"A1{number:02}", "FD01")
    client = sign_in(cast.bob)

    with counted_statements() as seen:
        first = client.get(f"/admin/activities/{held.id}").text
    second = client.get(f"/admin/activities/{held.id}?page=2").text

    assert ("志愿者A149" in first, "志愿者A150" in first, "志愿者A150" in second) == (True, False, True)
    assert f"/admin/activities/{held.id}?page=2#came" in first
    assert len([one for one in seen if one.startswith(("SELECT", "WITH"))]) <= 14


def test_nobody_who_only_declined_is_called_unannounced(
    sign_in: SignIn, cast: Cast, held: Activity, hold: Hold
) -> None:
    sign_up(held, cast.alice, "declined")
    hold(BEGAN)

    page = sign_in(cast.bob).get(f"/admin/activities/{held.id}").text

    assert "到场 1 人" in page
    assert "没有报名、已签到" not in page


def test_merged_duplicates_came_as_the_one_person_who_had_signed_up(
    app: Flask, sign_in: SignIn, cast: Cast, held: Activity, hold: Hold
) -> None:
    sign_up(held, cast.alice)
    another("A009", "张三", "FD01", BEGAN)
    _, token = issue_card("A009", installation(app).keys, BEGAN)
    hold(BEGAN, token)
    hold(BEGAN + timedelta(hours=2), token)

    judge = Judge(cast.bob.id, frozenset({cast.detachment.id}), held.ends_at, BEGAN.date())
    merge_members("A001", "A009", "重复登记", judge)

    page = sign_in(cast.bob).get(f"/admin/activities/{held.id}").text
    assert "到场 1 人" in page
    assert "没有报名、已签到" not in page
    assert "有签到" in page[: page.index('id="came"')]


def test_who_signed_up_under_two_numbers_that_were_merged_stands_there_once(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    coming = publish(cast, places=5)
    twin = another("A009", "张三", "FD01", now)
    for person in (cast.alice, twin):
        sign_up(coming, person)
    judge = Judge(cast.bob.id, frozenset({cast.detachment.id}), now, now.date())

    merge_members("A001", "A009", "重复登记", judge)
    page = sign_in(cast.bob).get(f"/admin/activities/{coming.id}").text
    answer = sign_in(twin).post(f"/me/activities/{coming.id}", data={"answer": "decline"})

    assert page.count('class="row-card"') == 1
    assert "A009" not in page
    assert (answer.status_code, state_of(cast.alice)) == (422, "signed_up")
    assert "请在保留的那份档案上办理" in answer.text
    assert sign_in(cast.charlie).get(f"/admin/activities/{coming.id}").status_code == 404


@pytest.mark.parametrize("number", ["LL00999", "B001"])
def test_a_slip_in_the_number_is_answered_above_the_form_and_tells_nothing_of_others(
    sign_in: SignIn, cast: Cast, now: datetime, number: str
) -> None:
    another("B001", "李四", "FD02", now)
    activity = publish(cast)

    response = sign_in(cast.bob).post(
        f"/admin/activities/{activity.id}/participants", data={"volunteer_no": number.lower()}
    )

    assert response.status_code == 422
    assert f"没有找到这些编号，或不在您的管理范围内：{number}" in response.text
    assert f'value="{number.lower()}"' in response.text


def test_a_risk_note_without_a_risk_is_refused(sign_in: SignIn, cast: Cast) -> None:
    form = {**FORM, "risk_note": "站在车行道旁"}

    refused = sign_in(cast.bob).post("/admin/activities/new", data=form)
    taken = sign_in(cast.bob).post("/admin/activities/new", data={**form, "risk_level": "low"})

    assert refused.status_code == 422
    assert "请在“风险”里选有什么风险" in refused.text
    assert taken.status_code == 302


def test_an_old_risk_note_and_an_insurance_number_are_always_shown(sign_in: SignIn, cast: Cast) -> None:
    old = publish(cast, risk_note="站在车行道旁", insurance_no="P-1", content="劝导行人")

    for page in (
        sign_in(cast.bob).get(f"/admin/activities/{old.id}").text,
        sign_in(cast.alice).get(f"/me/activities/{old.id}").text,
    ):
        assert "站在车行道旁" in page
        assert "保险单号 P-1" in page
        assert "<strong>活动内容：</strong>劝导行人" in page


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [(RiskPolicy.WARN, "请在活动开始前为志愿者买保险"), (RiskPolicy.BLOCK, "之前不能发布、报名和签到")],
)
def test_who_publishes_reads_once_more_that_insurance_is_missing(
    sign_in: SignIn, cast: Cast, policy: RiskPolicy, sentence: str
) -> None:
    choose_risk_policy(policy, BEGAN)
    risky, safe = (publish(cast, state="draft", **more) for more in (RISKY, {}))
    client = sign_in(cast.bob)

    assert sentence in client.get(f"/admin/activities/{risky.id}/publish").text
    assert "保险" not in client.get(f"/admin/activities/{safe.id}/publish").text


def test_training_has_its_own_category_and_never_counts(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    assert "培训不计服务时长" in client.get("/admin/activities/new").text

    address = client.post("/admin/activities/new", data={**FORM, "category": "training"}).location
    made = db.session.execute(select(Activity)).scalar_one()
    page = client.get(address).text
    client.post(f"{address}/edit", data=FORM)
    db.session.refresh(made)

    assert "培训不计服务时长。" in page
    assert (made.is_training, made.is_countable, made.uncountable_reason) == (False, True, "")


def test_training_is_kept_as_such_with_its_reason(sign_in: SignIn, cast: Cast) -> None:
    sign_in(cast.bob).post("/admin/activities/new", data={**FORM, "category": "training"})

    made = db.session.execute(select(Activity)).scalar_one()
    assert (made.is_training, made.is_countable, made.uncountable_reason) == (True, False, "培训")


def test_training_without_a_station_says_that_nobody_can_check_in(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)
    pages = [
        client.post("/admin/activities/new", data={**FORM, **change}, follow_redirects=True).text
        for change in (
            {"category": "training", "station": ""}, {"category": "training"}, {"station": ""},
        )
    ]  # fmt: skip

    assert ["参加培训的人不能刷卡签到" in page for page in pages] == [True, False, False]


def test_a_training_that_nobody_went_through_is_warned_of_and_known_ones_are_offered(
    sign_in: SignIn, cast: Cast
) -> None:
    train(cast, "交通安全培训")
    client = sign_in(cast.bob)

    form = client.get("/admin/activities/new").text
    pages = [
        client.post(
            "/admin/activities/new", data={**FORM, "training_needed": name}, follow_redirects=True
        ).text
        for name in ("不存在的培训", "交通安全培训")
    ]

    assert '<datalist id="training-names"><option value="交通安全培训">' in form
    assert ["谁也报不了名" in page for page in pages] == [True, False]


def test_trainings_of_other_teams_are_not_offered(sign_in: SignIn, cast: Cast) -> None:
    train(cast, "交通安全培训")

    assert "交通安全培训" not in sign_in(cast.charlie).get("/admin/activities/new").text


def test_full_width_digits_say_how_many_are_needed(sign_in: SignIn, cast: Cast) -> None:
    sign_in(cast.bob).post("/admin/activities/new", data={**FORM, "places": "１２"})

    assert db.session.execute(select(Activity.places)).scalar_one() == 12


def test_whoever_took_leave_can_be_signed_up_again_until_the_activity_is_over(
    sign_in: SignIn, cast: Cast, held: Activity
) -> None:
    coming = publish(cast)
    client, parts = sign_in(cast.bob), [sign_up(one, cast.alice, "on_leave") for one in (coming, held)]

    pages = [client.get(f"/admin/activities/{one.id}").text for one in (coming, held)]
    over = client.post(f"/admin/activities/{held.id}/participants/{parts[1].id}", data={"state": "signed_up"})

    assert ["重新报名" in page for page in pages] == [True, False]
    assert over.status_code == 422
    assert "这个活动已经结束" in over.text


@pytest.mark.parametrize(
    ("answer", "sentence", "states"),
    [
        ("accept", "王五 已接下您在“路口劝导”的班，您不用去了。", ("substituted", "signed_up")),
        ("refuse", "王五 不能顶您在“路口劝导”的班，仍是您的班。", ("signed_up", None)),
    ],
)
def test_who_asked_for_a_substitute_is_told_the_answer(
    sign_in: SignIn, cast: Cast, now: datetime, answer: str, sentence: str, states: tuple[str, str | None]
) -> None:
    activity, other = publish(cast), another("A002", "王五", "FD01", now)
    address = f"/me/activities/{activity.id}"
    sign_in(cast.alice).post(address, data={"answer": "sign_up"})
    sign_in(cast.alice).post(address, data={"answer": "substitute", "volunteer_no": "A002"})
    asked = db.session.execute(select(Participation.id)).scalar_one()

    sign_in(other).post(address, data={"answer": answer, "participation": asked})

    assert (state_of(cast.alice), state_of(other)) == states
    assert sentence in sign_in(cast.alice).get("/me/messages").text
    assert sentence not in sign_in(other).get("/me/messages").text
