"""Lines of the access log in words, the new ones and those that were written before."""

import pytest
from flask import Flask

from volunteer.domain.exports import DATED, ExportKind
from volunteer.web.access_words import COLUMNS, say_access
from volunteer.web.admin.export_rows import MEMBER_COLUMNS


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        ("members: volunteer_no, name, team_code", "志愿者名单：志愿者编号、姓名、队伍编码"),
        ("records: 2026-09-01 – 2026-09-30", "服务记录：2026年9月1日 – 2026年9月30日"),
        ("members: team, unit", "志愿者名单：所属队伍、单位"),
        ("totals: member, 2026-09-01 – 2026-09-30", "时长统计：按志愿者、2026年9月1日 – 2026年9月30日"),
        ("members: 3", "志愿者名单，3 行"),
        ("teams", "队伍"),
        ("pdf", "PDF"),
        ("png", "图片"),
        ("rejected rows of import 2", "导入 2 中没有导入的行"),
        ("audit.xlsx", "审计（Excel）"),
        ("ledger", "台账、审计和封存的全部条目"),
        ("evidence 3", "证明文件 3"),
        ("registration 3", "加入申请 3"),
        ("correction 5", "更正或补录 5"),
        ("member_changes", "调动与状态"),
        ("lose 4", "办理“挂失卡”的页面"),
        ("merge", "办理“合并重复档案或判定不是同一人”的页面"),
        ("members", "志愿者名单"),
        ("members @ FD01 ? 张*", "志愿者名单（队伍 FD01），查找“张*”"),
        ("phone", "电话"),
        ("photo", "使用照片"),
        ("done", "已删除"),
    ],
)
def test_a_code_is_shown_as_people_call_it(app: Flask, detail: str, words: str) -> None:
    with app.test_request_context():
        assert say_access(detail) == words


@pytest.mark.parametrize("kind", ExportKind)
def test_every_list_that_can_be_taken_along_has_words(app: Flask, kind: ExportKind) -> None:
    with app.test_request_context():
        more = ": 2026-09-01 – 2026-09-30" if kind in DATED else ": name"
        assert kind not in say_access(str(kind) if kind is ExportKind.TEAMS else f"{kind}{more}")


def test_columns_are_called_as_in_the_list_itself() -> None:
    for name, (msgid, _) in MEMBER_COLUMNS.items():
        assert COLUMNS[name] == msgid


@pytest.mark.parametrize("detail", ["", "第一分队", "ZM-2026-000123", "姓名、编号", "members: unknown 2"])
def test_a_name_and_what_nobody_knows_any_more_stay_as_they_are(app: Flask, detail: str) -> None:
    with app.test_request_context():
        assert detail.removeprefix("members: ") in say_access(detail)


def test_a_clerk_who_reads_english_reads_it_in_english(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert say_access("evidence 3") != "证明文件 3"
