"""Who had a hand in an account or a volunteer: who opened it, gave its password, entered, printed."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from sqlalchemy import Row, and_, func, select

from volunteer.db import db
from volunteer.domain.access_log import AccessKind
from volunteer.domain.imports import ImportKind
from volunteer.domain.member_changes import FILE_KINDS
from volunteer.domain.own_persons import Account, Hand
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.admins import Appointment
from volunteer.models.audit import AuditEvent
from volunteer.models.imports import Import
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Admin, Member

# By these an admin enters a single volunteer.
ENTERING = ("admin.new_member", "admin.decide_registration")
# What older events of the audit call such an act.
FORMERLY = ("admin.registration",)

# By this an admin gives an account a new start password.
GIVING = "admin.renew_password"


def list_hands_in(persons: Mapping[int, int]) -> dict[int, set[Hand]]:
    """Who entered any row of each person, made it somebody else, or printed its letter."""
    by_hand = select(AuditEvent.member_id, AuditEvent.admin_id, AuditEvent.at).where(
        AuditEvent.member_id.in_(persons),
        AuditEvent.act.in_(ENTERING + FORMERLY),
        AuditEvent.admin_id.is_not(None),
    )
    letters = (
        select(AccessedMember.member_id, AccessEntry.admin_id, AccessEntry.at)
        .join(AccessEntry, AccessEntry.id == AccessedMember.entry_id)
        .where(
            AccessedMember.member_id.in_(persons),
            AccessEntry.kind == AccessKind.PRINTED_LETTER,
            AccessEntry.admin_id.is_not(None),
        )
    )
    # Who gives a file another name or number, or takes such a name back, makes a person of it too.
    corrected = select(MemberEvent).where(
        MemberEvent.member_id.in_(persons), MemberEvent.kind.in_(FILE_KINDS)
    )
    # A list's rows are gone after seven days: whoever had a hand in lists open while a member came in counts,
    # each as of when the list was sent, for whoever was nobody then may be known by the time it is written.
    lists = select(Member.id, Import.hand_ids, Import.created_at).join(
        Import,
        and_(
            Import.kind == ImportKind.MEMBERS,
            Import.created_at <= Member.created_at,
            func.coalesce(Import.written_at, Import.worked_at) >= Member.created_at,
        ),
    )
    entered: list[Row[Any]] = list(db.session.execute(by_hand))
    imported = lists.where(Member.id.in_(set(persons) - {row.member_id for row in entered}))
    found: dict[int, set[Hand]] = {}
    for member_id, admin_id, at in chain(entered, db.session.execute(letters).all()):
        found.setdefault(persons[member_id], set()).add(Hand(admin_id, at))
    for event in db.session.execute(corrected).scalars():
        by = ((event.admin_id, event.at), (event.undone_by_id, event.undone_at))
        hands = {Hand(admin_id, at) for admin_id, at in by if admin_id is not None and at is not None}
        found.setdefault(persons[event.member_id], set()).update(hands)
    for member_id, hand_ids, at in db.session.execute(imported):
        found.setdefault(persons[member_id], set()).update(Hand(one, at) for one in hand_ids)
    return found


def read_accounts(admin_ids: Iterable[int]) -> dict[int, Account]:
    """These accounts and all from whose hands they came: one question for each step back."""
    opener_id = (
        select(Appointment.appointed_by_id)
        .where(Appointment.admin_id == Admin.id)
        .order_by(Appointment.id)
        .limit(1)
        .scalar_subquery()
    )
    found: dict[int, Account] = {}
    missing, givers = set(admin_ids), _list_givers()
    while missing:
        statement = select(Admin, opener_id.label("opener_id")).where(Admin.id.in_(missing))
        for admin, opened_by in db.session.execute(statement):
            hands = [Hand(opened_by, admin.created_at)] if opened_by is not None else []
            hands += givers.get(admin.id, ())
            found[admin.id] = Account(admin.member_id is not None, admin.person_confirmed_at, tuple(hands))
        missing = {hand.admin_id for one in found.values() for hand in one.hands} - found.keys()
    return found


def _list_givers() -> dict[int, list[Hand]]:
    """Everybody who ever gave each account a new start password: whoever gives one knows it."""
    statement = select(AuditEvent.admin_id, AuditEvent.at, AuditEvent.changes).where(
        AuditEvent.act == GIVING, AuditEvent.admin_id.is_not(None)
    )
    found: dict[int, list[Hand]] = {}
    events: list[Row[Any]] = list(db.session.execute(statement))
    for event in events:
        for change in event.changes:
            if change["table"] == "admins" and "id" in change:
                found.setdefault(int(change["id"]), []).append(Hand(event.admin_id, event.at))
    return found
