"""The first admin's page."""

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.attempts import AttemptKind
from volunteer.domain.passwords import MINIMUM_PASSWORD
from volunteer.domain.refusals import Refusal
from volunteer.queries.admins import has_admins
from volunteer.queries.teams import find_brigade
from volunteer.services.attempts import note_attempt
from volunteer.services.setup import set_up
from volunteer.web.clock import now
from volunteer.web.devices import current_address
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.public import public


@public.route("/setup", methods=["GET", "POST"])
def setup() -> Page | AnyResponse:
    """Make the first admin with the one-time code; there is no such page once there is an admin."""
    if has_admins():
        abort(404)
    problem = None
    if request.method == "POST":
        try:
            _set_up()
            flash(_("管理员已建立。请登录。"))
            return redirect(url_for("admin.sign_in"))
        except Refusal as refusal:
            problem = refusal
    brigade = find_brigade()
    return show_form(
        "public/setup.html",
        problem,
        typed=request.form,
        minimum=MINIMUM_PASSWORD,
        brigade_name=typed("brigade_name") or (brigade.name if brigade else ""),
    )


def _set_up() -> None:
    password = request.form.get("password", "")
    note_attempt(AttemptKind.SET_UP_ADDRESS, current_address(), now())
    set_up(typed("code"), typed("username"), typed("name"), password, typed("brigade_name"), now())
