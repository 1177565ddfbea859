"""Letters: activation codes for many members at once."""

from collections.abc import Sequence

from sqlalchemy import bindparam, update

from volunteer.db import db, transaction
from volunteer.domain.terminals import hash_secret, make_code
from volunteer.models.columns import table_of
from volunteer.models.members import Member

_MEMBERS = table_of(Member)


def give_activation_codes(member_ids: Sequence[int]) -> dict[int, str]:
    """A fresh one-time code for each of these members; older ones no longer work."""
    # Rows are locked in the order of ids, as everywhere.
    codes = {member_id: make_code() for member_id in sorted(member_ids)}
    statement = (
        update(_MEMBERS)
        .where(_MEMBERS.c.id == bindparam("member"))
        .values(activation_hash=bindparam("digest"))
    )
    rows = [{"member": member_id, "digest": hash_secret(code)} for member_id, code in codes.items()]
    if rows:
        with transaction():
            db.session.execute(statement, rows)
    return codes
