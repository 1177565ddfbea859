"""An admin says which volunteer the own person is, and proves it."""

from datetime import datetime

from volunteer.db import db, transaction
from volunteer.domain.members import clean_volunteer_no
from volunteer.domain.messages import INBOX, LINKED
from volunteer.domain.own_persons import LinkedAlready, PersonNotProved, PersonTaken
from volunteer.domain.passwords import is_password, waste_time
from volunteer.domain.terminals import clean_code, is_right
from volunteer.models.members import Admin, Member
from volunteer.models.messages import Message
from volunteer.queries.members import find_member
from volunteer.queries.merges import list_group_ids
from volunteer.queries.own_persons import find_admin_of


def link_own_person(admin_id: int, volunteer_no: str, proof: str, now: datetime) -> Member:
    """Link the account to the member whose password, or activation code, is the proof.

    Once done it stays: only another admin can undo it. Rows merged into one person count as one.
    The member is told: whoever borrowed a code is seen.
    """
    number = clean_volunteer_no(volunteer_no)
    with transaction():
        admin = db.session.get_one(Admin, admin_id, populate_existing=True, with_for_update=True)
        if admin.member_id is not None:
            raise LinkedAlready()
        member = find_member(number)
        if member is None or not _is_proved(member, proof):
            raise PersonNotProved()
        if find_admin_of(list_group_ids(member.id)) is not None:
            raise PersonTaken()
        admin.member_id = member.id
        params = {"username": admin.username, "name": admin.name}
        db.session.add(
            Message(
                key=f"linked:{admin.id}:{member.id}:{now:%Y%m%d%H%M%S}",
                member_id=member.id,
                sentence={"msgid": LINKED, "params": params},
                path=INBOX,
                sent_at=now,
            )
        )
    return member


def _is_proved(member: Member, proof: str) -> bool:
    # The code first: a password's digest is slow.
    if is_right(clean_code(proof), member.activation_hash):
        return True
    if member.password_hash is None:
        waste_time(proof)
        return False
    return is_password(proof, member.password_hash)
