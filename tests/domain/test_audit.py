"""What an event keeps of a change: enough to understand it, no secret, and little of a person."""

from datetime import UTC, datetime

import pytest

import volunteer.models  # noqa: F401 - fills the metadata
from volunteer.domain.audit import NOISE, Row, check_name, hide_numbers, is_secret, tell
from volunteer.domain.samples import draw
from volunteer.models.columns import Base

KEY = b"key"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("电话13812345678。", "电话*5678。"),
        ("身份证44030019900101123X，", "身份证*123X，"),
        ("身份证440300199001011234", "身份证*1234"),
        ("旧证440300900101123", "旧证*1123"),
        ("编号 2026000123", "编号 2026000123"),
        ("138123456789", "138123456789"),
        ("迟到 15 分钟", "迟到 15 分钟"),
    ],
)
def test_numbers_of_telephones_and_papers_are_hidden(text: str, kept: str) -> None:
    assert hide_numbers(text) == kept


def test_a_name_is_masked_and_two_names_differ() -> None:
    assert check_name("张三", KEY).startswith("张*·")
    assert check_name("张三", KEY) == check_name("张三", KEY)
    assert len({check_name(name, KEY) for name in ("张三", "张四", "张五")}) == 3
    assert check_name("张三", KEY) != check_name("张三", b"other")


def test_only_what_differs_is_told() -> None:
    before = {"status": "active", "team_id": 1, "status_at": datetime(2026, 9, 1, tzinfo=UTC)}
    after = {"status": "left", "team_id": 1, "status_at": datetime(2026, 9, 2, tzinfo=UTC)}

    told = tell(Row("members", "7", before, after), KEY)

    assert told is not None
    assert told["before"] == {"status": "active", "status_at": "2026-09-01T00:00:00+00:00"}
    assert told["after"] == {"status": "left", "status_at": "2026-09-02T00:00:00+00:00"}


def test_where_nothing_that_matters_changed_nothing_is_told() -> None:
    assert tell(Row("members", "7", {"search_keys": "a"}, {"search_keys": "b"}), KEY) is None
    assert tell(Row("service_records", "7", {"is_settled": True}, {"is_settled": False}), KEY) is None


def test_a_secret_only_says_that_it_changed() -> None:
    told = tell(Row("members", "7", {"password_hash": "old"}, {"password_hash": "new"}), KEY)

    assert told is not None
    assert (told["before"], told["after"]) == ({"password_hash": "***"}, {"password_hash": "changed"})
    code = tell(Row("settings", "setup_code", None, {"name": "setup_code", "value": "digest"}), KEY)
    assert "digest" not in str(code)


def test_names_inside_of_a_kept_change_are_masked_too() -> None:
    told = tell(Row("member_events", "1", None, {"after": {"name": "欧阳娜娜", "team": "第一分队"}}), KEY)

    assert "欧阳娜娜" not in str(told)
    assert "欧阳**" in str(told)
    assert "第一分队" in str(told)


def test_names_of_admins_officials_and_files_are_hidden_too() -> None:
    admin = tell(Row("admins", "1", None, {"username": "bob", "name": "鲍勃勃"}), KEY)
    activity = tell(Row("activities", "1", None, {"name": "送温暖", "person_in_charge": "李四光"}), KEY)
    file = tell(Row("evidence_files", "1", None, {"name": "李四光签到表.pdf", "size": 7}), KEY)

    assert "鲍勃勃" not in str(admin)
    assert "bob" in str(admin)
    assert "李四光" not in str(activity) + str(file)
    assert "送温暖" in str(activity)


def test_every_column_that_hides_something_is_a_secret() -> None:
    hiding = ("hash", "sealed", "secret", "credential", "password", "key", "token")
    plain = {"content_hash", "heads_hash", "event_hash", "previous_hash", "hash"}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.name not in plain and column.name.endswith(hiding) and table.name not in EXEMPT:
                assert is_secret(table.name, column.name), f"{table.name}.{column.name}"


# What no event tells of; and where ``key`` only keeps a thing from being found twice.
EXEMPT = NOISE | {"review_items"}


def test_a_draw_can_be_repeated_and_depends_on_the_seed_alone() -> None:
    seed, other = "00" * 32, "01" * 32
    population = list(range(1, 1001))

    drawn = draw(seed, population, 20)

    assert drawn == draw(seed, reversed(population), 20)
    assert len(set(drawn)) == 20
    assert drawn != draw(other, population, 20)
    assert draw(seed, population, 10) == drawn[:10]
    assert sorted(draw(seed, [3, 1, 2], 9)) == [1, 2, 3]
