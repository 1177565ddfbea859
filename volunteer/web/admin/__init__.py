"""Pages of the brigade's admins; everything in them lies within the admin's own subtree."""

from flask import Blueprint

from volunteer.web.admin.guards import allows, require_admin, shown
from volunteer.web.admin.looks import log_look
from volunteer.web.cards import list_boxed
from volunteer.web.menus import ABOUT_MEMBER, ADMIN, grouped

admin = Blueprint("admin", __name__, url_prefix="/admin")
admin.before_request(require_admin)
admin.after_request(log_look)
admin.app_context_processor(
    lambda: {
        "allows": allows,
        "admin_menu": lambda: grouped(ADMIN, shown),
        "about_member": lambda: shown(ABOUT_MEMBER),
        "list_boxed": list_boxed,
    }
)

from volunteer.web.admin import (  # noqa: E402, F401 - views attach themselves
    accounts,
    activities,
    admins,
    audit,
    audit_statistics,
    card_batches,
    card_enrolments,
    card_replacements,
    cards,
    categories,
    certificate_batches,
    certificates,
    changes,
    commendations,
    consents,
    correction_decisions,
    corrections,
    dashboards,
    duty_days,
    exports,
    imports,
    jobs,
    ledger,
    members,
    merges,
    messages,
    nominations,
    notices,
    own_data,
    own_persons,
    paper_sheets,
    participations,
    people,
    policies,
    prints,
    records,
    registrations,
    reviews,
    samples,
    sessions,
    star_rules,
    stars,
    stations,
    team_changes,
    teams,
    terminals,
    totals,
    training,
    transfers,
    units,
)
