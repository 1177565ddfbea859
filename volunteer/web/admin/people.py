"""A member's own file: identity, contacts, skills, times."""

from typing import Any

from flask import current_app, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.activities import Category
from volunteer.domain.consents import Purpose
from volunteer.domain.contacts import ContactKind
from volunteer.domain.people import WEEKDAYS, DayPart, Sex
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.versions import version_of
from volunteer.queries.consents import find_consent
from volunteer.queries.members import get_member_row
from volunteer.queries.people import form_values, get_contact, get_person_file
from volunteer.services.access_log import note_access
from volunteer.services.identities import Correction, correct_file, remove_national_id
from volunteer.services.people import add_contact, remove_contact
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, chosen, show_form, typed
from volunteer.web.people import (
    asked_contact,
    contact_key,
    id_keys,
    own_kinds,
    show_contacts,
    show_number,
    typed_particulars,
    typed_wishes,
)
from volunteer.web.versions import typed_version, version_to_show

NATIONAL_ID = "national_id"


@admin.get("/members/<volunteer_no>/file")
@needs(Capability.READ_MEMBERS)
def person(volunteer_no: str) -> Page:
    """The member's file, numbers masked. Every look is logged."""
    _note(volunteer_no, AccessKind.VIEWED_FILE)
    return _show(volunteer_no)


@admin.route("/members/<volunteer_no>/file/reveal", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def reveal(volunteer_no: str) -> Page | AnyResponse:
    """One number of the file in full, on this page only; logged before it is shown."""
    member_id = _member_id(volunteer_no)
    if request.method == "GET":
        return redirect(url_for("admin.person", volunteer_no=volunteer_no))
    if typed("what") == NATIONAL_ID:
        _note(volunteer_no, AccessKind.VIEWED_NATIONAL_ID)
        return _show(volunteer_no, has_full_number=True)
    contact = asked_contact(member_id)
    contact_id, kind = contact.id, contact.kind
    _note(volunteer_no, AccessKind.VIEWED_CONTACT, kind)
    return _show(volunteer_no, full_contact=contact_id)


@admin.route("/members/<volunteer_no>/file/edit", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def edit_person(volunteer_no: str) -> Page | AnyResponse:
    """Change what the file says; contacts have their own form."""
    member_id, problem = _member_id(volunteer_no), None
    if request.method == "POST":
        try:
            may_invent: bool = current_app.config["DEMO"]
            correct_file(
                member_id, _typed_correction(), id_keys(), now(), today(), allows_invented=may_invent
            )
            _note(volunteer_no, AccessKind.CHANGED_FILE)
            flash(_("个人资料已保存。"))
            return redirect(url_for("admin.person", volunteer_no=volunteer_no))
        except Refusal as refusal:
            problem = refusal
    else:
        _note(volunteer_no, AccessKind.VIEWED_FILE)
    version = version_to_show(problem, version_of(form_values(member_id)))
    return show_form(
        "admin/people/edit.html", problem, typed=request.form, version=version, **_values(volunteer_no)
    )


@admin.route("/members/<volunteer_no>/file/national-id/remove", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def drop_national_id(volunteer_no: str) -> Page | AnyResponse:
    """Erase an ID number that is not the member's own, after asking why."""
    member_id, problem = _member_id(volunteer_no), None
    if request.method == "POST":
        try:
            remove_national_id(member_id, typed("reason"), g.admin.id, id_keys(), now(), today())
            _note(volunteer_no, AccessKind.CHANGED_FILE)
            flash(_("证件号码已移除，本人会收到消息。"))
            return redirect(url_for("admin.person", volunteer_no=volunteer_no))
        except Refusal as refusal:
            problem = refusal
    elif get_member_row(g.scope, volunteer_no).Member.national_id_hash is None:
        return redirect(url_for("admin.person", volunteer_no=volunteer_no))
    return show_form("admin/people/remove_id.html", problem, typed=request.form, **_values(volunteer_no))


@admin.route("/members/<volunteer_no>/file/contacts", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def new_contact(volunteer_no: str) -> Page | AnyResponse:
    """Add one way to reach the member."""
    member_id, problem = _member_id(volunteer_no), None
    if request.method == "POST":
        kind = chosen("kind", ContactKind)
        try:
            add_contact(member_id, kind, typed("value"), typed("note"), contact_key(), now())
            _note(volunteer_no, AccessKind.CHANGED_FILE, kind)
            flash(_("联系方式已保存。"))
            return redirect(url_for("admin.person", volunteer_no=volunteer_no))
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/people/contact.html", problem, typed=request.form, **_values(volunteer_no))


@admin.route("/members/<volunteer_no>/file/contacts/<int:contact_id>/remove", methods=["GET", "POST"])
@needs(Capability.EDIT_MEMBERS)
def drop_contact(volunteer_no: str, contact_id: int) -> Page | AnyResponse:
    """Erase a contact after asking."""
    member_id = _member_id(volunteer_no)
    (shown,) = show_contacts([get_contact(member_id, contact_id)])
    question = Question(
        _("删除联系方式"),
        _("将永久删除 %(contact)s，不能恢复。", contact=shown.text or "…"),
        _("删除"),
        url_for("admin.person", volunteer_no=volunteer_no),
    )

    def act() -> None:
        remove_contact(member_id, contact_id)
        _note(volunteer_no, AccessKind.CHANGED_FILE, shown.kind)

    return confirm(question, act, _("联系方式已删除。"))


def _typed_correction() -> Correction:
    return Correction(
        typed("name"),
        typed_particulars(),
        typed("national_id"),
        typed("reason"),
        g.admin.id,
        typed_wishes(),
        typed_version(),
    )


def _member_id(volunteer_no: str) -> int:
    member_id: int = get_member_row(g.scope, volunteer_no).Member.id
    return member_id


def _note(volunteer_no: str, what: AccessKind, detail: str = "") -> None:
    note_access(g.admin, what, [_member_id(volunteer_no)], detail, now())


def _show(volunteer_no: str, *, has_full_number: bool = False, full_contact: int | None = None) -> Page:
    return show_form(
        "admin/people/page.html",
        None,
        **_values(volunteer_no, has_full_number=has_full_number, full_contact=full_contact),
    )


def _values(
    volunteer_no: str, *, has_full_number: bool = False, full_contact: int | None = None
) -> dict[str, Any]:
    row = get_member_row(g.scope, volunteer_no)
    file = get_person_file(row.Member.id)
    return {
        "row": row,
        "member": row.Member,
        "file": file,
        "own_kinds": own_kinds(file),
        "contacts": show_contacts(file.contacts, full_contact, file.merged),
        "contact_consent": find_consent(row.Member.id, Purpose.CONTACT),
        "number": show_number(row.Member, is_full=has_full_number),
        "sexes": list(Sex),
        "categories": list(Category),
        "contact_kinds": list(ContactKind),
        "weekdays": list(WEEKDAYS),
        "day_parts": list(DayPart),
    }
