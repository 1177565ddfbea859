"""People who can handle hours: admins linked to the member each of them is."""

from datetime import datetime

from tests.conftest import PASSWORD_HASH
from volunteer.db import db
from volunteer.models.members import Admin
from volunteer.models.teams import Team
from volunteer.services.members import add_member


def link(admin: Admin, volunteer_no: str, team_code: str, now: datetime) -> Admin:
    """Say which volunteer an admin is."""
    person = add_member(volunteer_no, admin.name, team_code, now)
    admin = db.session.get_one(Admin, admin.id)
    admin.member_id = person.id
    db.session.commit()
    return admin


def add_linked_admin(username: str, name: str, team: Team, now: datetime) -> Admin:
    """Another admin of a team, linked to a member of it."""
    team_id, team_code = team.id, team.code
    admin = Admin(username=username, name=name, team_id=team_id, password_hash=PASSWORD_HASH, created_at=now)
    db.session.add(admin)
    db.session.commit()
    return link(admin, f"P-{username.upper()}", team_code, now)
