"""The admins' guard: every view names the capability it needs; one that names none is closed."""

from collections.abc import Callable
from typing import TypeVar

from flask import Response, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.roles import Capability, Role, may
from volunteer.domain.teams import TeamLevel
from volunteer.queries.teams import get_team_by_id, list_subtree_ids
from volunteer.web.menus import Entry, existing
from volunteer.web.sessions import current_admin

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
    team = get_team_by_id(person.team_id)
    g.admin, g.team, g.scope = person, team, list_subtree_ids(team.id)
    g.roles = [Role.TEAM_ADMIN]
    g.is_brigade = team.level == TeamLevel.BRIGADE
    if not may(g.roles, capability):
        abort(403)
    return None


def allows(capability: str) -> bool:
    """For templates: whether to show what leads to this capability."""
    return may(g.get("roles", ()), Capability(capability))


def shown(entries: list[Entry]) -> list[Entry]:
    """The entries of a menu that exist and that this admin may open."""
    return [entry for entry in existing(entries) if entry.capability and may(g.roles, entry.capability)]
