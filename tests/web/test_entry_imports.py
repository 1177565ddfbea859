"""Lists of training records and of commendations by the pages: understood, repaired, written, taken back."""

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta

import pytest
import xlsxwriter
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.services.test_imports import xlsx
from tests.web.test_imports import match, upload
from volunteer.db import db
from volunteer.models.activities import Activity
from volunteer.models.audit import AuditEvent
from volunteer.models.members import Admin, Member
from volunteer.models.training_records import Commendation, TrainingRecord
from volunteer.reading.workbooks import read_rows
from volunteer.services.members import add_member

SignIn = Callable[[Admin | Member], FlaskClient]
TRAINING = ("志愿者编号", "姓名", "培训名称", "主要内容", "学时", "组织单位", "日期")
HONOURS = ("志愿者编号", "姓名", "表彰奖励的名称", "授予日期", "授予单位")
GOOD = ("A001", "张三", "消防培训", "灭火器", "2", "消防站", "2026-03-05")
HONOUR = ("A001", "张三", "优秀志愿者", "2026-03-05", "机关工委")


@pytest.fixture
def browser(cast: Cast, sign_in: SignIn, now: datetime) -> FlaskClient:
    """bob's browser; his team has two people, and charlie's has one."""
    add_member("A002", "王五", "FD01", now)
    add_member("B001", "李四", "FD02", now)
    return sign_in(cast.bob)


