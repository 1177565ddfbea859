"""Pages of the brigade's admins; everything in them lies within the admin's own subtree."""

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.teams import TeamLevel
from volunteer.queries.teams import get_team_by_id, list_subtree_ids
from volunteer.web.sessions import current_admin

admin = Blueprint("admin", __name__, url_prefix="/admin")

OPEN = {"admin.sign_in"}


@admin.before_request
def require_admin() -> AnyResponse | Response | None:
    """Send everybody else to the sign-in page; keep the admin's scope for the views."""
    person = current_admin()
    if person is None:
        if request.endpoint in OPEN:
            return None
        came_for = request.full_path if request.method == "GET" else None
        return redirect(url_for("admin.sign_in", next=came_for))
    team = get_team_by_id(person.team_id)
    g.admin, g.team, g.scope = person, team, list_subtree_ids(team.id)
    g.is_brigade = team.level == TeamLevel.BRIGADE
    return None


from volunteer.web.admin import (  # noqa: E402, F401 - views attach themselves
    cards,
    dashboards,
    duty_days,
    jobs,
    members,
    prints,
    records,
    sessions,
    stations,
    terminals,
)
