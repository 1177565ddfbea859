"""An admin says which volunteer the own person is, and proves it."""

from datetime import date, datetime

from volunteer.db import db, transaction
from volunteer.domain.members import clean_volunteer_no
from volunteer.domain.messages import INBOX, LINKED, LINKED_TO_ADMIN, Note
from volunteer.domain.own_persons import LinkedAlready, PersonNotProved, PersonTaken
from volunteer.domain.passwords import is_password, waste_time
from volunteer.domain.terminals import clean_code, is_right
from volunteer.models.members import Admin, Member
from volunteer.models.messages import message_of
from volunteer.models.teams import Team
from volunteer.queries.members import find_member
from volunteer.queries.merges import list_group_ids
from volunteer.queries.messages import list_responsible
from volunteer.queries.own_persons import find_admin_of


def link_own_person(admin_id: int, volunteer_no: str, proof: str, now: datetime, today: date) -> Member:
    """Link the account to the member whose password, or activation code, is the proof.

    Once done it stays: only another admin can undo it. Rows merged into one person count as one.
    The member is told, and so are the admins above: whoever borrowed a code, or invented a member
    to be a second person, is seen.
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
        db.session.add_all(message_of(note, now) for note in _notes(admin, member, now, today))
    return member


def _notes(admin: Admin, member: Member, now: datetime, today: date) -> list[Note]:
    key, account = f"linked:{admin.id}:{member.id}:{now:%Y%m%d%H%M%S}", f"/admin/admins/{admin.id}"
    params = {"username": admin.username, "name": admin.name}
    above = db.session.get_one(Team, admin.team_id).parent_id or admin.team_id
    named = params | {"person": member.name, "number": member.volunteer_no}
    told = [one for one in list_responsible([above], today)[above] if one != admin.id]
    return [
        Note(key, LINKED, INBOX, params, member_id=member.id),
        *(Note(f"{key}:{one}", LINKED_TO_ADMIN, account, named, admin_id=one) for one in told),
    ]


def _is_proved(member: Member, proof: str) -> bool:
    # The code first: a password's digest is slow.
    if is_right(clean_code(proof), member.activation_hash):
        return True
    if member.password_hash is None:
        waste_time(proof)
        return False
    return is_password(proof, member.password_hash)
