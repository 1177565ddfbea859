"""Admins: accounts opened and closed, appointments made, ended and handed over by those who may.

Opening an account never says which volunteer its owner is: whoever opens it knows the start password,
so only a proof that the owner gives, and a second person's word, make the account somebody's.
"""

from dataclasses import dataclass
from datetime import date, datetime

from volunteer.db import db, transaction
from volunteer.domain.activities import LONGEST_REASON
from volunteer.domain.admin_refusals import (
    AdminInactive,
    NotOneself,
    OnlyDeputies,
    PlaceMissing,
    TermOver,
    UsernameTaken,
)
from volunteer.domain.admins import (
    Post,
    clean_username,
    make_start_password,
    require_end,
    require_endable,
    require_givable,
    require_room,
    require_term,
)
from volunteer.domain.members import clean_name, require_length
from volunteer.domain.own_persons import UnlinkReasonMissing
from volunteer.domain.passwords import hash_password
from volunteer.domain.refusals import NotFound
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin
from volunteer.queries.admins import (
    Standing,
    find_appointing_standing,
    list_lasting_appointments,
    list_posts,
    lock_admin,
    post_of,
)
from volunteer.queries.members import find_admin
from volunteer.queries.stations import get_station_by_id
from volunteer.writes.second_factors import drop_factors


@dataclass(frozen=True)
class NewAccount:
    """Somebody who has no account yet; ``start_password`` is told once and changed at the first sign-in."""

    username: str
    name: str
    start_password: str


def new_account(username: str, name: str) -> NewAccount:
    """An account to be, with a start password of its own."""
    return NewAccount(clean_username(username), clean_name(name), make_start_password())


def add_appointed_admin(by_id: int, account: NewAccount, post: Post, now: datetime, today: date) -> Admin:
    """Open an account and appoint its owner."""
    digest = hash_password(account.start_password)
    with transaction():
        require_term(post, today)
        _require_giving(_standing_of(by_id, today), post)
        return _open_account(by_id, account, digest, post, now)


def appoint(by_id: int, admin_id: int, post: Post, now: datetime, today: date) -> Appointment:
    """Appoint somebody who has an account."""
    with transaction():
        require_term(post, today)
        _require_giving(_standing_of(by_id, today), post)
        return _appoint(by_id, admin_id, post, now)


def end_appointment(by_id: int, appointment_id: int, until_on: date, now: datetime, today: date) -> None:
    """Let an appointment count no longer from ``until_on`` on."""
    with transaction():
        appointment = _lock_appointment(by_id, appointment_id, today)
        _end(appointment, by_id, require_end(post_of(appointment), until_on, today), now)


def hand_over(
    by_id: int, appointment_id: int, successor: int | NewAccount, on: date, now: datetime, today: date
) -> Appointment:
    """In one step: the successor holds the same post from ``on``, and the predecessor no longer."""
    digest = hash_password(successor.start_password) if isinstance(successor, NewAccount) else ""
    with transaction():
        appointment = _lock_appointment(by_id, appointment_id, today)
        old = post_of(appointment)
        _require_giving(_standing_of(by_id, today), old)
        if require_end(old, on, today) == old.until_on:
            raise TermOver()
        _end(appointment, by_id, on, now)
        post = Post(old.role, old.team_id, old.station_id, on, old.until_on, old.is_deputy)
        if isinstance(successor, NewAccount):
            return _open_account(by_id, successor, digest, post, now).appointments[0]
        return _appoint(by_id, successor, post, now)


def close_account(by_id: int, admin_id: int, now: datetime, today: date) -> None:
    """Close an account at once and end whatever its owner is appointed as; history stays."""
    with transaction():
        admin = _lock_account(by_id, admin_id, today)
        admin.is_active = False
        for appointment in list_lasting_appointments(admin_id, today):
            _end(appointment, by_id, max(today, appointment.from_on or today), now)


def reopen_account(by_id: int, admin_id: int, today: date) -> None:
    """Open a closed account again; its owner is nothing until appointed anew."""
    with transaction():
        _lock_account(by_id, admin_id, today).is_active = True


def rename_account(by_id: int, admin_id: int, name: str, today: date) -> None:
    """Correct the name that an account stands under; what was done under it stays its owner's."""
    name = clean_name(name)
    with transaction():
        _lock_account(by_id, admin_id, today).name = name


def unlink_person(by_id: int, admin_id: int, reason: str, today: date) -> None:
    """Take back which volunteer an admin is; what was done under that name stays as it was done."""
    if not reason.strip():
        raise UnlinkReasonMissing()
    with transaction():
        admin = _lock_account(by_id, admin_id, today)
        db.session.info["reason"] = require_length(reason.strip(), LONGEST_REASON)
        admin.become(None, None, None)


