"""The access log: written with every look at personal data and every export."""

from collections.abc import Sequence
from datetime import datetime

from volunteer.db import db, send, transaction
from volunteer.domain.access_log import LONGEST_DETAIL, AccessKind
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.columns import table_of
from volunteer.models.members import Admin, Member
from volunteer.sets import inserting


def note_access(
    who: Admin | Member, what: AccessKind, about: Sequence[int], detail: str, now: datetime
) -> None:
    """Write down that ``who`` did ``what`` with the data of these members (their ids, each counted once).

    ``detail`` says in a few words what it was, such as the columns of an export; never personal data.
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
