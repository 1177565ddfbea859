"""Roster sheets: everybody expected, room for others, the head of the table on every page."""

from dataclasses import replace
from pathlib import Path

from tests.drawing.rasters import facts, texts
from volunteer.drawing.rosters import Roster, RosterLine, roster_pdf

ALICE = RosterLine("李𬭎明", "LG440307001025", "法院服务中队")
ROSTER = Roster(
    name="路口文明劝导",
    category="文明出行",
    when="2026-09-15 09:00–11:00",
    place="龙城大道路口",
    content="劝导行人\r\n走斑马线",
    organising_unit="第一分队",
    person_in_charge="李四",
    risk_note="站在车行道旁",
    insurance_no="P-2026-1",
    lines=(ALICE,),
)


def test_a_sheet_tells_the_seven_fields_and_the_risk(tmp_path: Path) -> None:
    pdf = roster_pdf(ROSTER)

    (page,) = texts(pdf, tmp_path)
    assert "(A4)" in facts(pdf, tmp_path)
    for told in ("路口文明劝导", "2026-09-15 09:00–11:00", "龙城大道路口", "走斑马线", "第一分队", "李四"):
        assert told in page
    for told in ("站在车行道旁", "P-2026-1", "李𬭎明", "LG440307001025", "签到", "签退", "签名"):
        assert told in page


def test_there_is_room_for_who_comes_without_a_sign_up(tmp_path: Path) -> None:
    (page,) = texts(roster_pdf(replace(ROSTER, lines=())), tmp_path)

    assert "15" in page


def test_every_page_of_a_long_sheet_has_the_head_and_its_number(tmp_path: Path) -> None:
    lines = tuple(replace(ALICE, volunteer_no=f"LG{number:06}") for number in range(60))

    found = texts(roster_pdf(replace(ROSTER, lines=lines)), tmp_path)

    assert len(found) > 1
    for number, page in enumerate(found, 1):
        assert f"第{number}页,共{len(found)}页" in page.replace(" ", "").replace("，", ",")
    assert all("志愿者编号" in page for page in found[:-1])
    assert "LG000059" in "".join(found)


def test_a_box_stands_for_a_character_without_a_glyph_and_the_others_stand_beside_it(tmp_path: Path) -> None:
    rare = replace(ALICE, name="𪚥一", volunteer_no="LG000002")

    (page,) = texts(roster_pdf(replace(ROSTER, place="\ue000路口", lines=(ALICE, rare))), tmp_path)

    for told in ("李𬭎明", "□一", "LG000002", "□路口"):
        assert told in page
