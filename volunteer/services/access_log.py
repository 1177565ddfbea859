"""The access log: written with every look at personal data and every export."""

from collections.abc import Sequence
from datetime import datetime

from volunteer.db import db, send, transaction
from volunteer.domain.access_log import LONGEST_DETAIL, ONE_LOOK, AccessKind
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.columns import table_of
from volunteer.models.members import Admin, Member
from volunteer.queries.looks import has_looked, list_looked_at
from volunteer.sets import inserting


def note_access(
    who: Admin | Member, what: AccessKind, about: Sequence[int], detail: str, now: datetime
) -> None:
    """Write down that ``who`` did ``what`` with the data of these members (their ids, each counted once).

    ``detail`` is what it was, as a code with what belongs to it (``correction 5``), which the page puts
    into words (``web.access_words``), or a name that needs none; never personal data.
    A longer one is cut: a log must not fail. Call it before the data leave the server.
    """
    is_admin, who_id = isinstance(who, Admin), who.id
    members = sorted(set(about))
    with transaction():
        entry = AccessEntry(
            at=now,
            admin_id=who_id if is_admin else None,
            member_id=None if is_admin else who_id,
            kind=what,
            count=len(members),
            detail=detail[:LONGEST_DETAIL],
        )
        db.session.add(entry)
        db.session.flush()
        if members:
            rows = [{"entry_id": entry.id, "member_id": member_id} for member_id in members]
            send(inserting(table_of(AccessedMember), rows))


def note_look(who: Admin, about: Sequence[int], detail: str, now: datetime) -> None:
    """Write down that the admin opened a page about these members: within an hour each once for a page.

    So a list that is opened again, or refreshes itself, adds a line only of those who are new in it.
    """
    what, since, detail = AccessKind.VIEWED_FILE, now - ONE_LOOK, detail[:LONGEST_DETAIL]
    if not about:
        if not has_looked(who.id, what, detail, since):
            note_access(who, what, [], detail, now)
        return
    if fresh := set(about) - set(list_looked_at(who.id, what, list(about), detail, since)):
        note_access(who, what, sorted(fresh), detail, now)
