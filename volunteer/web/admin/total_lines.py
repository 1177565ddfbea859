"""What a page of totals was asked for, and its lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from flask import abort, g, request
from flask_babel import gettext as _

from volunteer.domain.totals import By, Per, Period, Sum, period_of
from volunteer.models.teams import Team, Unit
from volunteer.queries.teams import get_team_in
from volunteer.queries.totals import EVERYBODY, NO_UNIT, Chosen, Sums, count_people, list_called
from volunteer.queries.units import get_unit_in
from volunteer.web.dates import show_day, show_month, today

Kind = TypeVar("Kind", bound=StrEnum)


@dataclass(frozen=True)
class Asked:
    """What the address asks for; what it does not say is this month's hours by team."""

    by: By
    period: Period
    team: Team | None
    unit: Unit | None
    unit_id: int | None

    @property
    def chosen(self) -> Chosen:
        """The hours that it is about."""
        return Chosen((self.team.id,) if self.team else tuple(g.scope), self.period, self.unit_id)

    def arguments(self, **changed: Any) -> dict[str, Any]:
        """An address like this one, but for what is changed."""
        values = {
            "by": str(self.by),
            "per": str(self.period.per),
            "on": self.period.first_on.isoformat(),
            "team": self.team.code if self.team else None,
            "unit": self.unit_id,
        }
        return {name: value for name, value in {**values, **changed}.items() if value is not None}


@dataclass(frozen=True)
class Line:
    """One team, unit or member: what counts, how many people it comes from, and what narrows down to it."""

    code: str
    name: str
    sum: Sum
    people: int
    narrowed: Mapping[str, Any]


def read_asked() -> Asked:
    """What the address or the form asks for; 400 where no page of ours says so, 404 outside the scope."""
    by = read_one(By, request.values.get("by") or By.TEAM)
    per = read_one(Per, request.values.get("per") or Per.MONTH)
    try:
        on = date.fromisoformat(request.values.get("on") or today().isoformat())
    except ValueError:
        abort(400)
    # Before that there were no records, and after today there are none yet.
    on = min(max(on, date(1990, 1, 1)), today())
    code, unit = request.values.get("team", ""), request.values.get("unit", "")
    unit_id = request.values.get("unit", None, int) if unit else None
    if unit and unit_id is None:
        abort(400)
    return Asked(
        by,
        period_of(per, on),
        get_team_in(g.scope, code) if code else None,
        get_unit_in(g.scope, unit_id, is_brigade=g.is_brigade) if unit_id else None,
        unit_id,
    )


def read_one(kind: type[Kind], text: str) -> Kind:
    """The choice that the address names; 400 where there is none of that name."""
    try:
        return kind(text)
    except ValueError:
        abort(400)


def rank(sums: Sums) -> list[int]:
    """Whose lines stand first: the most hours, and of equal ones always in the same order."""
    return sorted(sums, key=lambda key: (-sums[key].minutes, key))


def count_all_people(asked: Asked, sums: Sums) -> Mapping[int, int]:
    """How many people each line comes from, and all of them together."""
    if asked.by is not By.MEMBER:
        return count_people(asked.chosen, asked.by)
    people = {key: int(one.minutes > 0) for key, one in sums.items()}
    return {**people, EVERYBODY: sum(people.values())}


def list_lines(asked: Asked, sums: Sums, people: Mapping[int, int], keys: Sequence[int]) -> list[Line]:
    """The lines of these keys, in their order."""
    called = list_called(asked.by, keys)
    return [_line(asked.by, key, called.get(key), sums[key], people.get(key, 0)) for key in keys]


def _line(by: By, key: int, called: tuple[str, str] | None, one: Sum, people: int) -> Line:
    if by is By.UNIT and key == NO_UNIT:
        return Line("", _("没有填写单位"), one, people, {"unit": NO_UNIT})
    code, name = called or ("", "")
    return Line(code, name, one, people, {str(by): key if by is By.UNIT else code})


def title_of(period: Period) -> str:
    """A day, a month or a year as it is said."""
    if period.per is Per.DAY:
        return show_day(period.first_on)
    if period.per is Per.MONTH:
        return show_month(period.first_on)
    return str(_("%(year)s 年", year=period.first_on.year))


def label_of(period: Period) -> str:
    """The same, as short as it stands under a bar."""
    day = period.first_on
    return str({Per.DAY: day.day, Per.MONTH: day.month, Per.YEAR: day.year}[period.per])
