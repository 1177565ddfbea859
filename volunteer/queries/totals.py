"""Totals of teams and units: from the sums that settling maintains, and what is not settled yet.

Each record counts for the member's team and unit of its own day: where the ledger says so, for
those of its entry.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, extract, func, literal, select, union

from volunteer.db import db
from volunteer.domain.totals import By, Per, Period, Sum, settled_sum
from volunteer.models.columns import table_of
from volunteer.models.ledger import LedgerEntry, TeamTotal
from volunteer.models.members import Member
from volunteer.models.teams import Team, Unit
from volunteer.queries.hours import NET_RECORDS, twice_sum
from volunteer.queries.memberships import holds_on, spans_from, team_then, these, unit_then
from volunteer.queries.merges import PERSONS
from volunteer.queries.settlements import list_persons
from volunteer.queries.unsettled import COUNTED, MEASURE, RECORDS, WAITS, list_twice
from volunteer.sets import among

_t, _e, _r = table_of(TeamTotal).c, table_of(LedgerEntry).c, RECORDS.c
NO_UNIT = 0
Sums = dict[Any, Sum]
_Parts = list[tuple[Any, Sum]]


@dataclass(frozen=True)
class Chosen:
    """Which hours: of these teams, in this time, and where named of that unit alone (0: of none)."""

    team_ids: tuple[int, ...]
    period: Period
    unit_id: int | None = None


@dataclass(frozen=True)
class Source:
    """Which columns say whose hours are, and when they were given."""

    team_id: Any
    unit_id: Any
    member_id: Any
    on: Any

    def key(self, by: By | Per) -> Any:
        """What hours are put together by: an id, or the first day of a period as a number."""
        if isinstance(by, By):
            return {By.TEAM: self.team_id, By.UNIT: self.unit_id, By.MEMBER: self.member_id}[by]
        year, month, day = (extract(part, self.on) for part in ("year", "month", "day"))
        return {Per.YEAR: year * 10000 + 101, Per.MONTH: (year * 100 + month) * 100 + 1}.get(
            by, (year * 100 + month) * 100 + day
        )

    def within(self, chosen: Chosen) -> list[ColumnElement[bool]]:
        """The conditions that hours are those that were chosen."""
        conditions = [self.on.between(chosen.period.first_on, chosen.period.last_on)]
        conditions.append(self.team_id.in_(these(chosen.team_ids)))
        return conditions if chosen.unit_id is None else [*conditions, self.unit_id == chosen.unit_id]


_TOTALS = Source(_t.team_id, _t.unit_id, None, _t.day_on)
ENTRIES = Source(_e.team_id, func.coalesce(_e.unit_id, literal(NO_UNIT)), _e.member_id, _e.served_on)


def sum_totals(chosen: Chosen, by: By | Per) -> Sums:
    """What counts, by team, unit or person, or by the first day of each period; where nothing is, no sum."""
    parts = [*_settled(chosen, by), *_waiting(chosen, by), *_doubted(chosen, by), *_twice(chosen, by)]
    persons = list_persons(key for key, _ in parts) if by is By.MEMBER else {}
    found: Sums = defaultdict(Sum)
    for key, part in parts:
        found[_day_of(int(key)) if isinstance(by, Per) else persons.get(key, key)] += part
    return {key: one for key, one in found.items() if one.minutes or one.records or one.waiting}


def _day_of(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)


def _settled(chosen: Chosen, by: By | Per) -> _Parts:
    if by is By.MEMBER:
        source, columns, records = ENTRIES, _e, NET_RECORDS
    else:
        source, columns, records = _TOTALS, _t, func.sum(_t.records)
    key = source.key(by)
    statement = select(key, columns.measure, func.sum(columns.minutes), records)
    rows = db.session.execute(statement.where(*source.within(chosen)).group_by(key, columns.measure))
    return [(row[0], settled_sum(row[1], int(row[2]), int(row[3]))) for row in rows]


def _waiting(chosen: Chosen, by: By | Per) -> _Parts:
    """What unsettled records count for now."""
    source, records = _place_records(chosen.period)
    key = source.key(by)
    counts = func.sum(case((COUNTED > 0, 1), else_=0))
    statement = records.with_only_columns(key, MEASURE, func.sum(COUNTED), counts)
    statement = statement.where(WAITS, *source.within(chosen)).group_by(key, MEASURE)
    parts = ((row[0], settled_sum(row[1], int(row[2]), int(row[3]))) for row in db.session.execute(statement))
    return [(key, part + Sum(waiting=part.minutes)) for key, part in parts]


def _doubted(chosen: Chosen, by: By | Per) -> _Parts:
    """What the ledger still has of unsettled records: it is not to count twice."""
    key = ENTRIES.key(by)
    statement = select(key, _e.measure, func.sum(_e.minutes), NET_RECORDS).where(
        _e.record_id.in_(unsettled_ids(chosen)), *ENTRIES.within(chosen)
    )
    rows = db.session.execute(statement.group_by(key, _e.measure))
    return [(row[0], settled_sum(row[1], -int(row[2]), -int(row[3]))) for row in rows]


def unsettled_ids(chosen: Chosen) -> Select[int]:
    """The records of that time that the ledger does not say yet, whosever they are."""
    return select(_r.id).where(WAITS, _r.served_on.between(chosen.period.first_on, chosen.period.last_on))


def _twice(chosen: Chosen, by: By | Per) -> _Parts:
    period = chosen.period
    in_time = _r.served_on.between(period.first_on, period.last_on)
    overlaps = {one.record.id: one for one in list_twice(in_time, {})}
    if not overlaps:
        return []
    source, records = _place_records(period)
    statement = records.with_only_columns(source.key(by), _r.id).where(
        _r.id.in_(list(overlaps)), *source.within(chosen)
    )
    return [(row[0], twice_sum(overlaps[row[1]])) for row in db.session.execute(statement)]


def place(period: Period) -> tuple[Source, Any, ColumnElement[bool]]:
    """Records by their members' teams and units of the day, with the outer join from members to that."""
    spans = spans_from(period.first_on)
    unit = func.coalesce(unit_then(spans), literal(NO_UNIT))
    source = Source(team_then(spans), unit, _r.member_id, _r.served_on)
    return source, spans, holds_on(spans, _r.served_on)


