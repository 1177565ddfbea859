"""The pages of a member's way: transfers between two admins, leave and return, history, merge and undo."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.cards import CardKeys
from volunteer.domain.teams import TeamLevel
from volunteer.models.member_changes import MemberEvent, Transfer
from volunteer.models.members import Admin
from volunteer.models.teams import Team, Unit
from volunteer.queries.members import get_member
from volunteer.queries.memberships import past_memberships
from volunteer.services.cards import issue_card
from volunteer.services.members import add_member
from volunteer.services.teams import TeamPlan, dissolve_team, found_team

SignIn = Callable[[object], FlaskClient]
Hold = Callable[..., None]
HOUR = timedelta(hours=1)
ID_NUMBERS = ("11010519491231002X", "440307199001010096")
# The server's own clock is behind the pages, so the forms name a day long past.
MOVE = {"team": "FD02", "unit": "", "from_on": "2026-09-20", "reason": "工作调动"}


@pytest.fixture
def squadron(cast: Cast) -> Team:
    """A squadron without people or admins, founded long before."""
    return found_team(TeamPlan("ZD01", "第一中队", TeamLevel.SQUADRON), cast.brigade.id, date(2026, 9, 1))


def text(client: FlaskClient, path: str) -> str:
    return client.get(path).text


def post(client: FlaskClient, path: str, **form: str) -> str:
    return client.post(path, data=form, follow_redirects=True).text


def test_a_transfer_goes_from_one_admin_to_the_other_and_shows_in_the_history(
    sign_in: SignIn, cast: Cast
) -> None:
    proposed = post(sign_in(cast.bob), "/admin/members/A001/transfer", **MOVE)
    transfer_id = db.session.execute(select(Transfer.id)).scalar_one()
    seen = text(sign_in(cast.charlie), "/admin/transfers")
    asked = text(sign_in(cast.charlie), f"/admin/transfers/{transfer_id}/accept")

    done = post(sign_in(cast.charlie), f"/admin/transfers/{transfer_id}/accept")
    history = text(sign_in(cast.charlie), "/admin/members/A001/changes")

    assert "等对方队伍接收后生效" in proposed
    assert "正在等 第二分队 接收" in proposed
    assert "从第一分队调到第二分队" in seen
    assert "接收这位志愿者" in asked
    assert "已接收，调动生效" in done
    assert "从 第一分队 调到 第二分队" in history
    assert "原因：工作调动" in history
    assert "以前的队伍和单位" in history
    assert sign_in(cast.bob).get("/admin/members/A001/changes").status_code == 404


def test_a_receiving_admin_sends_a_transfer_back_with_a_reason(sign_in: SignIn, cast: Cast) -> None:
    post(sign_in(cast.bob), "/admin/members/A001/transfer", **MOVE)
    path = f"/admin/transfers/{db.session.execute(select(Transfer.id)).scalar_one()}/decline"
    charlie = sign_in(cast.charlie)

    without = charlie.post(path, data={"reply": " "})
    done = post(charlie, path, reply="编制已满")

    assert (without.status_code, "请填写原因" in without.text) == (422, True)
    assert "已退回" in done
    assert "没有等您接收的调动" in text(charlie, "/admin/transfers")
    assert "退回了调动：编制已满" in text(sign_in(cast.bob), "/admin/members/A001/changes")


def test_a_giving_admin_takes_a_transfer_back(sign_in: SignIn, cast: Cast) -> None:
    bob = sign_in(cast.bob)
    post(bob, "/admin/members/A001/transfer", **MOVE)
    path = f"/admin/transfers/{db.session.execute(select(Transfer.id)).scalar_one()}"

    assert "已撤回" in post(bob, f"{path}/withdraw")
    assert "没有等对方接收的调动" in text(bob, "/admin/transfers")


def test_a_common_superior_moves_a_member_at_once_and_takes_it_back(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    dora = sign_in(brigade_admin)

    done = post(dora, "/admin/members/A001/transfer", **MOVE)
    event_id = db.session.execute(select(MemberEvent.id)).scalar_one()
    asked = text(dora, f"/admin/changes/{event_id}/undo")
    undone = post(dora, f"/admin/changes/{event_id}/undo")

    assert "调动已办好" in done
    assert "张三（A001）：从 第一分队 调到 第二分队" in asked
    assert "已撤销，恢复到变动之前" in undone
    assert "由 朵拉 撤销" in undone
    assert get_member("A001").team_id == cast.detachment.id


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": ""}, "请填写原因"),
        ({"from_on": "morgen"}, "这样的格式填写日期"),
        ({"from_on": "2099-01-01"}, "日期不能晚于今天"),
        ({"team": "FD01"}, "已经在这个队伍和单位"),
    ],
)
def test_a_transfer_that_makes_no_sense_says_why_above_the_form(
    sign_in: SignIn, cast: Cast, change: dict[str, str], sentence: str
) -> None:
    response = sign_in(cast.bob).post("/admin/members/A001/transfer", data=MOVE | change)

    assert response.status_code == 422
    assert sentence in response.text


def test_leaving_says_that_cards_end_and_coming_back_that_none_revives(sign_in: SignIn, cast: Cast) -> None:
    bob = sign_in(cast.bob)
    warned = text(bob, "/admin/members/A001/left")
    left = post(bob, "/admin/members/A001/left", on="2026-09-20", reason="离职")
    returned = post(bob, "/admin/members/A001/returned", on="2026-09-21", reason="回来")

    assert "卡会同时停用" in warned
    assert "同时停用了 1 张卡" in left
    assert "已离队" in left
    assert "原来的卡不会自动恢复，请重新发卡" in returned
    assert "在册" in returned


def test_who_retired_is_called_so_wherever_the_status_stands(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    twin(cast, now)
    bob = sign_in(cast.bob)
    history = post(bob, "/admin/members/A001/retired", on="2026-09-20", reason="到龄")

    listed, left = (text(bob, f"/admin/members?status={one}") for one in ("retired", "left"))
    page, compared = text(bob, "/admin/members/A001"), text(bob, "/admin/members/A001/merge?other=B001")
    wanted = {"kind": "members", "file": "csv", "columns": ["volunteer_no", "status"]}
    exported = bob.post("/admin/exports", data=wanted).data.decode("utf-8-sig")

    for words in (history, listed, page, compared):
        assert "已退休" in words
    assert ("/admin/members/A001" in listed, "/admin/members/A001" in left) == (True, False)
    assert "已离队" not in page
    assert '"A001","已退休"' in exported


def test_who_is_on_duty_cannot_leave_and_the_page_says_why(sign_in: SignIn, cast: Cast, hold: Hold) -> None:
    today = sign_in(cast.bob).get("/admin/members/A001/left").text
    (day,) = re.findall(r'name="on"[^>]*value="(\d{4}-\d\d-\d\d)"', today)
    hold(datetime.now(UTC))

    response = sign_in(cast.bob).post("/admin/members/A001/left", data={"on": day, "reason": "离职"})

    assert response.status_code == 422
    assert "正在岗，请等签退后再办理" in response.text
    assert get_member("A001").status == "active"


def test_nobody_rests_before_being_registered(sign_in: SignIn, cast: Cast) -> None:
    form = {"on": "2026-09-14", "reason": "生病"}

    response = sign_in(cast.bob).post("/admin/members/A001/rested", data=form)

    assert (response.status_code, "日期不能早于登记日期（2026-09-15）" in response.text) == (422, True)


def test_a_step_that_does_not_fit_is_refused_in_words(sign_in: SignIn, cast: Cast) -> None:
    form = {"on": "2026-09-20", "reason": "回来"}

    response = sign_in(cast.bob).post("/admin/members/A001/returned", data=form)

    assert response.status_code == 422
    assert "现在的状态，不能这样变动" in response.text


def test_duplicates_are_found_compared_merged_and_taken_back(
    sign_in: SignIn, cast: Cast, hold: Hold, now: datetime, keys: CardKeys
) -> None:
    twin(cast, now)
    token = issue_card("B001", keys, now)[1]
    for at, held in (
        (now, cast.token),
        (now + 2 * HOUR, cast.token),
        (now + HOUR, token),
        (now + 3 * HOUR, token),
    ):
        hold(at, held)
    bob = sign_in(cast.bob)
    found = text(bob, "/admin/duplicates")
    compared = text(bob, "/admin/members/A001/merge?other=b001")

    merged = post(bob, "/admin/members/A001/merge", other="B001", kept="A001", reason="同一身份证")
    total = text(bob, "/admin/members/A001/records")
    asked = text(bob, "/admin/members/B001/unmerge")
    undone = post(bob, "/admin/members/B001/unmerge")

    assert "A001 / B001" in found
    assert "同一单位：财政局" in found
    assert "少计 60 分钟" in compared
    assert "并入的档案" in merged
    assert "少计 60 分钟" in merged
    assert "共 2 条记录，合计 3.0 小时" in total
    assert "恢复为独立的档案" in asked
    assert "转给 A001 的卡只要在合并后刷过一次，就不能再撤销" in asked
    assert "改回原主" not in asked
    assert "已撤销合并" in undone
    assert "合计 2.0 小时" in text(bob, "/admin/members/B001/records")


def test_an_admin_is_told_that_somebody_else_merges_and_corrects_the_own_person(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    twin(cast, now)
    cast.bob.member_id = get_member("A001").id
    db.session.commit()
    bob, merge = sign_in(cast.bob), {"other": "B001", "kept": "A001", "reason": "同一身份证"}

    merged = bob.post("/admin/members/A001/merge", data=merge)
    renamed = bob.post("/admin/members/A001/file/edit", data={"name": "李四", "reason": "写错"})

    assert (merged.status_code, "涉及您本人的合并，请另一位管理员办理。" in merged.text) == (422, True)
    assert (renamed.status_code, "这是您本人的资料，请另一位管理员更正。" in renamed.text) == (422, True)


def test_an_id_number_corrected_after_a_merge_stays_where_it_was_corrected(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    twin(cast, now)
    bob, file = sign_in(cast.bob), "/admin/members/{}/file"
    post(bob, f"{file.format('B001')}/edit", name="张三", national_id=ID_NUMBERS[0])
    post(bob, "/admin/members/A001/merge", other="B001", kept="A001", reason="同一人")
    post(bob, f"{file.format('A001')}/national-id/remove", reason="号码是别人的")
    post(bob, f"{file.format('A001')}/edit", name="张三", national_id=ID_NUMBERS[1])

    undone = post(bob, "/admin/members/B001/unmerge")

    assert "已撤销合并" in undone
    assert "440***********0096" in text(bob, file.format("A001"))
    assert "0096" not in text(bob, file.format("B001"))


def test_what_speaks_against_one_person_is_said_in_red_and_id_numbers_must_be_compared(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    twin(cast, now)
    bob, form = sign_in(cast.bob), {"other": "B001", "kept": "A001", "reason": "同一身份证"}
    same = text(bob, "/admin/members/A001/merge?other=B001")
    for number, name, national_id in (("A001", "张三", ID_NUMBERS[0]), ("B001", "张姗", ID_NUMBERS[1])):
        edit = {"name": name, "national_id": national_id, "reason": "写错"}
        bob.post(f"/admin/members/{number}/file/edit", data=edit)

    compared = text(bob, "/admin/members/A001/merge?other=B001")
    refused = bob.post("/admin/members/A001/merge", data=form)
    merged = post(bob, "/admin/members/A001/merge", **form, compared="yes")

    assert "也许是两个人" not in same
    for words in ("也许是两个人", "证件号码不同", "出生日期不同", "姓名不同", "我已核对两份证件，确是同一人"):
        assert words in compared
    assert (refused.status_code, "证件号码不同。核对" in refused.text) == (422, True)
    assert "已合并" in merged


def test_an_old_name_stands_in_the_history_and_comes_back_beside_a_later_transfer(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin
) -> None:
    dora = sign_in(brigade_admin)
    dora.post("/admin/members/A001/file/edit", data={"name": "章珊", "reason": "登记时写错"})
    post(dora, "/admin/members/A001/transfer", **MOVE)
    history = text(dora, "/admin/members/A001/changes")
    path = f"/admin/changes/{min(db.session.execute(select(MemberEvent.id)).scalars())}/undo"

    asked, undone = text(dora, path), post(dora, path)
    told = text(sign_in(cast.alice), "/me/messages")

    assert "姓名由 张三 更正为 章珊" in history
    assert "原因：登记时写错" in history
    assert history.count("撤销这次变动") == 2
    assert "恢复原来的姓名，本人会收到消息" in asked
    assert "已撤销，恢复到变动之前" in undone
    assert get_member("A001").name == "张三"
    assert "姓名由“张三”更正为“章珊”，原因：登记时写错" in told
    assert "恢复为“张三”" in told


def test_a_name_that_was_corrected_again_since_is_not_taken_back(sign_in: SignIn, cast: Cast) -> None:
    bob = sign_in(cast.bob)
    for name in ("章珊", "章姗"):
        bob.post("/admin/members/A001/file/edit", data={"name": name, "reason": "登记时写错"})
    first, second = sorted(db.session.execute(select(MemberEvent.id)).scalars())

    refused = bob.post(f"/admin/changes/{first}/undo")
    post(bob, f"/admin/changes/{second}/undo")

    assert (refused.status_code, "只能撤销最近的一次变动" in refused.text) == (422, True)
    assert get_member("A001").name == "章珊"


def test_a_move_that_came_with_a_list_stands_in_the_history(sign_in: SignIn, cast: Cast) -> None:
    before = text(sign_in(cast.bob), "/admin/members/A001/changes")
    unit = Unit(name="民政局")
    db.session.add(unit)
    db.session.flush()
    member = get_member("A001")
    db.session.add_all(past_memberships([member], date(2026, 9, 20)))
    member.unit_id = unit.id
    db.session.commit()

    after = text(sign_in(cast.bob), "/admin/members/A001/changes")

    assert "登记以来没有变动" in before
    assert "登记以来没有变动" not in after
    assert "从 第一分队 转到 第一分队 · 民政局（随导入的名单" in after


def test_who_moved_into_a_team_on_the_day_it_was_dissolved_has_a_line_for_the_team_of_now(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, squadron: Team, now: datetime
) -> None:
    dora, on = sign_in(brigade_admin), date(2026, 9, 20)
    post(dora, "/admin/members/A001/transfer", **MOVE | {"team": "ZD01"})
    dissolve_team(squadron.id, cast.other.id, on, now)

    history = text(dora, "/admin/members/A001/changes")

    moved_on = history.index("从 第一中队 转到 第二分队（随导入的名单")
    assert moved_on < history.index("从 第一分队 调到 第一中队")
    assert get_member("A001").team_id == cast.other.id
    assert "撤销这次变动" not in history


def test_two_transfers_on_one_day_tell_once_of_each_and_the_newer_one_can_be_taken_back(
    sign_in: SignIn, cast: Cast, brigade_admin: Admin, squadron: Team
) -> None:
    dora = sign_in(brigade_admin)
    post(dora, "/admin/members/A001/transfer", **MOVE | {"team": "ZD01"})

    history = post(dora, "/admin/members/A001/transfer", **MOVE)

    assert history.index("从 第一中队 调到 第二分队") < history.index("从 第一分队 调到 第一中队")
    assert ("转到" in history, history.count("撤销这次变动")) == (False, 1)


def test_a_transfer_tells_once_of_itself(sign_in: SignIn, cast: Cast, brigade_admin: Admin) -> None:
    done = post(sign_in(brigade_admin), "/admin/members/A001/transfer", **MOVE)

    assert "从 第一分队 调到 第二分队" in done
    assert "转到" not in done


def test_the_form_says_that_a_past_day_changes_no_settled_hours(sign_in: SignIn, cast: Cast) -> None:
    assert "已经结算的时长不改" in text(sign_in(cast.bob), "/admin/members/A001/transfer")


def test_who_is_told_apart_is_not_shown_again(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    twin(cast, now)
    bob = sign_in(cast.bob)

    done = post(bob, "/admin/members/A001/merge", other="B001", verdict="apart")

    assert "这是两个人，不再提示" in done
    assert "没有可能重复的档案" in done


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"other": "B001", "kept": "A001", "reason": ""}, "请填写原因"),
        ({"other": "A001", "kept": "A001", "reason": "x"}, "请填写另一位志愿者的编号"),
        ({"other": "Z999", "kept": "A001", "reason": "x"}, "没有编号为 Z999 的志愿者"),
        ({"other": "C001", "kept": "A001", "reason": "x"}, "没有编号为 C001 的志愿者"),
    ],
)
def test_a_merge_that_makes_no_sense_says_why(
    sign_in: SignIn, cast: Cast, now: datetime, form: dict[str, str], sentence: str
) -> None:
    twin(cast, now)
    add_member("C001", "张三", "FD02", now)

    response = sign_in(cast.bob).post("/admin/members/A001/merge", data=form)

    assert response.status_code == 422
    assert sentence in response.text


def test_a_foreign_admin_sees_and_does_nothing_of_it(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    twin(cast, now)
    bob = sign_in(cast.bob)
    post(bob, "/admin/members/A001/left", on="2026-09-20", reason="离职")
    event_id = db.session.execute(select(MemberEvent.id)).scalar_one()
    charlie = sign_in(cast.charlie)

    for path in (
        "/admin/members/A001/changes",
        "/admin/members/A001/transfer",
        "/admin/members/A001/returned",
        "/admin/members/A001/merge",
        "/admin/members/A001/unmerge",
        f"/admin/changes/{event_id}/undo",
        "/admin/transfers/1/accept",
        "/admin/transfers/1/decline",
        "/admin/transfers/1/withdraw",
    ):
        assert charlie.get(path).status_code == 404, path
        assert charlie.post(path, data=MOVE).status_code in (404, 405), path
    assert "B001" not in text(charlie, "/admin/duplicates")


def twin(cast: Cast, now: datetime) -> None:
    """alice a second time, in the same unit."""
    add_member("B001", "张三", "FD01", now)
    unit = Unit(name="财政局")
    db.session.add(unit)
    db.session.flush()
    for number in ("A001", "B001"):
        get_member(number).unit_id = unit.id
    db.session.commit()
