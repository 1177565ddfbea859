"""Pages of the brigade's admins; everything in them lies within the admin's own subtree."""

from flask import Blueprint

from volunteer.web.admin.guards import allows, require_admin, shown
from volunteer.web.menus import ABOUT_MEMBER, ADMIN

admin = Blueprint("admin", __name__, url_prefix="/admin")
admin.before_request(require_admin)
admin.app_context_processor(
    lambda: {
        "allows": allows,
        "admin_menu": lambda: shown(ADMIN),
        "about_member": lambda: shown(ABOUT_MEMBER),
    }
)

from volunteer.web.admin import (  # noqa: E402, F401 - views attach themselves
    accounts,
    activities,
    admins,
    card_batches,
    card_enrolments,
    cards,
    changes,
    commendations,
    consents,
    dashboards,
    duty_days,
    exports,
    imports,
    jobs,
    members,
    merges,
    notices,
    participations,
    people,
    prints,
    records,
    registrations,
    sessions,
    stations,
    teams,
    terminals,
    training,
    training_imports,
    transfers,
    units,
)
