"""What people read of an activity when they hold their card, and later on their pages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.activities import RiskPolicy
from volunteer.models.activities import Activity
from volunteer.models.training_records import TrainingRecord
from volunteer.services.activities import choose_risk_policy

SignIn = Callable[[object], FlaskClient]
HOUR = timedelta(hours=1)


def run(cast: Cast, begins_at: datetime, **fields: object) -> Activity:
    """An activity of two hours at the station."""
    window = {"starts_at": begins_at, "ends_at": begins_at + 2 * HOUR, "station_id": cast.sender.station_id}
    made = Activity(name="急救", category="warmth", team_id=cast.detachment.id, **window | fields)
    db.session.add(made)
    db.session.commit()
    return made


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("zh", "张*，签到成功。本活动有风险，没有登记保险，请找负责人"),
        ("en", "张*: checked in. This activity carries a risk and no insurance is registered:"),
    ],
)
def test_the_station_warns_of_a_risk_without_insurance(
    client: FlaskClient, cast: Cast, language: str, message: str
) -> None:
    run(cast, datetime.now(UTC) - HOUR, risk_level="high", risk_note="水边")

    answer = answer_to_alice(client, cast, language)

    assert (answer["outcome"], answer["remark"]) == ("checked_in", "uninsured")
    assert str(answer["message"]).startswith(message)


def test_the_station_refuses_in_words_where_the_brigade_blocks(client: FlaskClient, cast: Cast) -> None:
    run(cast, datetime.now(UTC) - HOUR, risk_level="high", risk_note="水边")
    choose_risk_policy(RiskPolicy.BLOCK, datetime.now(UTC) - HOUR)

    answer = answer_to_alice(client, cast, "zh")

    assert (answer["status"], answer["outcome"]) == ("refused", "activity_blocked")
    assert answer["message"] == "未能签到：本活动有风险，没有登记保险，请找负责人"
    assert answer["record"] is None


def answer_to_alice(client: FlaskClient, cast: Cast, language: str) -> dict[str, object]:
    """The answer to alice's card held now."""
    one = {"id": str(uuid4()), "token": cast.token, "medium": "qr", "at": datetime.now(UTC).isoformat()}
    headers = {"Authorization": f"Bearer {cast.key}", "Accept-Language": language}
    posted = client.post("/api/v1/scans", json={"scans": [{**one, "age_ms": 0}]}, headers=headers)
    answer: dict[str, object] = posted.json["answers"][0]
    return answer


def test_member_and_admin_read_why_training_counts_no_hours(
    sign_in: SignIn, cast: Cast, now: datetime, hold: Callable[[datetime], None]
) -> None:
    run(cast, now, is_training=True)
    hold(now)
    hold(now + HOUR)

    seen = sign_in(cast.alice).get("/me").text
    read = sign_in(cast.bob).get("/admin/records?state=closed").text

    assert "培训，不计入服务时长" in seen
    assert "培训，不计入服务时长" in read


def test_member_reads_why_a_meeting_counts_no_hours(
    sign_in: SignIn, cast: Cast, now: datetime, hold: Callable[[datetime], None]
) -> None:
    run(cast, now, is_countable=False, uncountable_reason="内部会议")
    hold(now)
    hold(now + HOUR)

    assert "不计入志愿服务时长：内部会议" in sign_in(cast.alice).get("/me").text


def test_service_is_shown_without_a_reason(
    sign_in: SignIn, cast: Cast, now: datetime, hold: Callable[[datetime], None]
) -> None:
    run(cast, now)
    hold(now)
    hold(now + HOUR)

    page = sign_in(cast.alice).get("/me").text

    assert "急救" in page
    assert "不计入" not in page


def test_only_who_has_left_the_training_is_confirmed_before_it_ends(
    sign_in: SignIn, cast: Cast, hold: Callable[[datetime], None]
) -> None:
    begins_at = datetime.now(UTC) - HOUR
    training = run(cast, begins_at, is_training=True)
    hold(begins_at)
    client, page = sign_in(cast.bob), f"/admin/training/activities/{training.id}"
    held_on = begins_at.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    form = {"name": "急救", "content": "包扎", "hours": "2", "organiser": "大队", "held_on": held_on}
    form["member"] = str(cast.alice.id)

    waiting, refused = client.get(page).text, client.post(page, data=form)
    hold(begins_at + HOUR / 2)
    done = client.post(page, data=form)

    assert "还没有签退，培训结束" in waiting
    assert refused.status_code == 422
    assert "要等培训结束才能确认：张三" in refused.text
    assert done.status_code == 302
    assert db.session.execute(select(TrainingRecord.member_id)).scalars().all() == [cast.alice.id]


def test_after_the_training_who_forgot_to_check_out_is_confirmed_too(
    sign_in: SignIn, cast: Cast, now: datetime, hold: Callable[[datetime], None]
) -> None:
    training = run(cast, now, is_training=True)
    hold(now)

    page = sign_in(cast.bob).get(f"/admin/training/activities/{training.id}").text

    assert "张三" in page
    assert "还没有签退" not in page


def test_who_came_back_after_a_break_is_still_at_the_training(
    sign_in: SignIn, cast: Cast, hold: Callable[[datetime], None]
) -> None:
    begins_at = datetime.now(UTC) - HOUR
    training = run(cast, begins_at, is_training=True)
    for minutes in (0, 20, 40):
        hold(begins_at + timedelta(minutes=minutes))

    page = sign_in(cast.bob).get(f"/admin/training/activities/{training.id}").text

    assert "还没有签退，培训结束" in page
