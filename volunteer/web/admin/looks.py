"""Every page with somebody's data and every file with names leaves a line in the access log before it leaves.

The lines are written here and not in each view, so that no page can forget. Whom a page is about is
said by its address where that names a member or a thing of one; and every page and every answer in
JSON is read before it is sent: whose number and name stand in it was shown, by whatever method, with
whatever status. A list is one line with how many people it showed, and with whom.
"""

import json
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

from flask import Response, g, request

from volunteer.domain.access_log import AccessKind
from volunteer.domain.names import mask_name
from volunteer.queries.activities import get_readable_activity_row
from volunteer.queries.looks import OWNED, list_in_sample, list_numbered, list_owners, list_shown
from volunteer.queries.teams import get_team_by_id
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
        "admin.import_passwords",
        "admin.import_rejected",
        "admin.member_consents",
        "admin.member_data_file",
        "admin.person",
        "admin.reveal",
        "admin.reveal_applicant",
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
# Pages narrowed to a member by what is asked of them, also where nothing is found.
ASKED: Mapping[str, str] = {
    "admin.audit": "member",
    "admin.merge": "other",
    "admin.new_correction": "member",
    "admin.total_records": "member",
}
# What an import shows are rows of a list: they are of members only once it is written.
LIST = "import_id"
# Pages with names of people who are no members yet.
APPLICANTS = frozenset({"admin.registrations"})
# Answers in which something was shown; what is refused altogether says only that it is.
SHOWING = frozenset({200, 409, 422, 429})


def log_look(response: Response) -> Response:
    """Write the line of a page or file that is about to be sent; a failing log stops it."""
    endpoint, arguments = request.endpoint or "", request.view_args or {}
    is_logged = endpoint in BY_THEMSELVES and response.status_code == 200
    if response.status_code not in SHOWING or is_logged or "admin" not in g:
        return response
    detail = _describe(endpoint.removeprefix("admin."))
    if endpoint in FILES and response.status_code == 200:
        argument, list_named = FILES[endpoint]
        note_access(g.admin, AccessKind.EXPORTED, list_named(arguments[argument]), detail, now())
        return response
    about = list_shown(_read(response)) + list_numbered(g.scope, _list_named(endpoint, arguments))
    owned = _find_owned(arguments)
    if owned:
        about += list_owners(owned, arguments[owned])
    if about or owned or LIST in arguments or endpoint in APPLICANTS:
        note_look(g.admin, about, detail, now())
    return response


def _find_owned(arguments: Mapping[str, Any]) -> str | None:
    """The argument that names a thing of a member, if any."""
    # The rows of a list are numbered too.
    return next((name for name in OWNED if name in arguments and LIST not in arguments), None)


def _list_named(endpoint: str, arguments: Mapping[str, Any]) -> list[str]:
    """The volunteer numbers in the address."""
    asked = request.args.get(ASKED[endpoint], "") if endpoint in ASKED else ""
    return [one.strip().upper() for one in (arguments.get("volunteer_no", ""), asked) if one]


def _describe(code: str) -> str:
    """The page as a code, with what it was narrowed to: a thing's number, a team, a search with stars."""
    arguments = request.view_args or {}
    owned = _find_owned(arguments)
    things = [arguments[owned]] if owned else [one for one in arguments.values() if isinstance(one, int)]
    detail = f"{code} {things[0]}" if things and "volunteer_no" not in arguments else code
    team_id, text = id_in(request.args.get("team", "")), request.args.get("q", "").strip()
    if team_id in g.scope:
        detail += f" @ {get_team_by_id(team_id).code}"
    return f"{detail} ? {mask_name(text)}" if text else detail


def _read(response: Response) -> str:
    """What a page or an answer in JSON says; nothing of a file, which is logged for whom it was made."""
    if response.is_streamed or response.direct_passthrough:
        return ""
    if response.mimetype == "application/json":
        return json.dumps(response.get_json(), ensure_ascii=False)
    return unescape(response.get_data(as_text=True)) if response.mimetype == "text/html" else ""
