"""Answers to activities where several use cases write them: free places, who leaves, two rows of one person.

One person has one answer to an activity, under the kept row: so places, rosters and the
statement that takes scans need not ask who was merged.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from volunteer.db import db
from volunteer.domain.activities import ActivityState
from volunteer.domain.messages import PROMOTED, Note, activity_path
from volunteer.domain.participations import COMING, ParticipationState, rank, state_on_sign_up
from volunteer.models.activities import Activity, Participation
from volunteer.models.messages import message_of
from volunteer.queries.activities import lock_activity
from volunteer.queries.attendances import has_come
from volunteer.queries.participations import (
    count_taken,
    find_participation,
    find_participation_by_id,
    list_answers,
    list_requests_to,
    list_waiting,
)


def fill_free_places(activity: Activity, now: datetime) -> None:
    """Give the free places of a locked activity that is still to come to those who wait; they are told."""
    if not _is_to_come(activity, now):
        return
    waiting = list_waiting(activity.id)
    free = len(waiting) if activity.places is None else activity.places - count_taken(activity.id)
    for participation in waiting[: max(0, free)]:
        participation.state, participation.state_at = ParticipationState.SIGNED_UP, now
        params = {"activity": activity.name, "starts_at": activity.starts_at.isoformat()}
        key = f"promoted:{participation.id}:{now:%Y%m%d%H%M%S%f}"
        note = Note(key, PROMOTED, activity_path(activity.id), params, member_id=participation.member_id)
        db.session.add(message_of(note, now))


def release_answers(member_id: int, now: datetime) -> list[list[Any]]:
    """Free the places, also on waiting lists, that a member has in what is to come; who came already stays.

    Gives what ``regain_answers`` needs, fit for JSON. Nobody waits for the member to stand in any more.
    """
    concerned = list_answers(member_id) + list_requests_to(member_id)
    activities = _lock(one.activity_id for one in concerned)
    to_come = {one.id for one in activities.values() if _is_to_come(one, now)}
    for asking in list_requests_to(member_id):
        if asking.activity_id in to_come:
            asking.substitute_id = None
    # Read again: while the activities were not locked yet, a place may have come.
    freed = [
        one
        for one in list_answers(member_id)
        if one.activity_id in to_come and one.state in COMING and not has_come(one.activity_id, member_id)
    ]
    before = [[one.activity_id, one.id, one.state_at.isoformat(), now.isoformat()] for one in freed]
    for answer in freed:
        answer.state, answer.state_at = ParticipationState.ON_LEAVE, now
        answer.reason, answer.substitute_id = "", None
    db.session.flush()
    for answer in freed:
        fill_free_places(activities[answer.activity_id], now)
    return before


def regain_answers(before: Iterable[list[Any]], now: datetime) -> None:
    """Put who had left back where nothing was said since: a free place, else first on the waiting list."""
    freed = list(before)
    activities = _lock(activity_id for activity_id, *_ in freed)
    for activity_id, participation_id, since, freed_at in freed:
        activity, found = activities[activity_id], find_participation_by_id(activity_id, participation_id)
        is_as_left = (
            found is not None
            and found.state == ParticipationState.ON_LEAVE
            and found.state_at == datetime.fromisoformat(freed_at)
        )
        if found is not None and is_as_left and _is_to_come(activity, now):
            found.state, found.state_at = ParticipationState.WAITING, datetime.fromisoformat(since)
            db.session.flush()
            fill_free_places(activity, now)


def unite_answers(kept_id: int, duplicate_id: int, now: datetime) -> dict[str, Any]:
    """Let what both rows answered be the kept one's; gives what ``part_answers`` needs, fit for JSON.

    Where both answered, the answer that ranks first stays; a place taken twice goes to whoever waits.
    """
    concerned = list_answers(duplicate_id) + list_requests_to(duplicate_id)
    activities = _lock(one.activity_id for one in concerned)
    own = {one.activity_id: one for one in list_answers(kept_id)}
    moved, dropped = [], []
    for one in list_answers(duplicate_id):
        both = [one, own[one.activity_id]] if one.activity_id in own else [one]
        first, *rest = sorted(both, key=rank)
        for other in rest:
            dropped.append(_values(other))
            db.session.delete(other)
        # The unique index allows one at a time.
        db.session.flush()
        if first is one:
            moved.append([one.activity_id, one.id, _values(one)])
            one.member_id = kept_id
            db.session.flush()
    asked = _redirect_requests(kept_id, duplicate_id)
    for values in dropped:
        fill_free_places(activities[values["activity_id"]], now)
    return {"moved": moved, "dropped": dropped, "asked": asked}


def _redirect_requests(kept_id: int, duplicate_id: int) -> list[list[int | None]]:
    """Ask the kept row where the duplicate was asked to stand in; nobody is asked to stand in for oneself."""
    asked = []
    for one in list_requests_to(duplicate_id) + list_requests_to(kept_id):
        taker_id = None if one.member_id == kept_id else kept_id
        if one.substitute_id != taker_id:
            asked.append([one.activity_id, one.id, one.substitute_id])
            one.substitute_id = taker_id
    return asked


def part_answers(kept_id: int, duplicate_id: int, before: Mapping[str, Any], now: datetime) -> None:
    """Give each row its own answers back; who has no place any more in what is to come waits for one.

    What was answered since the two became one stays said, by the kept row; the other has its old answer.
    """
    moved, dropped, asked = (before.get(name, ()) for name in ("moved", "dropped", "asked"))
    concerned = [values["activity_id"] for values in dropped]
    activities = _lock([*concerned, *(activity_id for activity_id, *_ in (*moved, *asked))])
    # The first merges did not note what the answer was.
    for activity_id, participation_id, *noted in moved:
        found = find_participation_by_id(activity_id, participation_id)
        if found is None or found.member_id != kept_id:
            continue
        if noted and _is_answered_since(found, noted[0]):
            _bring_back(activities[activity_id], noted[0], now)
        else:
            found.member_id = duplicate_id
            db.session.flush()
    for values in dropped:
        _bring_back(activities[values["activity_id"]], values, now)
    for activity_id, participation_id, substitute_id in asked:
        found = find_participation_by_id(activity_id, participation_id)
        is_as_left = found is not None and found.substitute_id in (None, kept_id)
        if found is not None and is_as_left and found.state == ParticipationState.SIGNED_UP:
            # Nobody stands in for oneself: an answer that stays is not the duplicate's request.
            found.substitute_id = substitute_id if substitute_id != found.member_id else None


def _is_answered_since(found: Participation, noted: Mapping[str, Any]) -> bool:
    """Whether something was said since; a place that came to who waited is no answer."""
    if (noted["state"], found.state) == (ParticipationState.WAITING, ParticipationState.SIGNED_UP):
        return False
    return (found.state, found.state_at) != (noted["state"], datetime.fromisoformat(noted["state_at"]))


def _bring_back(activity: Activity, values: Mapping[str, Any], now: datetime) -> None:
    if find_participation(activity.id, values["member_id"]) is not None:
        return
    answer = Participation(**{**values, "state_at": datetime.fromisoformat(values["state_at"])})
    if answer.state == ParticipationState.SIGNED_UP and _is_to_come(activity, now):
        answer.state = state_on_sign_up(activity.places, count_taken(activity.id))
    db.session.add(answer)
    db.session.flush()
    # Who waited before may find a place free by now.
    fill_free_places(activity, now)


def _lock(activity_ids: Iterable[int]) -> dict[int, Activity]:
    # In one order, so that two of these cannot lock each other out.
    return {one: lock_activity(one) for one in sorted(set(activity_ids))}


def _is_to_come(activity: Activity, now: datetime) -> bool:
    return activity.state == ActivityState.PUBLISHED and activity.ends_at > now


def _values(answer: Participation) -> dict[str, Any]:
    names = ("activity_id", "member_id", "state", "reason", "substitute_id")
    return {**{name: getattr(answer, name) for name in names}, "state_at": answer.state_at.isoformat()}
