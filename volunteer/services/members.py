"""Members and admins: entered, activated, signed in."""

from datetime import datetime

from volunteer.db import db, transaction
from volunteer.domain.admin_refusals import UsernameTaken
from volunteer.domain.members import clean_name, clean_volunteer_no
from volunteer.domain.names import search_text
from volunteer.domain.own_persons import PersonTaken
from volunteer.domain.passwords import hash_password, is_password, needs_rehash, require_password, waste_time
from volunteer.domain.refusals import VolunteerNoTaken
from volunteer.domain.roles import Role
from volunteer.domain.sign_in_refusals import ActivationFailed, SignInFailed
from volunteer.domain.teams import TeamLevel
from volunteer.domain.terminals import clean_code, hash_secret, is_right, make_code
from volunteer.domain.unit_refusals import UnitUnknown
from volunteer.models.admins import Appointment
from volunteer.models.members import Admin, Member
from volunteer.models.teams import Team
from volunteer.queries.members import find_admin, find_free_number, find_member, get_member
from volunteer.queries.merges import list_group_ids
from volunteer.queries.own_persons import find_admin_of
from volunteer.queries.teams import find_brigade, get_brigade, get_team
from volunteer.queries.units import get_unit

BRIGADE_CODE, BRIGADE_NAME = "DD", "机关志愿服务大队"


def found_brigade() -> Team:
    """The brigade at the top of the tree; founded where the installation has none yet."""
    with transaction():
        brigade = find_brigade()
        if brigade is None:
            brigade = Team(code=BRIGADE_CODE, name=BRIGADE_NAME, level=TeamLevel.BRIGADE)
            db.session.add(brigade)
    return brigade


def add_member(
    volunteer_no: str, name: str, team_code: str | None, now: datetime, unit_id: int | None = None
) -> Member:
    """Enter a member into a team, or into the brigade where none is named; perhaps employed by a unit.

    Without a volunteer number the next free one of the team is given.
    """
    name, wanted = clean_name(name), clean_volunteer_no(volunteer_no) if volunteer_no.strip() else None
    with transaction():
        team = get_team(team_code) if team_code else get_brigade()
        number = wanted or find_free_number(team)
        if find_member(number):
            raise VolunteerNoTaken(volunteer_no=number)
        if unit_id is not None and get_unit(unit_id).dissolved_on is not None:
            raise UnitUnknown()
        member = Member(
            volunteer_no=number,
            name=name,
            search_keys=search_text(name),
            team_id=team.id,
            unit_id=unit_id,
            status_at=now,
            created_at=now,
        )
        db.session.add(member)
    return member


def add_admin(
    username: str,
    name: str,
    team_code: str | None,
    password: str,
    now: datetime,
    role: Role = Role.TEAM_ADMIN,
    member_no: str | None = None,
) -> Admin:
    """Appoint an admin of a team and everything below it; or an auditor or system admin there.

    ``member_no`` says which volunteer the admin is, confirmed by whoever runs the server; one person is
    one account.
    """
    digest = hash_password(require_password(password, username, name))
    with transaction():
        team = get_team(team_code) if team_code else get_brigade()
        if find_admin(username):
            raise UsernameTaken(username=username)
        person = get_member(clean_volunteer_no(member_no)) if member_no else None
        if person is not None and find_admin_of(list_group_ids(person.id)) is not None:
            raise PersonTaken()
        admin = Admin(
            username=username,
            name=clean_name(name or username),
            team_id=team.id,
            password_hash=digest,
            created_at=now,
            member_id=person.id if person is not None else None,
            person_confirmed_at=now if person is not None else None,
            appointments=[Appointment(role=role, team_id=team.id, is_deputy=False, appointed_at=now)],
        )
        db.session.add(admin)
    return admin


def give_activation_code(volunteer_no: str) -> str:
    """A fresh one-time code for the card letter; an older one no longer works."""
    code = make_code()
    with transaction():
        get_member(volunteer_no).activation_hash = hash_secret(code)
    return code


def activate_member(volunteer_no: str, code: str, password: str) -> Member:
    """Set a member's first (or forgotten) password with the one-time code of the card letter."""
    with transaction():
        member = find_member(volunteer_no.strip().upper())
        # The code first: a password's digest is slow, and anybody may ask.
        if member is None or not is_right(clean_code(code), member.activation_hash):
            raise ActivationFailed()
        require_password(password, member.volunteer_no, member.name)
        member.password_hash, member.activation_hash = hash_password(password), None
    return member


def sign_in_member(volunteer_no: str, password: str) -> Member:
    """The member with this number and password; wrong either way is told in the same words."""
    member = find_member(volunteer_no.strip().upper())
    if member is None or member.password_hash is None:
        waste_time(password)
        raise SignInFailed()
    _check(member, password)
    return member


def sign_in_admin(username: str, password: str) -> Admin:
    """The active admin with this user name and password."""
    admin = find_admin(username.strip())
    if admin is None or not admin.is_active:
        waste_time(password)
        raise SignInFailed()
    _check(admin, password)
    return admin


def _check(person: Member | Admin, password: str) -> None:
    if not is_password(password, person.password_hash or ""):
        raise SignInFailed()
    if needs_rehash(person.password_hash or ""):
        person_id, digest = person.id, hash_password(password)
        with transaction():
            if isinstance(person, Admin):
                db.session.get_one(Admin, person_id).password_hash = digest
            else:
                db.session.get_one(Member, person_id).password_hash = digest
