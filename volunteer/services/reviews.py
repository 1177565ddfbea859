"""The review desk: decided in bulk, undone, muted. Nobody decides about oneself."""

from collections.abc import Collection, Iterable

from volunteer.db import db, transaction
from volunteer.domain.proposals import PersonUnknown
from volunteer.domain.review_decisions import (
    HoursNotMuted,
    MergedByOneself,
    NothingTicked,
    ReviewDecided,
    ReviewDesk,
    ReviewNotYours,
    ReviewOfOneself,
    clean_mute_reason,
    may_decide,
    needs_person,
)
from volunteer.domain.reviews import HOLDING, ReviewState
from volunteer.models.members import Admin
from volunteer.models.reviews import ReviewItem
from volunteer.queries.detectors import list_reviewed_ids
from volunteer.queries.reviews import find_reach, list_members_behind, list_merged_by, lock_reviews
from volunteer.queries.settlements import list_persons
from volunteer.writes.reviews import unsettle


def decide_reviews(ids: Collection[int], decision: ReviewState, desk: ReviewDesk) -> int:
    """Accept or reject all of these items, or none; how many changed. Safe to repeat.

    Accepted: seen and right, what was held counts. Rejected: what is held goes on counting nothing.
    """
    if decision not in (ReviewState.ACCEPTED, ReviewState.REJECTED):
        raise ValueError("a decision accepts or rejects")
    with transaction():
        items, person = _take(ids, desk)
        if any(item.state not in (ReviewState.OPEN, decision) for item in items):
            raise ReviewDecided()
        changed = [item for item in items if item.state == ReviewState.OPEN]
        for item in changed:
            _sign(item, decision, person, desk)
        _unsettle(changed)
    return len(changed)


def undo_reviews(ids: Collection[int], desk: ReviewDesk) -> int:
    """Let these items be open again, whatever was decided; how many changed. Safe to repeat.

    What had been decided stands in the audit.
    """
    with transaction():
        items, _person = _take(ids, desk)
        if any(item.state == ReviewState.GONE for item in items):
            raise ReviewDecided()
        changed = [item for item in items if item.state != ReviewState.OPEN]
        for item in changed:
            item.state, item.reason = str(ReviewState.OPEN), ""
            item.decided_by_id = item.decided_person_id = item.decided_at = None
        _unsettle(changed)
    return len(changed)


def mute_review(item_id: int, reason: str, desk: ReviewDesk) -> None:
    """Let nobody be reminded of this any more, for a reason; not where it holds hours back."""
    reason = clean_mute_reason(reason)
    with transaction():
        (item,), person = _take([item_id], desk)
        if item.kind in HOLDING:
            raise HoursNotMuted()
        if item.state != ReviewState.OPEN:
            raise ReviewDecided()
        _sign(item, ReviewState.MUTED, person, desk)
        item.reason = reason


def _take(ids: Collection[int], desk: ReviewDesk) -> tuple[list[ReviewItem], int | None]:
    """The items, locked, once it is certain that this admin may decide all of them; and who the admin is."""
    if not ids:
        raise NothingTicked()
    rows = lock_reviews(desk.scope, ids)
    admin = db.session.get_one(Admin, desk.admin_id, populate_existing=True)
    behind = list_members_behind(ids)
    involved = {row.ReviewItem.member_id for row in rows} | {admin.member_id} | behind.keys()
    persons = list_persons(one for one in involved if one is not None)
    person = persons[admin.member_id] if admin.member_id is not None else None
    reach = find_reach(desk.admin_id, desk.now.astimezone(desk.zone).date())
    for item, parent_id in rows:
        if not may_decide(item.level, item.team_id, parent_id, reach):
            raise ReviewNotYours()
        if person is None and needs_person(item.kind):
            raise PersonUnknown()
        about = {one for one, items in behind.items() if item.id in items} | {item.member_id}
        if person is not None and person in {persons[one] for one in about if one is not None}:
            raise ReviewOfOneself()
    if list_merged_by(desk.admin_id, [row.ReviewItem for row in rows]):
        raise MergedByOneself()
    return [row.ReviewItem for row in rows], person


def _sign(item: ReviewItem, state: ReviewState, person: int | None, desk: ReviewDesk) -> None:
    item.state, item.decided_by_id, item.decided_person_id = str(state), desk.admin_id, person
    item.decided_at, item.reason = desk.now, ""


def _unsettle(items: Iterable[ReviewItem]) -> None:
    """The ledger is to say what these items' records are worth now."""
    db.session.flush()
    reviewed = list_reviewed_ids(item.id for item in items if item.kind in HOLDING)
    unsettle(set().union(*reviewed.values()))