def _place_records(period: Period) -> tuple[Source, Select[Any]]:
    source, spans, holds = place(period)
    statement = select(_r.id).join_from(RECORDS, Member, Member.id == _r.member_id)
    return source, statement.outerjoin(spans, holds)


def count_people(chosen: Chosen, by: By) -> dict[int, int]:
    """How many different people (人数) hours come from, by team or unit; all of them under key -1."""
    source, records = _place_records(chosen.period)
    key = ENTRIES.key(by)
    settled = (
        select(key.label("key"), _e.member_id)
        .where(_e.record_id.not_in(unsettled_ids(chosen)), *ENTRIES.within(chosen))
        .group_by(key, _e.member_id)
        .having(func.sum(_e.minutes) > 0)
    )
    waiting = records.with_only_columns(source.key(by).label("key"), _r.member_id).where(
        WAITS, COUNTED > 0, *source.within(chosen)
    )
    both = union(settled, waiting).subquery()
    person = func.coalesce(PERSONS.c.person_id, both.c.member_id)
    statement = (
        select(both.c.key, person).outerjoin(PERSONS, PERSONS.c.member_id == both.c.member_id).distinct()
    )
    rows = [(row[0], row[1]) for row in db.session.execute(statement)]
    found: dict[int, int] = defaultdict(int)
    for row in rows:
        found[row[0]] += 1
    return {**found, EVERYBODY: len({row[1] for row in rows})}


# No team and no unit has this id.
EVERYBODY = -1


def list_called(by: By, keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Code or number, and name, of teams, units (which have no code) or members."""
    statement = {
        By.TEAM: select(Team.id, Team.code, Team.name).where(among(table_of(Team).c.id, "keys")),
        By.UNIT: select(Unit.id, literal(""), Unit.name).where(among(table_of(Unit).c.id, "keys")),
        By.MEMBER: select(Member.id, Member.volunteer_no, Member.name).where(
            among(table_of(Member).c.id, "keys")
        ),
    }[by]
    return {row[0]: (row[1], row[2]) for row in db.session.execute(statement, {"keys": list(keys)})}


def find_earliest_day(team_ids: Iterable[int]) -> date | None:
    """The first day with settled hours of these teams, or with records that wait; None without any."""
    settled = select(func.min(_t.day_on)).where(_t.team_id.in_(list(team_ids)))
    waiting = select(func.min(_r.served_on)).where(WAITS)
    days = (db.session.execute(one).scalar_one() for one in (settled, waiting))
    return min((day for day in days if day), default=None)
