"""An admin says which volunteer the own person is and proves it; a second person confirms it."""

from datetime import date, datetime

from volunteer.db import db, transaction
from volunteer.domain.activities import LONGEST_REASON
from volunteer.domain.members import clean_volunteer_no, require_length
from volunteer.domain.messages import (
    INBOX,
    LINK_ASKED,
    LINK_CONFIRMED,
    LINK_REFUSED,
    LINK_WAITS,
    LINKED,
    LINKED_TO_ADMIN,
    OWN_PERSON,
    Note,
    link_path,
)
from volunteer.domain.own_persons import (
    LinkedAlready,
    LinkWaiting,
    NothingToConfirm,
    PersonNotProved,
    PersonTaken,
    require_confirmer,
)
from volunteer.domain.passwords import is_password, waste_time
from volunteer.domain.refusals import ReasonMissing
from volunteer.domain.terminals import clean_code, is_right
from volunteer.models.members import Member
from volunteer.models.messages import message_of
from volunteer.models.teams import Team
from volunteer.queries.admins import lock_admin
from volunteer.queries.members import find_admin, find_member, lock_members
from volunteer.queries.merges import list_group_ids
from volunteer.queries.messages import list_responsible
from volunteer.queries.own_persons import (
    Waiting,
    find_admin_of,
    find_confirmer,
    find_waiting,
    list_confirmers,
)


def propose_own_person(admin_id: int, volunteer_no: str, proof: str, now: datetime, today: date) -> Member:
    """Ask for the link of the account to the member whose password, or activation code, is the proof.

    It counts for nothing until somebody else has confirmed it. The member is told, and so are
    those who may confirm. Rows merged into one person count as one.
    """
    number = clean_volunteer_no(volunteer_no)
    with transaction():
        admin = lock_admin(admin_id)
        if admin.member_id is not None:
            raise LinkedAlready()
        if admin.waiting_member_id is not None:
            raise LinkWaiting()
        member = find_member(number)
        if member is None or not _is_proved(member, proof):
            raise PersonNotProved()
        if find_admin_of(list_group_ids(member.id)) is not None:
            raise PersonTaken()
        admin.waiting_member_id, admin.waiting_at = member.id, now
        db.session.flush()
        _tell(_proposal_notes(_get_waiting(admin_id, today), now, today), now)
    return member


def withdraw_own_person(admin_id: int) -> None:
    """Take back the own link that waits."""
    with transaction():
        admin = lock_admin(admin_id)
        if admin.waiting_member_id is None:
            raise NothingToConfirm()
        admin.waiting_member_id = admin.waiting_at = None


def confirm_person(by_id: int, admin_id: int, now: datetime, today: date) -> Member:
    """Confirm, having met the person, that an admin is the volunteer of the link that waits."""
    with transaction():
        return _confirm(_lock_waiting(by_id, admin_id, today), by_id, now, today)


def refuse_person(by_id: int, admin_id: int, reason: str, now: datetime, today: date) -> None:
    """Refuse the link that waits, for a reason that the admin reads; the account stays as it was."""
    reason = require_length(reason.strip(), LONGEST_REASON)
    if not reason:
        raise ReasonMissing()
    with transaction():
        waiting = _lock_waiting(by_id, admin_id, today)
        db.session.info["reason"] = reason
        params = _named(waiting) | {"reason": reason}
        key = f"link-refused:{admin_id}:{now:%Y%m%d%H%M%S%f}"
        _tell([Note(key, LINK_REFUSED, OWN_PERSON, params, admin_id=admin_id)], now)
        waiting.admin.waiting_member_id = waiting.admin.waiting_at = None


def confirm_person_on_server(username: str, volunteer_no: str, now: datetime, today: date) -> Member:
    """Confirm a link that waits as whoever runs the server: the first persons have nobody else to."""
    number = clean_volunteer_no(volunteer_no)
    with transaction():
        admin = find_admin(username.strip())
        if admin is None:
            raise NothingToConfirm()
        lock_admin(admin.id)
        waiting = _get_waiting(admin.id, today)
        if waiting.member.volunteer_no != number:
            raise NothingToConfirm()
        return _confirm(waiting, None, now, today)


def _lock_waiting(by_id: int, admin_id: int, today: date) -> Waiting:
    """The link that waits, which this admin may confirm; nobody changes either account meanwhile."""
    for one in sorted({by_id, admin_id}):
        lock_admin(one)
    waiting = _get_waiting(admin_id, today)
    require_confirmer(find_confirmer(by_id, today), waiting.claim)
    return waiting


def _get_waiting(admin_id: int, today: date) -> Waiting:
    waiting = find_waiting(admin_id, today)
    if waiting is None:
        raise NothingToConfirm()
    return waiting


def _confirm(waiting: Waiting, by_id: int | None, now: datetime, today: date) -> Member:
    member = waiting.member
    rows = list_group_ids(member.id)
    lock_members(rows)
    if find_admin_of(rows) is not None:
        raise PersonTaken()
    waiting.admin.become(member.id, now, by_id)
    _tell(_confirmed_notes(waiting, by_id, now, today), now)
    return member


def _tell(notes: list[Note], now: datetime) -> None:
    db.session.add_all(message_of(note, now) for note in notes)


def _named(waiting: Waiting) -> dict[str, str]:
    return {
        "username": waiting.admin.username,
        "name": waiting.admin.name,
        "person": waiting.member.name,
        "number": waiting.member.volunteer_no,
    }


def _proposal_notes(waiting: Waiting, now: datetime, today: date) -> list[Note]:
    key, params = f"link:{waiting.admin.id}:{now:%Y%m%d%H%M%S%f}", _named(waiting)
    told = list_confirmers(waiting, today)
    return [
        Note(key, LINK_ASKED, INBOX, params, member_id=waiting.member.id),
        *(
            Note(f"{key}:{one.id}", LINK_WAITS, link_path(waiting.admin.id), params, admin_id=one.id)
            for one in told
        ),
    ]


def _confirmed_notes(waiting: Waiting, by_id: int | None, now: datetime, today: date) -> list[Note]:
    """For the admin, for the volunteer, and for the admins above: whoever was made up is seen."""
    admin, params = waiting.admin, _named(waiting)
    key, account = f"linked:{admin.id}:{now:%Y%m%d%H%M%S%f}", f"/admin/admins/{admin.id}"
    above = db.session.get_one(Team, admin.team_id).parent_id or admin.team_id
    told = [one for one in list_responsible([above], today)[above] if one not in (admin.id, by_id)]
    return [
        Note(f"{key}:own", LINK_CONFIRMED, OWN_PERSON, params, admin_id=admin.id),
        Note(key, LINKED, INBOX, params, member_id=waiting.member.id),
        *(Note(f"{key}:{one}", LINKED_TO_ADMIN, account, params, admin_id=one) for one in told),
    ]


def _is_proved(member: Member, proof: str) -> bool:
    # The code first: a password's digest is slow.
    if is_right(clean_code(proof), member.activation_hash):
        return True
    if member.password_hash is None:
        waste_time(proof)
        return False
    return is_password(proof, member.password_hash)
