"""Accounts of the demo: an admin for every team, and passwords for those that visitors may try."""

import json
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from volunteer.db import db, transaction
from volunteer.demo.districts import District
from volunteer.demo.places import BRIGADE_CODE
from volunteer.domain.passwords import hash_password
from volunteer.models.duty_days import Setting
from volunteer.models.members import Admin
from volunteer.queries.demo import SETTING, list_team_ids
from volunteer.queries.members import find_admin, get_member
from volunteer.queries.teams import find_brigade


@dataclass(frozen=True)
class DemoAccount:
    """Who may sign in to the demo: ``sign_in`` is a user name or a volunteer number."""

    sign_in: str
    name: str
    team: str
    password: str
    is_admin: bool


def appoint_admins(district: District, at: datetime) -> None:
    """An account for every team's admin, linked to the person; nobody can sign in with it yet."""
    # Told to nobody. One for all: a digest is slow on purpose.
    closed = hash_password(token_urlsafe(32))
    with transaction():
        team_ids = list_team_ids()
        brigade = find_brigade()
        if brigade is not None:  # an installation may have founded it under another code
            team_ids[BRIGADE_CODE] = brigade.id
        for one in (*district.admins, *district.team_admins):
            if find_admin(one.username) is None:
                person = get_member(one.volunteer_no)
                admin = Admin(
                    username=one.username,
                    name=person.name,
                    team_id=team_ids[one.team_code],
                    password_hash=closed,
                    created_at=at,
                )
                admin.become(person.id, at, None)
                db.session.add(admin)


def open_accounts(district: District) -> tuple[DemoAccount, ...]:
    """Give the admins of the open teams and one member fresh passwords, and note that all is loaded."""
    member = district.demo_member
    teams = {team.code: team.name for team in district.teams}
    people = [(admin.username, admin.name, admin.team_code, True) for admin in district.admins]
    people.append((member.volunteer_no, member.name, member.team_code, False))
    accounts = [
        DemoAccount(sign_in, name, teams[code], token_urlsafe(9), is_admin)
        for sign_in, name, code, is_admin in people
    ]
    digests = [hash_password(account.password) for account in accounts]
    with transaction():
        for account, digest in zip(accounts, digests, strict=True):
            person = find_admin(account.sign_in) if account.is_admin else get_member(account.sign_in)
            if person is None:
                raise LookupError(account.sign_in)
            person.password_hash = digest
        setting = db.session.get_one(Setting, SETTING)
        setting.value = json.dumps({**json.loads(setting.value), "is_loaded": True})
    return tuple(accounts)
