"""Versions: equal for equal values, whatever the zone or the order they come in."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from volunteer.domain.versions import ChangedMeanwhile, require_version, version_of

AT = datetime(2026, 9, 15, 1, tzinfo=UTC)


def test_equal_values_have_one_version_in_any_zone_and_order() -> None:
    shown = version_of({"at": AT, "name": "路口", "places": None})

    assert shown == version_of(
        {"places": None, "name": "路口", "at": AT.astimezone(ZoneInfo("Asia/Shanghai"))}
    )


@pytest.mark.parametrize("change", [{"name": "门口"}, {"places": 0}, {"places": "None"}, {"more": ""}])
def test_any_other_value_is_another_version(change: dict[str, object]) -> None:
    shown = {"name": "路口", "places": None}

    with pytest.raises(ChangedMeanwhile):
        require_version(version_of(shown), {**shown, **change})


def test_what_came_without_a_form_asks_nothing() -> None:
    require_version(None, {"name": "路口"})
