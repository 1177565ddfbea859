"""Members moved by a list, many at once: each stands in the history as a transfer does, and can go back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, update

from volunteer.db import db
from volunteer.domain.imports import MOVED_BY_LIST, StagedRow
from volunteer.domain.known_units import KnownUnits
from volunteer.domain.member_changes import EventKind
from volunteer.models.columns import table_of
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.models.teams import MemberTeam, Team, Unit
from volunteer.queries.member_imports import list_members_again
from volunteer.queries.memberships import past_memberships

_MEMBERS = table_of(Member)


@dataclass(frozen=True)
class Moving:
    """A row that moves a member, and where to."""

    row: StagedRow
    member_id: int
    team_id: int
    unit_id: int | None


def move_members(moving: Sequence[Moving], now: datetime, on: date, by_id: int | None) -> None:
    """Move members, keep where they were before, and write it into their histories as transfers are."""
    if not moving:
        return
    members = {one.id: one for one in list_members_again([one.member_id for one in moving])}
    spans = {span.member_id: span for span in past_memberships(members.values(), on)}
    db.session.add_all(spans.values())
    db.session.flush()
    events: dict[int, MemberEvent] = {}
    for one in moving:
        member, span = members[one.member_id], spans.get(one.member_id)
        before = {**_place(member.team_id, member.unit_id), "span_id": span.id if span else None}
        events[one.member_id] = MemberEvent(
            member_id=member.id,
            kind=EventKind.TRANSFERRED,
            effective_on=on,
            before=before,
            after=_place(one.team_id, one.unit_id),
            reason=MOVED_BY_LIST,
            admin_id=by_id,
            at=now,
        )
        member.team_id, member.unit_id = one.team_id, one.unit_id
    db.session.add_all(events.values())
    db.session.flush()
    for one in moving:
        event, span = events[one.member_id], spans.get(one.member_id)
        one.row.before = {
            **(one.row.before or {}),
            "event_id": event.id,
            "span_id": span.id if span else None,
        }


def _place(team_id: int, unit_id: int | None) -> dict[str, Any]:
    team, unit = db.session.get_one(Team, team_id), db.session.get(Unit, unit_id) if unit_id else None
    # The names too: history says what it was called then.
    return {"team_id": team_id, "team": team.name, "unit_id": unit_id, "unit": unit.name if unit else ""}


def put_back(row: StagedRow, units: KnownUnits, now: datetime, by_id: int | None) -> None:
    """Let a member stand where the list found it, inside the transaction; the history says who did so."""
    before = row.before or {}
    unit_id = units.find_living_id(before["unit_id"])
    values: dict[str, object] = {"team_id": before["team_id"], "unit_id": unit_id}
    if span_id := before.get("span_id"):
        db.session.execute(delete(MemberTeam).where(MemberTeam.id == span_id))
    if event_id := before.get("event_id"):
        event = db.session.get_one(MemberEvent, event_id)
        event.undone_at, event.undone_by_id = now, by_id
    if not before["had_id"] and row.id_hash:
        values |= {"national_id_sealed": None, "national_id_hash": None}
    db.session.execute(update(_MEMBERS).where(_MEMBERS.c.id == row.target_id).values(values))
