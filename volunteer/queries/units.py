"""Units that employ members, as they are and as they were on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.trees import Day
from volunteer.domain.unit_refusals import UnitDissolved, UnitSucceeded, UnitUnknown
from volunteer.models.members import Member
from volunteer.models.teams import MemberTeam, Unit, UnitSpan
from volunteer.queries.memberships import holds_on, spans_from, team_then, these, unit_then, were_members


@dataclass(frozen=True)
class UnitLine:
    """A unit with the name and the number of members that it had on the day."""

    unit: Unit
    name: str
    members: int


def list_unit_lines(scope: Iterable[int], day: Day, *, with_empty: bool) -> list[UnitLine]:
    """The units of members that these teams had on a day, by name; all units ``with_empty``.

    A unit dissolved by then is left out, unless it still had somebody.
    """
    counts = count_unit_members(scope, day)
    past = aliased(UnitSpan)
    first = select(func.min(past.until_on)).where(past.unit_id == Unit.id, past.until_on > day.on)
    statement = select(Unit, UnitSpan.name).outerjoin(
        UnitSpan, and_(UnitSpan.unit_id == Unit.id, UnitSpan.until_on == first.scalar_subquery())
    )
    lines = [
        UnitLine(unit, name_then or unit.name, counts.get(unit.id, 0))
        for unit, name_then in db.session.execute(statement)
        if unit.id in counts or (with_empty and (unit.dissolved_on is None or unit.dissolved_on > day.on))
    ]
    return sorted(lines, key=lambda line: line.name)


def count_unit_members(scope: Iterable[int], day: Day) -> dict[int | None, int]:
    """How many members of these teams each unit had at the end of that day; None counts those without one."""
    spans = spans_from(day.on)
    unit_id = unit_then(spans)
    statement = (
        select(unit_id, func.count(Member.id))
        .select_from(Member)
        .outerjoin(spans, holds_on(spans, day.on))
        .where(team_then(spans).in_(these(scope)), *were_members(day))
        .group_by(unit_id)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def get_unit_in(scope: Iterable[int], unit_id: int, *, is_brigade: bool) -> Unit:
    """The unit, where it employs or employed a member of these teams; the brigade sees every one."""
    unit = db.session.get(Unit, unit_id)
    if unit is None or not (is_brigade or _is_seen(list(scope), unit_id)):
        raise UnitUnknown()
    return unit


def _is_seen(scope: list[int], unit_id: int) -> bool:
    now = select(Member.id).where(Member.unit_id == unit_id, Member.team_id.in_(scope)).exists()
    before = select(MemberTeam.id).where(MemberTeam.unit_id == unit_id, MemberTeam.team_id.in_(scope))
    return bool(db.session.execute(select(or_(now, before.exists()))).scalar_one())


def get_unit(unit_id: int) -> Unit:
    """The unit, dissolved or not; refuses where there is none."""
    unit = db.session.get(Unit, unit_id)
    if unit is None:
        raise UnitUnknown()
    return unit


def get_open_unit(unit_id: int) -> Unit:
    """The unit, which nobody dissolves until the transaction ends; a dissolved one names its successor."""
    unit = _hold(unit_id)
    if unit.dissolved_on is None:
        return unit
    heir = find_heir(unit)
    if heir is None:
        raise UnitDissolved(name=unit.name)
    raise UnitSucceeded(name=unit.name, successor=heir.name)


def find_open_unit(unit_id: int) -> Unit | None:
    """The unit, or the one that its people went to when it was dissolved, held as above; None without one."""
    heir = find_heir(_hold(unit_id))
    return _hold(heir.id) if heir else None


def find_heir(unit: Unit) -> Unit | None:
    """The unit itself, or the one that came after it in the end; None where there is none."""
    while unit.dissolved_on is not None:
        if unit.successor_id is None:
            return None
        unit = get_unit(unit.successor_id)
    return unit


def _hold(unit_id: int) -> Unit:
    unit = db.session.get(Unit, unit_id, with_for_update={"read": True}, populate_existing=True)
    if unit is None:
        raise UnitUnknown()
    return unit


def list_units() -> list[Unit]:
    """The units that are still there, by name."""
    return list(
        db.session.execute(select(Unit).where(Unit.dissolved_on.is_(None)).order_by(Unit.name)).scalars()
    )


def list_gone_units(scope: Iterable[int], *, is_brigade: bool) -> list[Row[Unit, Unit]]:
    """The dissolved units that employed members of these teams, the latest first, each with its successor."""
    heir = aliased(Unit)
    statement = select(Unit, heir).outerjoin(heir, heir.id == Unit.successor_id)
    statement = statement.where(Unit.dissolved_on.is_not(None))
    if not is_brigade:
        was_here = select(MemberTeam.unit_id).where(MemberTeam.team_id.in_(list(scope)))
        statement = statement.where(Unit.id.in_(was_here))
    return list(db.session.execute(statement.order_by(Unit.dissolved_on.desc(), Unit.name)))


def is_unit_name_taken(name: str, but_id: int | None = None) -> bool:
    """Whether another unit has, or had at its end, this name."""
    statement = select(Unit.id).where(Unit.name == name, Unit.id != (but_id or 0))
    return db.session.execute(statement).first() is not None


def list_unit_spans(unit_id: int) -> list[UnitSpan]:
    """What the unit was called before, the latest first."""
    statement = select(UnitSpan).where(UnitSpan.unit_id == unit_id)
    return list(db.session.execute(statement.order_by(UnitSpan.until_on.desc())).scalars())


def list_unit_predecessors(unit_id: int) -> list[Unit]:
    """The dissolved units that this one succeeds, the latest first."""
    statement = select(Unit).where(Unit.successor_id == unit_id)
    return list(db.session.execute(statement.order_by(Unit.dissolved_on.desc(), Unit.name)).scalars())


def find_last_unit_change(unit_id: int) -> date | None:
    """The day since which the unit has its name, or None where it always had."""
    statement = select(func.max(UnitSpan.until_on)).where(UnitSpan.unit_id == unit_id)
    return db.session.execute(statement).scalar_one()


def list_employed(unit_id: int) -> list[Member]:
    """Every member of the unit, of any status, in the order that everybody locks in."""
    statement = select(Member).where(Member.unit_id == unit_id).order_by(Member.id)
    return list(db.session.execute(statement).scalars())


def count_employed(unit_id: int) -> int:
    """How many members the unit has, of any status."""
    statement = select(func.count(Member.id)).where(Member.unit_id == unit_id)
    return db.session.execute(statement).scalar_one()


def has_had_employed(unit_id: int) -> bool:
    """Whether anybody belongs to the unit, or did on some day."""
    now = select(Member.id).where(Member.unit_id == unit_id).exists()
    before = select(MemberTeam.id).where(MemberTeam.unit_id == unit_id).exists()
    return bool(db.session.execute(select(or_(now, before))).scalar_one())


def lock_units(unit_ids: Iterable[int]) -> None:
    """Lock these units until the transaction ends; people may be entered meanwhile."""
    statement = select(Unit.id).where(Unit.id.in_(list(unit_ids))).order_by(Unit.id)
    db.session.execute(statement.with_for_update(key_share=True)).all()
