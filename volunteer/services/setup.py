"""Set-up: a one-time code opens the page on which the first admin is made, and never again."""

from datetime import datetime, timedelta

from volunteer.db import db, transaction
from volunteer.domain.admins import clean_username
from volunteer.domain.installation_refusals import BrigadeNameMissing, SetupCodeWrong, SetupDone
from volunteer.domain.members import clean_name
from volunteer.domain.passwords import hash_password, require_password
from volunteer.domain.teams import clean_title
from volunteer.domain.terminals import clean_code, hash_secret, is_right, make_code
from volunteer.models.duty_days import Setting
from volunteer.models.members import Admin
from volunteer.queries.admins import has_admins
from volunteer.queries.teams import get_brigade

SETUP_SETTING = "setup_code"
VALID_FOR = timedelta(hours=24)


def give_setup_code(now: datetime) -> str:
    """A fresh one-time code, good for 24 hours; an older one ends. Refuses once there is an admin."""
    code = make_code()
    with transaction():
        get_brigade()
        if has_admins():
            raise SetupDone()
        kept = db.session.get(Setting, SETUP_SETTING, with_for_update=True)
        if kept is None:
            kept = Setting(name=SETUP_SETTING)
            db.session.add(kept)
        kept.value = f"{hash_secret(code)} {(now + VALID_FOR).isoformat()}"
    return code


def set_up(code: str, username: str, name: str, password: str, brigade_name: str, now: datetime) -> Admin:
    """Make the first admin, of the brigade, and name the brigade; the code is used up."""
    if not brigade_name.strip():
        raise BrigadeNameMissing()
    username, name, brigade_name = clean_username(username), clean_name(name), clean_title(brigade_name)
    require_password(password, username, name, brigade_name)
    with transaction():
        # Locked: of two who hold the code at once, the second finds it gone.
        kept = db.session.get(Setting, SETUP_SETTING, with_for_update=True, populate_existing=True)
        if has_admins() or kept is None or not _is_valid(kept, code, now):
            raise SetupCodeWrong()
        brigade = get_brigade()
        brigade.name = brigade_name
        admin = Admin(
            username=username,
            name=name,
            team_id=brigade.id,
            password_hash=hash_password(password),
            created_at=now,
        )
        db.session.add(admin)
        db.session.delete(kept)
    return admin


def _is_valid(kept: Setting, code: str, now: datetime) -> bool:
    digest, _, ends_at = kept.value.partition(" ")
    return is_right(clean_code(code), digest) and now < datetime.fromisoformat(ends_at)
