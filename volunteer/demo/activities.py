"""A year of planned service: the 15th of each month, two campaigns, weekends, and right now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from volunteer.domain.activities import TRAINING, Category

# Station, category, begin, end, people: about 1,400 check-ins spread as a district reported them.
_DUTY_DAY = (
    ("U01", Category.CIVIL_TRAVEL, time(7, 30), time(9, 30), 120),
    ("U02", Category.CIVIL_TRAVEL, time(7, 30), time(9, 30), 120),
    ("I01", Category.CIVIL_TRAVEL, time(7, 30), time(9, 30), 120),
    ("J01", Category.COMMUNITY_VISIT, time(9), time(11, 30), 192),
    ("J02", Category.COMMUNITY_VISIT, time(9), time(11, 30), 192),
    ("J04", Category.COMMUNITY_VISIT, time(9), time(11, 30), 192),
    ("J03", Category.BEAUTIFICATION, time(8, 30), time(10, 30), 160),
    ("J05", Category.BEAUTIFICATION, time(8, 30), time(10, 30), 160),
    ("J06", Category.WARMTH, time(9), time(11), 117),
    ("J01", Category.CIVIC_TALK, time(14, 30), time(16), 37),
)
_NAMES = {
    Category.CIVIL_TRAVEL: "路口文明劝导",
    Category.CIVIC_TALK: "政策宣讲",
    Category.COMMUNITY_VISIT: "进社区便民服务",
    Category.BEAUTIFICATION: "公园河道保洁",
    Category.WARMTH: "走访慰问",
}
# What is told of each kind of service (Order 67, article 7).
CONTENTS: dict[str, str] = {
    Category.CIVIL_TRAVEL: "在路口和站点劝导行人、骑车人遵守交通规则，为路人指路。",
    Category.CIVIC_TALK: "向办事群众宣讲惠民政策，解答问题，发放资料。",
    Category.COMMUNITY_VISIT: "到社区为居民提供量血压、政策咨询、代办等便民服务。",
    Category.BEAUTIFICATION: "清理公园和河道沿岸的垃圾，擦洗公共设施。",
    Category.WARMTH: "走访独居老人和困难家庭，陪伴聊天，帮助打扫。",
    TRAINING: "志愿服务礼仪、沟通方法和安全注意事项。",
}
_KIOSKS = ("U01", "U02", "I01")
_DUTY_DATE = 15
_BETWEEN = timedelta(hours=1)
# Part of the usual attendance on days off.
_WEEKEND_SHARE, _HOLIDAY_SHARE = 0.85, 0.3


@dataclass(frozen=True)
class DemoActivity:
    """One planned piece of service, and how many people are expected to come.

    The brigade organises it where no team is named.
    """

    name: str
    category: str
    station_code: str
    starts_at: datetime
    ends_at: datetime
    people: int
    team_code: str = ""


def list_days(now: datetime, zone: tzinfo, holidays: frozenset[date]) -> Iterator[list[DemoActivity]]:
    """What was planned on each day of the year up to and including today, oldest day first.

    The last day also holds what is going on at ``now``. On ``holidays`` fewer people come.
    """
    today = now.astimezone(zone).date()
    for back in range(365, 0, -1):
        if found := list(_planned_on(today - timedelta(days=back), zone, holidays)):
            yield found
    planned = list(_planned_on(today, zone, holidays))
    yield planned + list(_right_now(now, zone, planned))


def is_planned(day: date) -> bool:
    """Whether something is planned for this day, holidays or not."""
    return day.day == _DUTY_DATE or (day.month, day.day) in ((3, 5), (9, 29)) or day.weekday() == 5


def _planned_on(day: date, zone: tzinfo, holidays: frozenset[date]) -> Iterator[DemoActivity]:
    if day.day == _DUTY_DATE:
        share = _HOLIDAY_SHARE if day in holidays else _WEEKEND_SHARE if day.weekday() > 4 else 1
        for station, category, begin, end, people in _DUTY_DAY:
            name = f"{day.month}月服务日：{_NAMES[category]}"
            yield _activity(name, category, station, day, (begin, end), int(people * share), zone)
    elif (day.month, day.day) == (3, 5):
        for station, people in (("J01", 140), ("J04", 140), ("U01", 120)):
            window = (time(14), time(17))
            yield _activity("三月统一行动日", Category.COMMUNITY_VISIT, station, day, window, people, zone)
    elif (day.month, day.day) == (9, 29):
        for station, people in (("J05", 200), ("J03", 100)):
            window = (time(8, 30), time(11, 30))
            yield _activity("清河行动", Category.BEAUTIFICATION, station, day, window, people, zone)
    elif day.weekday() == 5:
        station = _KIOSKS[day.toordinal() // 7 % len(_KIOSKS)]
        yield _activity("周末值守", Category.CIVIL_TRAVEL, station, day, (time(9), time(12)), 12, zone)


def _activity(
    name: str,
    category: Category,
    station: str,
    day: date,
    window: tuple[time, time],
    people: int,
    zone: tzinfo,
) -> DemoActivity:
    starts_at, ends_at = (datetime.combine(day, clock, zone) for clock in window)
    return DemoActivity(name, category, station, starts_at, ends_at, people)


def _right_now(now: datetime, zone: tzinfo, planned: Sequence[DemoActivity]) -> Iterator[DemoActivity]:
    """Service that began an hour or two ago and goes on, at stations where nothing else is planned."""
    starts_at = now.astimezone(zone).replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    ends_at = starts_at + timedelta(hours=4)
    busy = {
        one.station_code
        for one in planned
        if one.starts_at - _BETWEEN < ends_at and starts_at < one.ends_at + _BETWEEN
    }
    free = [station for station in ("U01", "I01", "J01", "J04", "U02", "J06") if station not in busy]
    name = "日常值守" if 7 <= starts_at.hour < 19 else "夜间值守"
    for station, people in zip(free, (14, 10, 8), strict=False):
        yield DemoActivity(name, Category.CIVIL_TRAVEL, station, starts_at, ends_at, people)
