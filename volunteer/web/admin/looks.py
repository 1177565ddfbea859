"""Every page about one member and every file with names leaves a line in the access log before it leaves.

The lines are written here and not in each view, so that no page can forget: whatever answers an
address that names a member, or a thing of one, is logged unless its view does it by itself.
"""

from collections.abc import Callable, Mapping

from flask import Response, g, request

from volunteer.domain.access_log import AccessKind
from volunteer.queries.activities import get_readable_activity_row
from volunteer.queries.looks import OWNED, list_in_sample, list_numbered, list_owners
from volunteer.services.access_log import note_access, note_look
from volunteer.web.admin.activity_pages import list_on_roster
from volunteer.web.clock import now
from volunteer.web.forms import id_in

# What these views show is logged by themselves: every time, with a kind of its own.
BY_THEMSELVES = frozenset(
    {
        "admin.card_document",
        "admin.certificate_batch_zip",
        "admin.certificate_pdf",
        "admin.correction_evidence",
        "admin.edit_person",
        "admin.evidence",
        "admin.import_rejected",
        "admin.member_consents",
        "admin.member_data_file",
        "admin.person",
        "admin.temporary_document",
    }
)


def _on_roster(activity_id: int) -> list[int]:
    row = get_readable_activity_row(g.scope, activity_id, g.station_ids, is_brigade=g.is_brigade)
    return [one.Participation.member_id for one in list_on_roster(row.Activity)]


# Files with names, and who stands in them; each time they are taken.
FILES: Mapping[str, tuple[str, Callable[[int], list[int]]]] = {
    "admin.activity_roster": ("activity_id", _on_roster),
    "admin.sample_sheet": ("sample_id", list_in_sample),
}
# Pages that are about a member by what is asked of them: the volunteer number, or a service record.
ASKED: Mapping[str, str] = {
    "admin.audit": "member",
    "admin.merge": "other",
    "admin.new_correction": "member",
    "admin.total_records": "member",
}
RECORD = "record"
# What an import shows are rows of a list: they are of members only once it is written.
LIST = "import_id"


def log_look(response: Response) -> Response:
    """Write the line of a page or file that is about to be sent; a failing log stops it."""
    endpoint, arguments = request.endpoint or "", request.view_args or {}
    # A page that says no above its form shows the member all the same, and is logged by no view.
    is_refused = request.method == "POST" and response.status_code in (409, 422)
    is_opened = request.method == "GET" and response.status_code in (200, 422)
    if not is_refused and (not is_opened or endpoint in BY_THEMSELVES):
        return response
    code = endpoint.removeprefix("admin.")
    # A form is read only where it names a member: one that was too large to be read is refused like others.
    asked = request.values.get(ASKED[endpoint], "") if endpoint in ASKED else ""
    numbers = [arguments.get("volunteer_no", ""), asked]
    named = [name for name in OWNED if name in arguments]
    if endpoint in FILES:
        argument, list_named = FILES[endpoint]
        number = arguments[argument]
        note_access(g.admin, AccessKind.EXPORTED, list_named(number), f"{code} {number}", now())
    elif LIST in arguments:
        note_look(g.admin, [], f"{code} {arguments[LIST]}", now())
    elif any(numbers):
        _look(code, list_numbered(g.scope, [one.strip().upper() for one in numbers if one]))
    elif named:
        value = arguments[named[0]]
        note_look(g.admin, list_owners(named[0], value), f"{code} {value}", now())
    elif endpoint == "admin.new_correction" and RECORD in request.args:
        _look(code, list_owners(RECORD, id_in(request.args[RECORD])))
    return response


def _look(code: str, members: list[int]) -> None:
    if members:
        note_look(g.admin, members, code, now())
