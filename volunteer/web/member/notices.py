"""The member's own data: what is stored, to take along or to erase; and the notice that says so."""

from flask import Response, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.erasures import ErasurePart, legal_until
from volunteer.domain.refusals import Refusal
from volunteer.queries.access_log import list_accesses_about
from volunteer.queries.erasures import find_last_kept_on, find_waiting_erasure, list_own_erasures
from volunteer.queries.merges import list_group_ids
from volunteer.queries.own_data import list_own_rows
from volunteer.services.access_log import note_access
from volunteer.services.erasures import ask_erasure, take_back_erasure
from volunteer.services.notices import note_reading
from volunteer.web.clock import now
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.member import member
from volunteer.web.own_data import MAKERS, chosen_parts
from volunteer.web.own_data_words import in_order, title_of

LATEST = 20


@member.route("/data", methods=["GET", "POST"])
def my_data() -> Page | AnyResponse:
    """What is stored, who looked at it, the files to take along, and the request to erase."""
    problem = None
    if request.method == "POST":
        try:
            ask_erasure(g.member.id, chosen_parts(), typed("reason"), now())
            flash(_("删除申请已提交，管理员处理后会在这里答复您。"))
            return redirect(url_for("member.my_data"))
        except Refusal as refusal:
            problem = refusal
    ids = list_group_ids(g.member.id)
    tables, last_on = list_own_rows(ids), find_last_kept_on(ids)
    return show_form(
        "member/notices/page.html",
        problem,
        stored=[(title_of(name), len(tables[name])) for name in in_order(tables)],
        accesses=list_accesses_about(ids, limit=LATEST),
        last_on=last_on,
        kept_until=legal_until(last_on) if last_on else None,
        parts=list(ErasurePart),
        waiting=find_waiting_erasure(g.member.id),
        erasures=list_own_erasures(g.member.id),
        typed=request.form,
    )


@member.get("/privacy")
def read_notice() -> AnyResponse:
    """The privacy notice in force; from now on the member is not told of it any more."""
    note_reading(g.member.id, now())
    return redirect(url_for("public.privacy"))


@member.get("/data.<any(json, pdf):kind>")
def download_data(kind: str) -> Response:
    """Everything about the member as one file; with the whole ID number where asked. Logged."""
    is_whole = request.args.get("whole") == "yes"
    detail = f"{kind.upper()} whole" if is_whole else kind.upper()
    note_access(g.member, AccessKind.OWN_DATA, [g.member.id], detail, now())
    make, mimetype = MAKERS[kind]
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{g.member.volunteer_no}.{kind}"',
    }
    made = make(g.member, list_group_ids(g.member.id), now(), is_whole=is_whole)
    return Response(made, mimetype=mimetype, headers=headers)


@member.post("/data/take-back")
def take_back() -> AnyResponse:
    """The member no longer wants anything erased."""
    take_back_erasure(g.member.id, now())
    flash(_("删除申请已撤回。"))
    return redirect(url_for("member.my_data"))
