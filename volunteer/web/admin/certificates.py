"""Certificates: listed, issued for one member, shown, revoked, issued again; and who issues them."""

from dataclasses import replace
from datetime import date

from flask import Response, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.certificates import (
    AlreadyReplaced,
    CertificateUnknown,
    Letterhead,
    OwnCertificate,
    clean_serial,
)
from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.models.certificates import Certificate
from volunteer.models.members import Member
from volunteer.queries.certificates import (
    count_ledger,
    count_unsettled,
    find_letterhead,
    find_replacement,
    get_certificate_in,
    list_certificates_of,
    list_served,
    search_certificates,
)
from volunteer.queries.members import get_member_row
from volunteer.queries.merges import list_group_ids
from volunteer.services.access_log import note_access
from volunteer.services.certificates import Wish, issue_certificate, revoke_certificate, set_letterhead
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.certificates import (
    asked_period,
    document_response,
    draw_certificate,
    read_period,
    shown_document,
    standing_of,
    verify_address,
)
from volunteer.web.clock import now
from volunteer.web.forms import Page, asked_number, id_in, show_form, typed

PAGE_SIZE = 50
SIGNATORIES = ("handler", "responsible_person", "contact")


@admin.get("/certificates")
@needs(Capability.READ_CERTIFICATES)
def certificates() -> str:
    """The certificates of the admin's members, found by serial, name or volunteer number."""
    text, page = request.args.get("q", "").strip(), asked_number("page", 1)
    wanted = clean_serial(text) or text
    count, rows = search_certificates(g.scope, wanted, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return render_template(
        "admin/certificates/list.html",
        rows=rows,
        count=count,
        text=text,
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


@admin.route("/members/<volunteer_no>/certificates", methods=["GET", "POST"])
@needs(Capability.ISSUE_CERTIFICATES)
def new_certificate(volunteer_no: str) -> Page | AnyResponse:
    """What a certificate of a period would say, and issue it; ``replaces`` names the one it replaces."""
    member: Member = get_member_row(g.scope, volunteer_no).Member
    old = _replaced(member)
    if request.method == "POST":
        try:
            return _issue(member, old)
        except Refusal as refusal:
            return _show_new(member, old, refusal)
    return _show_new(member, old)


def _replaced(member: Member) -> Certificate | None:
    asked = request.values.get("replaces", "")
    if not asked:
        return None
    certificate: Certificate = get_certificate_in(g.scope, id_in(asked)).Certificate
    if certificate.member_id not in list_group_ids(member.id):
        raise CertificateUnknown()
    return certificate


def _issue(member: Member, old: Certificate | None) -> AnyResponse:
    first_on, last_on = read_period(request.form)
    if old and find_replacement(old.id):
        raise AlreadyReplaced()
    wish = Wish(
        member.id,
        first_on,
        last_on,
        chosen_letterhead(),
        verify_address(),
        document=shown_document(member) if typed("with_document") else None,
        issued_by=g.admin,
        replaces_id=old.id if old else None,
    )
    issued = issue_certificate(wish, draw_certificate, now(), current_app.config["TIMEZONE"])
    note_access(g.admin, AccessKind.CERTIFIED, [issued.member_id], issued.serial, now())
    flash(_("证明已出具，编号 %(serial)s。请下载打印，签字盖章后交给本人。", serial=issued.serial))
    return redirect(url_for("admin.certificate", certificate_id=issued.id))


def offered_issuers() -> list[str]:
    """Who may stand as the issuer: the unit that the brigade set, and the admin's own team."""
    return list(dict.fromkeys([find_letterhead().issuer, g.team.name]))


def chosen_letterhead() -> Letterhead:
    """Who issues, as typed; the issuer is one of those offered, and the recording unit as it is set."""
    asked = typed("issuer")
    issuer = asked if asked in offered_issuers() else find_letterhead().issuer
    return replace(find_letterhead(), issuer=issuer, **{name: typed(name) for name in SIGNATORIES})


def _show_new(member: Member, old: Certificate | None, problem: Refusal | None = None) -> Page:
    ids = list_group_ids(member.id)
    first_on, last_on = _shown_period(ids, old)
    return show_form(
        "admin/certificates/new.html",
        problem,
        member=member,
        old=old,
        is_own=g.admin.member_id is not None and g.admin.member_id in ids,
        own=OwnCertificate().sentence,
        first_on=first_on,
        last_on=last_on,
        counted=count_ledger(ids, first_on, last_on),
        lines=list_served(ids, first_on, last_on),
        unsettled=count_unsettled(ids, first_on, last_on),
        document=shown_document(member),
        letterhead=find_letterhead(),
        issuers=offered_issuers(),
        issued=list_certificates_of(ids),
        typed=request.form,
    )


def _shown_period(member_ids: list[int], old: Certificate | None) -> tuple[date, date]:
    if request.method == "POST":
        try:
            return read_period(request.form)
        except Refusal:
            return asked_period(member_ids)
    if old and not request.args.get("first_on") and not request.args.get("period"):
        return old.first_on, old.last_on
    return asked_period(member_ids)


@admin.get("/certificates/<int:certificate_id>")
@needs(Capability.READ_CERTIFICATES)
def certificate(certificate_id: int) -> str:
    """One certificate: what stands on it, whether it holds, and whether the record has changed since."""
    row = get_certificate_in(g.scope, certificate_id)
    return render_template(
        "admin/certificates/page.html",
        row=row,
        one=row.Certificate,
        content=row.Certificate.content,
        standing=standing_of(row.Certificate),
        is_own=g.admin.member_id is not None
        and g.admin.member_id in list_group_ids(row.Certificate.member_id),
    )


@admin.get("/certificates/<int:certificate_id>/certificate.pdf")
@needs(Capability.READ_CERTIFICATES)
def certificate_pdf(certificate_id: int) -> Response:
    """The signed paper as it was issued; logged before it leaves."""
    found = get_certificate_in(g.scope, certificate_id).Certificate
    member_id, serial = found.member_id, found.serial
    note_access(g.admin, AccessKind.TOOK_CERTIFICATE, [member_id], serial, now())
    return document_response(get_certificate_in(g.scope, certificate_id).Certificate)


@admin.route("/certificates/<int:certificate_id>/revoke", methods=["GET", "POST"])
@needs(Capability.ISSUE_CERTIFICATES)
def revoke_one(certificate_id: int) -> Page | AnyResponse:
    """Ask for the reason; then the certificate holds no longer, and whoever verifies it is told so."""
    problem = None
    if request.method == "POST":
        try:
            revoke_certificate(g.scope, certificate_id, typed("reason"), g.admin, now())
            flash(_("证明已作废。扫码验证的人会看到它已作废。"))
            return redirect(url_for("admin.certificate", certificate_id=certificate_id))
        except Refusal as refusal:
            problem = refusal
    row = get_certificate_in(g.scope, certificate_id)
    return show_form(
        "admin/certificates/revoke.html", problem, row=row, one=row.Certificate, reason=typed("reason")
    )


@admin.route("/certificates/settings", methods=["GET", "POST"])
@needs(Capability.ISSUE_CERTIFICATES)
def certificate_settings() -> Page | AnyResponse:
    """Who issues certificates, and the names that are filled in; the brigade's admins say so."""
    if not g.is_brigade:
        raise NotFound()
    problem = None
    if request.method == "POST":
        try:
            names = ("issuer", "recording_unit", *SIGNATORIES)
            set_letterhead(Letterhead(**{name: typed(name) for name in names}), typed("verify_url"))
            flash(_("设置已保存，以后出具的证明按此填写。"))
            return redirect(url_for("admin.certificate_settings"))
        except Refusal as refusal:
            problem = refusal
    kept = find_letterhead()
    # Never set before: the address that this admin sees is offered, to be kept with the rest.
    return show_form(
        "admin/certificates/settings.html", problem, kept=kept, address=verify_address(), typed=request.form
    )
