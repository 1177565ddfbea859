"""The admins' guard: every view names the capability it needs; one that names none is closed."""

from collections.abc import Callable
from typing import TypeVar

from flask import Response, abort, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.roles import Capability, may
from volunteer.models.members import Admin
from volunteer.queries.admins import find_standing
from volunteer.queries.teams import get_team_by_id
from volunteer.web.acting import act_as_admin
from volunteer.web.dates import today
from volunteer.web.menus import Entry, existing
from volunteer.web.sessions import current_admin, sign_out

View = TypeVar("View", bound=Callable[..., object])


def needs(capability: Capability) -> Callable[[View], View]:
    """Say what a view asks of the admin; stands directly above the view's own line."""

    def mark(view: View) -> View:
        view.needs = capability  # type: ignore[attr-defined]
        return view

    return mark


def require_admin() -> AnyResponse | Response | None:
    """Send strangers to the sign-in page, refuse what the role may not, keep the scope for the views."""
    view = current_app.view_functions[request.endpoint or ""]
    capability: Capability | None = getattr(view, "needs", None)
    if capability is None:
        abort(404)
    person = current_admin()
    if person is None:
        if capability is Capability.SIGN_IN:
            return None
        came_for = request.full_path if request.method == "GET" else None
        return redirect(url_for("admin.sign_in", next=came_for))
    if not _take_office(person):
        sign_out()
        flash(_("您目前没有担任管理职务：任命还没有开始，或已经结束。请联系上级管理员。"))
        return redirect(url_for("admin.sign_in"))
    act_as_admin(person, g.team.id)
    if not _may(capability):
        abort(403)
    if _must_choose_password(person, capability):
        flash(_("这是首次登录，请先把初始密码改成自己的密码。"))
        return redirect(url_for("admin.change_password"))
    return None


def _take_office(person: Admin) -> bool:
    """Keep what the admin is today for the views; False where no appointment is in force.

    ``scope`` holds team ids and rules everything about members; a station's leader has an empty one
    and only ``station_ids``.
    """
    standing = find_standing(person.id, today())
    if standing is None:
        return False
    g.admin, g.team = person, standing.team or get_team_by_id(person.team_id)
    g.scope, g.station_ids = standing.team_ids, standing.station_ids
    g.roles, g.is_deputy, g.is_brigade = standing.roles, standing.is_deputy, standing.is_brigade
    return True


def _must_choose_password(person: Admin, capability: Capability) -> bool:
    has_start_password = person.start_hash is not None and person.password_hash == person.start_hash
    is_elsewhere = capability not in (Capability.SIGN_IN, Capability.OWN_ACCOUNT)
    return has_start_password and is_elsewhere and "admin.change_password" in current_app.view_functions


def _may(capability: Capability) -> bool:
    return may(g.get("roles", ()), capability, is_deputy=g.get("is_deputy", False))


def allows(capability: str) -> bool:
    """For templates: whether to show what leads to this capability."""
    return _may(Capability(capability))


def shown(entries: list[Entry]) -> list[Entry]:
    """The entries of a menu that exist and that this admin may open."""
    return [entry for entry in existing(entries) if entry.capability and _may(entry.capability)]
