"""Rows of a list judged against each other."""

from collections import Counter
from itertools import permutations
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.headings import Field
from volunteer.domain.import_rows import Repetitions, judge_repetitions
from volunteer.domain.imports import RowState, StagedRow
from volunteer.domain.national_ids import derive_id_keys
from volunteer.services.member_imports import MemberLists

KIND = MemberLists(derive_id_keys("test"), ZoneInfo("Asia/Shanghai"), bytes(32))
NUMBERS, NAMES, IDS = st.sampled_from("AB"), st.sampled_from(["甲", "乙"]), st.sampled_from(["", "1", "2"])
ROWS = st.lists(st.tuples(NUMBERS, NAMES, IDS))


def staged(*people: tuple[str, str, str]) -> list[StagedRow]:
    """Rows of these numbers, names and ID numbers, from row 2 on."""
    return [
        StagedRow(
            place,
            values={
                Field.VOLUNTEER_NO: number,
                Field.NAME: name,
                Field.UNIT: "",
                Field.TEAM: "",
                Field.NATIONAL_ID: national_id,
            },
            key=number,
            id_hash=national_id or None,
        )
        for place, (number, name, national_id) in enumerate(people, start=2)
    ]


@given(ROWS)
def test_what_is_taken_contradicts_nothing_in_the_list(people: list[tuple[str, str, str]]) -> None:
    rows = staged(*people)

    judge_repetitions(rows, KIND)

    for row in rows:
        same_key = {str(one.values) for one in rows if one.key == row.key}
        same_id = {one.key for one in rows if one.id_hash and one.id_hash == row.id_hash}
        is_first = not any(one.values == row.values for one in rows if one.row < row.row)
        is_sure = len(same_key) == 1 and len(same_id) <= 1
        assert row.is_good == (is_first and is_sure)
        assert is_sure or row.state in (RowState.PROBLEM, RowState.SKIPPED)


@given(ROWS)
def test_a_row_that_is_passed_over_repeats_the_first_of_its_key(people: list[tuple[str, str, str]]) -> None:
    rows = staged(*people)

    judge_repetitions(rows, KIND)

    skipped = [row for row in rows if row.state is RowState.SKIPPED]
    firsts = {row.key: row for row in reversed(rows)}
    assert all(row.values == firsts[row.key].values and row is not firsts[row.key] for row in skipped)
    assert [str(row.reasons[0]) for row in skipped] == [
        f"与第 {firsts[row.key].row} 行完全相同。" for row in skipped
    ]


def test_every_row_names_one_that_stands_against_it() -> None:
    rows = staged(("A", "甲", "1"), ("A", "乙", ""), ("B", "丙", "1"), ("B", "丙", "1"))

    judge_repetitions(rows, KIND)

    assert [" ".join(map(str, row.reasons)) for row in rows] == [
        "志愿者编号 A 与第 3 行重复，但姓名不同。",
        "志愿者编号 A 与第 2 行重复，但姓名不同。",
        "公民身份号码与第 2 行相同，但志愿者编号不同。",
        "与第 4 行完全相同。",
    ]


def test_the_order_of_the_file_does_not_decide_who_is_refused() -> None:
    people = [("A", "甲", "1"), ("A", "乙", ""), ("B", "丙", "1"), ("C", "丁", "2")]

    for order in permutations(people):
        rows = staged(*order)
        judge_repetitions(rows, KIND)
        assert Counter(row.key for row in rows if row.is_good) == {"C": 1}


def test_rows_without_a_number_repeat_nothing() -> None:
    found = Repetitions()

    found.look_at_keys(staged(("", "甲", ""), ("", "乙", "")))
    found.look_at_ids(staged(("A", "甲", ""), ("B", "乙", "")))

    assert not found.first_of
    assert not found.rival_of
