"""Pages of the brigade's admins; everything in them lies within the admin's own subtree."""

from flask import Blueprint, Response, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from volunteer.queries.teams import list_subtree_ids
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
        return redirect(url_for("admin.sign_in", next=request.full_path))
    g.admin, g.scope = person, list_subtree_ids(person.team_id)
    return None
