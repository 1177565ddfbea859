"""Units: entered, renamed, dissolved into a successor; what was stays known."""

from datetime import date

from sqlalchemy import update

from volunteer.db import db, transaction
from volunteer.domain.refusals import TitleTaken
from volunteer.domain.team_refusals import SuccessorBelow, SuccessorMissing, TeamDissolved
from volunteer.domain.teams import Party, clean_party, clean_title, form_values, is_over
from volunteer.domain.versions import require_version
from volunteer.models.members import Member
from volunteer.models.teams import Unit, UnitSpan
from volunteer.queries.memberships import past_memberships
from volunteer.queries.units import (
    find_last_unit_change,
    get_unit,
    has_had_employed,
    is_unit_name_taken,
    list_employed,
    lock_units,
)


def found_unit(name: str, party: Party) -> Unit:
    """Enter a unit."""
    name, party = clean_title(name), clean_party(party)
    with transaction():
        _require_free(name)
        unit = Unit(name=name, party_branch=party.name, party_kind=party.kind)
        db.session.add(unit)
    return unit


def rename_unit(unit_id: int, name: str, party: Party, on: date, version: str | None = None) -> Unit:
    """Give a unit another name or party organisation; the old name holds for the days before."""
    name, party = clean_title(name), clean_party(party)
    with transaction():
        lock_units([unit_id])
        unit = _get_living(unit_id)
        require_version(version, form_values(unit))
        if name != unit.name:
            _require_free(name, unit.id)
            since = find_last_unit_change(unit.id)
            if is_over(since, on):
                db.session.add(UnitSpan(unit_id=unit.id, name=unit.name, from_on=since, until_on=on))
        unit.name, unit.party_branch, unit.party_kind = name, party.name, party.kind
    return unit


def dissolve_unit(unit_id: int, successor_id: int | None, on: date) -> Unit:
    """Dissolve a unit. Its members go to the successor; only one that never had any needs none."""
    with transaction():
        lock_units([unit_id, *([successor_id] if successor_id else [])])
        unit = _get_living(unit_id)
        if successor_id is None:
            if has_had_employed(unit.id):
                raise SuccessorMissing()
        elif successor_id == unit.id:
            raise SuccessorBelow()
        else:
            heir = _get_living(successor_id)
            db.session.add_all(past_memberships(list_employed(unit.id), on))
            db.session.execute(update(Member).where(Member.unit_id == unit.id).values(unit_id=heir.id))
        unit.dissolved_on, unit.successor_id = on, successor_id
    return unit


def _get_living(unit_id: int) -> Unit:
    unit = get_unit(unit_id)
    if unit.dissolved_on:
        raise TeamDissolved(name=unit.name)
    return unit


def _require_free(name: str, but_id: int | None = None) -> None:
    if is_unit_name_taken(name, but_id):
        raise TitleTaken(name=name)
