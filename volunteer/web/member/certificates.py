"""The member's own certificates: the period chosen, printed alone, at any time and for nothing."""

from datetime import date

from flask import Response, current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.attempts import AttemptKind
from volunteer.domain.refusals import Refusal
from volunteer.queries.certificates import (
    count_ledger,
    count_unsettled,
    find_letterhead,
    get_certificate_of,
    list_certificates_of,
    list_served,
)
from volunteer.queries.merges import list_group_ids
from volunteer.services.access_log import note_access
from volunteer.services.attempts import note_attempt
from volunteer.services.certificates import Wish, issue_certificate
from volunteer.web.certificates import (
    asked_period,
    document_response,
    draw_certificate,
    read_period,
    shown_document,
    verify_address,
)
from volunteer.web.clock import now
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.member import member


@member.route("/certificates", methods=["GET", "POST"])
def certificates() -> Page | AnyResponse:
    """What a certificate of the period would say, print it; below, those issued before."""
    problem = None
    if request.method == "POST":
        try:
            return _print()
        except Refusal as refusal:
            problem = refusal
    ids = list_group_ids(g.member.id)
    first_on, last_on = _shown_period(ids)
    return show_form(
        "member/certificates.html",
        problem,
        first_on=first_on,
        last_on=last_on,
        counted=count_ledger(ids, first_on, last_on),
        lines=list_served(ids, first_on, last_on),
        unsettled=count_unsettled(ids, first_on, last_on),
        document=shown_document(g.member),
        letterhead=find_letterhead(),
        issued=list_certificates_of(ids),
        typed=request.form,
    )


def _shown_period(member_ids: list[int]) -> tuple[date, date]:
    if request.method == "POST":
        try:
            return read_period(request.form)
        except Refusal:
            return asked_period(member_ids)
    return asked_period(member_ids)


def _print() -> AnyResponse:
    member_id = g.member.id
    note_attempt(AttemptKind.OWN_CERTIFICATES, str(member_id), now())
    first_on, last_on = read_period(request.form)
    document = shown_document(g.member) if typed("with_document") else None
    wish = Wish(member_id, first_on, last_on, find_letterhead(), verify_address(), document=document)
    issued = issue_certificate(wish, draw_certificate, now(), current_app.config["TIMEZONE"])
    flash(_("证明已生成，编号 %(serial)s，可以下载打印。", serial=issued.serial))
    return redirect(url_for("member.certificates", _anchor=f"certificate-{issued.id}"))


@member.get("/certificates/<int:certificate_id>.pdf")
def certificate_pdf(certificate_id: int) -> Response:
    """The member's own signed paper; logged before it leaves."""
    ids = list_group_ids(g.member.id)
    serial = get_certificate_of(ids, certificate_id).Certificate.serial
    note_access(g.member, AccessKind.TOOK_CERTIFICATE, [ids[0]], serial, now())
    return document_response(get_certificate_of(ids, certificate_id).Certificate)
