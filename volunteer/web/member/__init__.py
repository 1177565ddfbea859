"""Pages of members: their own hours, their own card, nobody else's."""

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from volunteer.web.acting import act_as_member
from volunteer.web.menus import MEMBER, existing, grouped
from volunteer.web.sessions import current_member

member = Blueprint("member", __name__, url_prefix="/me")

OPEN = {"member.sign_in", "member.activate", "member.second_step", "member.passkey_sign_in"}
member.app_context_processor(lambda: {"member_menu": lambda: grouped(MEMBER, existing)})


@member.before_request
def require_member() -> AnyResponse | Response | None:
    """Send everybody else to the sign-in page."""
    person = current_member()
    if person is None:
        return None if request.endpoint in OPEN else redirect(url_for("member.sign_in"))
    g.member = person
    act_as_member(person)
    return None


from volunteer.web.member import (  # noqa: E402, F401 - views attach themselves
    accounts,
    activities,
    cards,
    certificates,
    consents,
    corrections,
    hours,
    ledger,
    messages,
    notices,
    people,
    sessions,
    stars,
    training,
    unit_notices,
)
