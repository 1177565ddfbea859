"""Records and scans drawn on a line of hours."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from volunteer.web.admin.timelines import draw_timeline

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 9, 12, 0, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Drawn:
    checked_in_at: datetime
    checked_out_at: datetime | None
    minutes: int = 60


def test_a_picture_keeps_its_bars_inside_and_shades_what_is_shared() -> None:
    records = [Drawn(MORNING, MORNING + 2 * HOUR), Drawn(MORNING + HOUR, MORNING + 3 * HOUR)]

    picture = draw_timeline(records, [MORNING], ZONE)

    assert picture is not None
    assert [bar.number for bar in picture.bars] == [1, 2]
    assert all(bar.x >= 0 and bar.x + bar.width <= picture.width for bar in picture.bars)
    assert (len(picture.shared), picture.marks) == (1, [picture.bars[0].x])
    assert [hour for _, hour in picture.ticks] == ["08", "09", "10", "11"]


def test_nothing_and_what_is_spread_over_weeks_are_no_picture() -> None:
    weeks = [Drawn(MORNING, MORNING + HOUR), Drawn(MORNING + 72 * HOUR, None)]

    assert draw_timeline([], [], ZONE) is None
    assert draw_timeline(weeks, [], ZONE) is None
    assert draw_timeline(weeks[:1] * 13, [], ZONE) is None
