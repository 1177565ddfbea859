"""Who acts in a request, by which page and why: what the audit writes down with every change."""

from flask import current_app, request

from volunteer.auditing import Acting, act_as
from volunteer.db import db
from volunteer.domain.audit import derive_name_key
from volunteer.models.members import Admin, Member
from volunteer.web.clock import now

# The fields in which forms ask why, in the order in which they are looked for.
REASON_FIELDS = ("reason", "reply", "note", "conclusion")


def begin_request() -> None:
    """Nobody acts yet: terminals that send scans never do; the guards of admins and members say who does.

    What anybody may do without an account (ask to join, make the first admin, open an account
    or enrol a terminal with a one-time code) is an act of a visitor.
    """
    is_visitor = request.blueprint == "public" or request.endpoint in ("member.activate", "station.enrol")
    act_as(db.session(), _acting("visitor") if is_visitor else None, _reason() if is_visitor else "")


def end_request(_error: BaseException | None = None) -> None:
    """Nobody acts any more: the session may outlive the request, as in tests."""
    act_as(db.session(), None)


def act_as_admin(admin: Admin, team_id: int) -> None:
    """What is changed from now on is this admin's act, done for this team."""
    act_as(db.session(), _acting(f"admin:{admin.username}", admin.id, team_id), _reason())


def act_as_member(member: Member) -> None:
    """What is changed from now on is this member's own act."""
    act_as(db.session(), _acting(f"member:{member.volunteer_no}", None, member.team_id), _reason())


def _acting(actor: str, admin_id: int | None = None, team_id: int | None = None) -> Acting:
    key = derive_name_key(current_app.config["SECRET_KEY"])
    return Acting(request.endpoint or "", actor, now, key, admin_id, team_id)


def _reason() -> str:
    return next((text for name in REASON_FIELDS if (text := request.form.get(name, "").strip())), "")
