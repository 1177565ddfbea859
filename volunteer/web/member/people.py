"""The member's own file."""

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.activities import Category
from volunteer.domain.consents import TEXTS, is_outdated, latest_by_purpose
from volunteer.domain.contacts import ContactKind
from volunteer.domain.people import WEEKDAYS, DayPart
from volunteer.domain.refusals import Refusal
from volunteer.domain.versions import version_of
from volunteer.models.consents import Consent
from volunteer.queries.consents import list_consents
from volunteer.queries.people import form_values, get_contact, get_person_file
from volunteer.services.access_log import note_access
from volunteer.services.people import add_contact, change_own_file, remove_contact
from volunteer.web.clock import now
from volunteer.web.forms import Page, chosen, show_form, typed
from volunteer.web.member import member
from volunteer.web.people import (
    asked_contact,
    contact_key,
    own_kinds,
    show_contacts,
    show_number,
    typed_wishes,
)
from volunteer.web.versions import typed_version, version_to_show


@member.route("/file", methods=["GET", "POST"])
def person() -> Page | AnyResponse:
    """The own file; the member changes skills, service kinds, times and residence here."""
    problem = None
    if request.method == "POST":
        member_id: int = g.member.id
        try:
            wishes = typed_wishes()
            change_own_file(member_id, typed("residence"), wishes, now(), typed_version())
            flash(_("已保存。"))
            return redirect(url_for("member.person"))
        except Refusal as refusal:
            problem = refusal
    return show_form("member/people/page.html", problem, typed=request.form, **_values(problem=problem))


@member.route("/file/contacts", methods=["GET", "POST"])
def new_contact() -> Page | AnyResponse:
    """Add one way to be reached."""
    problem = None
    if request.method == "POST":
        kind = chosen("kind", ContactKind)
        try:
            add_contact(g.member.id, kind, typed("value"), typed("note"), contact_key(), now())
            flash(_("联系方式已保存。"))
            return redirect(url_for("member.person"))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "member/people/contact.html", problem, typed=request.form, contact_kinds=list(ContactKind)
    )


@member.route("/file/contacts/<int:contact_id>/remove", methods=["GET", "POST"])
def drop_contact(contact_id: int) -> Page | AnyResponse:
    """Erase an own contact after asking; no admin is needed for that."""
    contact = get_contact(g.member.id, contact_id)
    if request.method == "POST":
        remove_contact(g.member.id, contact_id)
        flash(_("联系方式已删除。"))
        return redirect(url_for("member.person"))
    return show_form("member/people/remove_contact.html", None, contact=show_contacts([contact])[0])


@member.route("/file/reveal", methods=["GET", "POST"])
def reveal() -> Page | AnyResponse:
    """One own contact in full, to check it; logged like every look."""
    if request.method == "GET":
        return redirect(url_for("member.person"))
    contact = asked_contact(g.member.id)
    contact_id, kind = contact.id, contact.kind
    note_access(g.member, AccessKind.VIEWED_CONTACT, [g.member.id], kind, now())
    return show_form("member/people/page.html", None, typed=request.form, **_values(contact_id))


def _values(full_contact: int | None = None, problem: Refusal | None = None) -> dict[str, Any]:
    file = get_person_file(g.member.id)
    decisions: list[Consent] = [row.Consent for row in list_consents(g.member.id)]
    return {
        "file": file,
        "own_kinds": own_kinds(file),
        "contacts": show_contacts(file.contacts, full_contact, file.merged),
        "number": show_number(g.member),
        "texts": TEXTS,
        "consents": latest_by_purpose(decisions),
        "is_outdated": is_outdated,
        "categories": list(Category),
        "weekdays": list(WEEKDAYS),
        "day_parts": list(DayPart),
        "version": version_to_show(problem, version_of(form_values(g.member.id))),
    }