def book(**sheets: Iterable[Sequence[object]]) -> bytes:
    """A workbook; a cell (value, width) is merged over so many columns."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, tuple):
                        sheet.merge_range(place, column, place, column + cell[1] - 1, cell[0])
                    elif cell != "":
                        sheet.write(place, column, cell)
    return out.getvalue()


def preview_of(browser: FlaskClient, *rows: Sequence[object], kind: str = "training") -> str:
    """The preview of a list with the usual headings."""
    headings = TRAINING if kind == "training" else HONOURS
    return match(browser, upload(browser, book(名单=[headings, *rows]), kind, "名单.xlsx"))


def records(model: type[TrainingRecord] | type[Commendation] = TrainingRecord) -> list[tuple[str, ...]]:
    """Number and name of each entry in force."""
    db.session.rollback()
    statement = (
        select(Member.volunteer_no, model.name)
        .join(model, model.member_id == Member.id)
        .where(model.voided_at.is_(None))
        .order_by(Member.volunteer_no, model.name)
    )
    return [tuple(row) for row in db.session.execute(statement)]


def test_a_training_list_as_an_office_sends_it_goes_all_the_way_and_back(
    browser: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    data = book(
        封面=[["培训情况统计表"]],
        明细=[
            [("二〇二六年培训情况统计表", 7)],
            [("志愿者", 2), "", ("培训", 5)],
            ["工号", "姓名", "项目", "内容", "课时", "机构", "日期"],
            ["Ａ００１", "张 三", "消防培训", "灭火器", "２", "消防站", 46086],
            ["A002", "", "消防培训", "灭火器", 1.5, "消防站", "20260305"],
            ["合计", "", "", "", "3.5"],
            ["填表人：赵六"],
        ],
    )
    address = upload(browser, data, "training", "培训.xlsx")
    assert 'value="明细" selected' in browser.get(address).text

    preview = match(browser, address)
    proposed = browser.get(f"{preview}?show=proposed").text
    for told in (
        "“２” 改为 “2”",
        "“46086” 改为 “2026-03-05”",
        "“20260305” 改为 “2026-03-05”",
        "“张 三” 改为",
    ):
        assert told in proposed
    skipped = browser.get(f"{preview}?show=skipped").text
    assert "合计行" in skipped
    assert "表尾说明" in skipped

    browser.post(f"{preview}/accept")
    browser.post(f"{preview}/write")
    kept = db.session.execute(select(TrainingRecord).order_by(TrainingRecord.id)).scalars().all()
    assert [(one.learning_minutes, one.held_on) for one in kept] == [
        (120, date(2026, 3, 5)),
        (90, date(2026, 3, 5)),
    ]
    assert {one.entered_by_id for one in kept} == {cast.bob.id}
    assert "消防培训" in sign_in(cast.alice).get("/me/training").text

    sign_in(cast.bob).post(f"{preview}/undo")
    assert "已撤销" in browser.get(preview).text
    assert records() == []
    assert "消防培训" not in sign_in(cast.alice).get("/me/training").text


def test_a_cell_merged_over_several_people_counts_for_each_of_them(browser: FlaskClient) -> None:
    data = xlsx(TRAINING, GOOD, ("A002", "王五", *GOOD[2:]), merged="F2:F3")

    preview = match(browser, upload(browser, data, "training", "a.xlsx"))
    browser.post(f"{preview}/write")

    organisers = db.session.execute(select(TrainingRecord.organiser)).scalars().all()
    assert organisers == ["区法院", "区法院"]


def test_headings_in_other_words_are_understood(browser: FlaskClient) -> None:
    headings = ("工号", "培训项目", "培训内容", "课时", "培训机构", "培训时间")
    data = book(名单=[headings, ("A001", "消防培训", "灭火器", 2, "消防站", "2026年3月5日")])

    preview = match(browser, upload(browser, data, "training", "a.xlsx"))
    browser.post(f"{preview}/accept")
    browser.post(f"{preview}/write")

    assert records() == [("A001", "消防培训")]


def test_every_fault_stands_on_its_row_and_the_good_rows_are_not_held_up(browser: FlaskClient) -> None:
    wrong = ("Z999", "张三", "", "灭火器", "1.55", "", "3月5日")
    preview = preview_of(browser, wrong, GOOD)

    page = browser.get(preview).text
    for told in ("没有填写培训名称", "学时应大于 0", "没有填写组织单位", "这样的格式填写日期", "编号为 Z999"):
        assert told in page
    browser.post(f"{preview}/write")

    assert records() == [("A001", "消防培训")]
    rejected = read_rows(browser.get(f"{preview}/rejected.xlsx").data, "a.xlsx").sheets[0].rows
    assert rejected[1][0] == "Z999"
    assert "没有填写培训名称" in str(rejected[1][-1])


def test_a_foreign_number_looks_like_one_that_nobody_has_and_a_wrong_name_names_the_owner_masked(
    browser: FlaskClient,
) -> None:
    foreign, unknown = ("B001", "李四", *GOOD[2:]), ("Z999", "李四", *GOOD[2:])
    misnamed = ("A002", "张三", *GOOD[2:])

    page = browser.get(preview_of(browser, foreign, unknown, misnamed)).text

    for number in ("B001", "Z999"):
        assert f"没有编号为 {number} 的志愿者，或不在您的管理范围内" in page
    assert "编号 A002 登记的是王*，和表里的姓名不同" in page
    assert "王五" not in page


def test_what_is_recorded_already_is_not_recorded_again_and_other_words_are_told(
    browser: FlaskClient,
) -> None:
    first = preview_of(browser, GOOD)
    browser.post(f"{first}/write")

    other = (*GOOD[:4], "3", *GOOD[5:])
    again, differing = preview_of(browser, GOOD), preview_of(browser, other)

    assert "已经登记过，没有变化" in browser.get(f"{again}?show=skipped").text
    assert browser.post(f"{again}/write").status_code == 422
    assert "已经登记过，但其他内容不同" in browser.get(differing).text
    assert records() == [("A001", "消防培训")]


def test_the_same_training_twice_in_a_list_is_kept_once_and_with_other_words_not_at_all(
    browser: FlaskClient,
) -> None:
    second = ("A002", "王五", *GOOD[2:])
    preview = preview_of(browser, GOOD, GOOD, second, (*second[:3], "水带", *second[4:]))

    page = browser.get(preview).text
    assert "同一位志愿者同一天的同一项" in page
    assert "完全相同" in browser.get(f"{preview}?show=skipped").text
    browser.post(f"{preview}/write")

    assert records() == [("A001", "消防培训")]


def test_what_came_into_the_way_after_the_preview_is_told_and_not_written_twice(
    browser: FlaskClient, cast: Cast, now: datetime
) -> None:
    early, late = preview_of(browser, GOOD), preview_of(browser, GOOD, ("A002", "王五", *GOOD[2:]))
    browser.post(f"{early}/write")
    gone = db.session.execute(select(Member).where(Member.volunteer_no == "A002")).scalar_one()
    gone.team_id = cast.charlie.team_id
    db.session.commit()

    browser.post(f"{late}/write")

    assert records() == [("A001", "消防培训")]
    assert "或不在您的管理范围内" in browser.get(f"{late}?show=problem").text
    assert "没有变化" in browser.get(f"{late}?show=ready").text


def test_undoing_keeps_what_was_confirmed_or_voided_since_and_says_why(
    browser: FlaskClient, cast: Cast, now: datetime
) -> None:
    preview = preview_of(browser, GOOD, ("A002", "王五", *GOOD[2:]), (*GOOD[:2], "急救培训", *GOOD[3:]))
    browser.post(f"{preview}/write")
    first, second, _third = (
        db.session.execute(select(TrainingRecord).order_by(TrainingRecord.id)).scalars().all()
    )
    training = Activity(
        name="消防培训", category="warmth", starts_at=now, ends_at=now + timedelta(hours=2), is_training=True
    )
    db.session.add(training)
    db.session.flush()
    first.activity_id = training.id
    db.session.commit()
    browser.post(f"/admin/training/{second.id}/void")

    assert "会全部作废，本人不再看到" in browser.get(f"{preview}/undo").text
    browser.post(f"{preview}/undo")

    page = browser.get(f"{preview}?show=problem").text
    assert "已由刷卡签到确认，予以保留" in page
    assert "已经作废，保持作废" in page
    assert records() == [("A001", "消防培训")]


def test_a_list_of_commendations_goes_all_the_way_and_back(
    browser: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    rows = (("A001", "", "优秀志愿者", "2026.3.5", "机关工委"), ("A002", "王五", *HONOUR[2:]))
    preview = preview_of(browser, *rows, ("A002", "王五", "", "", ""), kind="commendations")
    assert "没有填写授予单位" in browser.get(preview).text

    browser.post(f"{preview}/accept")
    browser.post(f"{preview}/write")
    assert records(Commendation) == [("A001", "优秀志愿者"), ("A002", "优秀志愿者")]
    assert "机关工委" in sign_in(cast.alice).get("/me/training").text

    browser = sign_in(cast.bob)
    again = preview_of(browser, HONOUR, (*HONOUR[:4], "区委"), kind="commendations")
    assert "已经登记过，但其他内容不同" in browser.get(again).text
    assert "已经登记过，没有变化" in browser.get(f"{again}?show=skipped").text
    browser.post(f"{preview}/undo")
    assert records(Commendation) == []


def test_both_pages_lead_to_the_import_with_the_kind_chosen(browser: FlaskClient) -> None:
    for page, kind in (("/admin/training", "training"), ("/admin/training/commendations", "commendations")):
        assert f'href="/admin/imports?kind={kind}"' in browser.get(page).text
        form = browser.get(f"/admin/imports?kind={kind}").text
        assert f'id="kind-{kind}" value="{kind}" checked' in form
    assert browser.get("/admin/training/import").status_code == 404


@pytest.mark.parametrize("kind", ["training", "commendations"])
def test_an_import_of_another_team_is_not_found(
    browser: FlaskClient, cast: Cast, sign_in: SignIn, kind: str
) -> None:
    preview = preview_of(browser, GOOD if kind == "training" else HONOUR, kind=kind)

    other = sign_in(cast.charlie)

    assert other.get(preview).status_code == 404
    assert other.post(f"{preview}/write").status_code == 404
    assert records() == records(Commendation) == []


@pytest.mark.parametrize("kind", ["training", "commendations"])
def test_the_template_offers_what_the_team_has_and_comes_back_as_an_empty_list(
    browser: FlaskClient, kind: str
) -> None:
    browser.post(f"{preview_of(browser, GOOD)}/write")
    browser.post(f"{preview_of(browser, HONOUR, kind='commendations')}/write")

    template = browser.get(f"/admin/imports/templates/{kind}.xlsx").data

    offered = {
        str(cell) for sheet in read_rows(template, "a.xlsx").sheets[2:] for row in sheet.rows for cell in row
    }
    wanted = {"消防培训", "消防站", "1.5"} if kind == "training" else {"优秀志愿者", "机关工委"}
    assert wanted <= offered
    preview = match(browser, upload(browser, template, kind, "模板.xlsx"))
    assert "模板里的示例行" in browser.get(preview).text


def test_the_record_and_the_audit_say_who_imported_and_who_took_it_back(
    browser: FlaskClient, cast: Cast, sign_in: SignIn, brigade_admin: Admin
) -> None:
    preview = preview_of(browser, GOOD)
    browser.post(f"{preview}/write")
    sign_in(brigade_admin).post(f"{preview}/undo")

    db.session.rollback()
    kept = db.session.execute(select(TrainingRecord)).scalar_one()
    assert (kept.entered_by_id, kept.voided_by_id) == (cast.bob.id, brigade_admin.id)
    acts = db.session.execute(select(AuditEvent.act, AuditEvent.admin_id).order_by(AuditEvent.number)).all()
    assert {("admin.write_import", cast.bob.id), ("admin.undo_import", brigade_admin.id)} <= {
        tuple(row) for row in acts
    }
