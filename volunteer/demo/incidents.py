"""What went wrong, or is to be confirmed, at the stations in the last weeks: it fills the review desk.

On days on which nothing else is planned, and with people who are no admins.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from random import Random

from volunteer.demo.activities import DemoActivity, is_planned
from volunteer.demo.people import DemoMember
from volunteer.demo.sessions import Session, scan_all
from volunteer.domain.activities import TRAINING, Category

# Who the stories are about: the teams whose pages visitors see.
DETACHMENT, SQUADRON = "FD01", "ZD01"
LONG_DAY, EVENING, COURSE, FIRST_COURSE = "台风后公园清障", "晚间反诈宣传", "志愿服务礼仪培训", "新人岗前培训"
SUNDAY, TUESDAY, WEDNESDAY = 6, 1, 2
Taps = Sequence[tuple[str, time]]
Colleagues = Callable[[str], Sequence[DemoMember]]


@dataclass(frozen=True)
class _Incident:
    """What was planned from ``begin`` to ``end``, and the cards that were held up."""

    day: date
    name: str
    station_code: str
    begin: time
    end: time
    taps: Taps
    category: str = TRAINING


def list_incidents(now: datetime, zone: tzinfo, colleagues: Colleagues, seed: int) -> Iterator[Session]:
    """A very long Sunday, an evening on which some forgot to check out, and two courses."""
    today = now.astimezone(zone).date()
    own = [member.volunteer_no for member in colleagues(DETACHMENT)]
    others = [member.volunteer_no for team in (SQUADRON, "ZD02") for member in colleagues(team)[:2]]
    begin, end = time(18, 30), time(20, 30)
    course_on, first_course_on = (_quiet_day(today, least, WEDNESDAY) for least in (4, 40))
    for one in (
        _Incident(
            _quiet_day(today, 3, SUNDAY), LONG_DAY, "J05", time(8), time(19, 30),
            _two_shifts([*own[:1], *others]), Category.BEAUTIFICATION,
        ),
        _Incident(
            _quiet_day(today, 4, TUESDAY), EVENING, "J04", begin, end, _evening(own[1:6]), Category.CIVIC_TALK
        ),
        _Incident(course_on, COURSE, "J03", begin, end, _course(own[6:12])),
        _Incident(first_course_on, FIRST_COURSE, "J03", begin, end, _course(own[3:9])),
    ):  # fmt: skip
        taps = [(number, datetime.combine(one.day, at, zone)) for number, at in one.taps]
        plan = DemoActivity(
            one.name,
            one.category,
            one.station_code,
            datetime.combine(one.day, one.begin, zone),
            datetime.combine(one.day, one.end, zone),
            len({number for number, _ in taps}),
            DETACHMENT if one.category == TRAINING else "",
        )
        yield scan_all(plan, taps, Random(f"{seed} {plan.name} {one.day}"), now)


def _quiet_day(today: date, least: int, weekday: int) -> date:
    """The newest such weekday at least so many days ago for which nothing else was planned."""
    day = today - timedelta(days=least)
    while day.weekday() != weekday or is_planned(day):
        day -= timedelta(days=1)
    return day


def _two_shifts(people: Sequence[str]) -> Taps:
    times = (time(7, 55), time(13, 2), time(13, 40), time(19, 21))
    return [(number, at) for number in people for at in times]


def _evening(people: Sequence[str]) -> Taps:
    """The first comes and goes five times, the last leaves properly, the others forget to check out."""
    restless = (
        (18, 20), (18, 42), (18, 50), (19, 10), (19, 14), (19, 35), (19, 40), (20, 0), (20, 4), (20, 31)
    )  # fmt: skip
    taps = [(number, time(hour, minute)) for number in people[:1] for hour, minute in restless]
    taps += [(number, time(18, 26, second)) for second, number in enumerate(people[1:])]
    return taps + [(number, time(20, 33)) for number in people[4:]]


def _course(people: Sequence[str]) -> Taps:
    return [
        (number, at)
        for second, number in enumerate(people)
        for at in (time(18, 21, second), time(20, 32, second))
    ]