def renew_start_password(by_id: int, admin_id: int, now: datetime, today: date) -> str:
    """A new start password for somebody who forgot the own one; no other way in is left.

    Sessions begun with the old one end, and passkeys and second factors go with it: one may be of somebody
    who gave a password before. Whoever gives a password knows it. So only who may give the owner's posts
    gives one, and which volunteer the owner is has to be proved and confirmed anew, by somebody else.
    """
    password = make_start_password()
    digest = hash_password(password)
    with transaction():
        admin = _lock_account(by_id, admin_id, today)
        if not admin.is_active:
            raise AdminInactive()
        standing = _standing_of(by_id, today)
        for post in list_posts(admin_id):
            if not post.is_over(today):
                _require_giving(standing, post)
        admin.password_hash = admin.start_hash = digest
        drop_factors(admin)
        admin.become(None, None, None)
    return password


def _open_account(by_id: int, account: NewAccount, digest: str, post: Post, now: datetime) -> Admin:
    if find_admin(account.username):
        raise UsernameTaken(username=account.username)
    admin = Admin(
        username=account.username,
        name=account.name,
        team_id=_home_team_id(by_id, post),
        password_hash=digest,
        start_hash=digest,
        created_at=now,
        appointments=[_appointment(by_id, post, now)],
    )
    db.session.add(admin)
    return admin


def _appoint(by_id: int, admin_id: int, post: Post, now: datetime) -> Appointment:
    admin = lock_admin(admin_id)
    if admin.id == by_id:
        raise NotOneself()
    if not admin.is_active:
        raise AdminInactive()
    require_room(post, list_posts(admin_id))
    appointment = _appointment(by_id, post, now)
    appointment.admin_id = admin_id
    db.session.add(appointment)
    return appointment


def _appointment(by_id: int, post: Post, now: datetime) -> Appointment:
    return Appointment(
        role=post.role,
        team_id=post.team_id,
        station_id=post.station_id,
        from_on=post.from_on,
        until_on=post.until_on,
        is_deputy=post.is_deputy,
        appointed_by_id=by_id,
        appointed_at=now,
    )


def _home_team_id(by_id: int, post: Post) -> int:
    """Where an account belongs: its first team; a station leader's, the station's or the appointer's."""
    team_id = post.team_id
    if team_id is None and post.station_id is not None:
        team_id = get_station_by_id(post.station_id).team_id
    return team_id or db.session.get_one(Admin, by_id).team_id


def _end(appointment: Appointment, by_id: int, until_on: date, now: datetime) -> None:
    appointment.until_on, appointment.ended_by_id, appointment.ended_at = until_on, by_id, now


def _standing_of(by_id: int, today: date) -> Standing:
    standing = find_appointing_standing(by_id, today)
    if standing is None:
        raise OnlyDeputies()
    return standing


def _require_giving(standing: Standing, post: Post) -> None:
    """Refuse what ``_require_reach`` refuses, and a role that is not the asker's to give."""
    _require_reach(standing, post)
    require_givable(post.role, standing.roles, is_brigade=standing.is_brigade)


def _require_reach(standing: Standing, post: Post) -> None:
    """Refuse a post outside the own teams as unknown, and a role that is not the asker's to end."""
    team_id = post.team_id
    if post.station_id is not None:
        team_id = get_station_by_id(post.station_id).team_id
    elif team_id is None:
        raise PlaceMissing()
    is_brigades = post.station_id is not None and team_id is None and standing.is_brigade
    if team_id not in standing.team_ids and not is_brigades:
        raise NotFound()
    require_endable(post.role, is_brigade=standing.is_brigade)


def _lock_appointment(by_id: int, appointment_id: int, today: date) -> Appointment:
    """The appointment, which the asker may end; nobody else changes its admin meanwhile."""
    found = db.session.get(Appointment, appointment_id)
    if found is None:
        raise NotFound()
    lock_admin(found.admin_id)
    appointment = db.session.get_one(Appointment, appointment_id, populate_existing=True)
    _require_reach(_standing_of(by_id, today), post_of(appointment))
    if appointment.admin_id == by_id:
        raise NotOneself()
    return appointment


def _lock_account(by_id: int, admin_id: int, today: date) -> Admin:
    """The admin, all of whose posts the asker could end; of one without any, the team counts."""
    admin, standing = lock_admin(admin_id), _standing_of(by_id, today)
    if admin_id == by_id:
        raise NotOneself()
    posts = [post for post in list_posts(admin_id) if not post.is_over(today)]
    if not posts and admin.team_id not in standing.team_ids:
        raise NotFound()
    for post in posts:
        _require_reach(standing, post)
    return admin
