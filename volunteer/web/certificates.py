"""Certificates between pages and rules: drawn and signed, the period asked for, what is shown of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from flask import Response, current_app, request, url_for
from flask_babel import gettext as _

from volunteer.domain import days
from volunteer.domain.certificates import FIRST_DAY, Counted, SigningKeyUnreadable, is_untouched
from volunteer.domain.refusals import DateMalformed
from volunteer.drawing.certificates import certificate_pdf
from volunteer.drawing.signatures import KeyUnreadable, sign_pdf
from volunteer.models.certificates import Certificate
from volunteer.models.members import Member
from volunteer.queries.certificates import (
    count_ledger,
    find_first_served_on,
    find_replacement,
    find_verify_address,
)
from volunteer.queries.merges import list_group_ids
from volunteer.services.signing import load_key, signing_folder
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.downloads import attachment
from volunteer.web.people import show_number

# Why it was signed, as readers show it.
REASON = "志愿服务记录证明"


def draw_certificate(content: Mapping[str, Any], code: str) -> bytes:
    """The signed PDF of what was frozen."""
    pdf = certificate_pdf(content, code)
    folder = signing_folder(current_app.config, current_app.instance_path)
    key = load_key(folder, current_app.config["SECRET_KEY"], content["issuer"], now())
    try:
        return sign_pdf(pdf, key.content, key.passphrase, content["issuer"], REASON)
    except KeyUnreadable as unreadable:
        raise SigningKeyUnreadable() from unreadable


def verify_address() -> str:
    """Where anybody verifies a certificate of this installation.

    As the brigade set it: the host in a request is whatever the browser claims, and a signed
    paper must not lead to somebody else's page.
    """
    return find_verify_address() or url_for("public.verify_certificate", _external=True)


def read_period(values: Mapping[str, str], member_ids: list[int] | None = None) -> tuple[date, date]:
    """The period asked for; without one the whole of this year. ``all`` is all there is."""
    if values.get("period") == "all" and member_ids:
        return find_first_served_on(member_ids) or today(), today()
    if values.get("period") == "last":
        year = today().year - 1
        return date(year, 1, 1), date(year, 12, 31)
    first, last = (values.get(name, "").strip() for name in ("first_on", "last_on"))
    first_on = days.read_day(first, FIRST_DAY) if first else date(today().year, 1, 1)
    return first_on, days.read_day(last, FIRST_DAY) if last else today()


def asked_period(member_ids: list[int] | None = None) -> tuple[date, date]:
    """The period in the address; this year where what stands there is no date."""
    try:
        return read_period(request.args, member_ids)
    except DateMalformed:
        return read_period({})


def shown_document(member: Member) -> dict[str, str] | None:
    """The kind and masked number of the member's document as they can stand on the paper, or None."""
    number = show_number(member)
    if number is None or number.document is None or number.text is None:
        return None
    return {"kind": str(number.document), "number": number.text}


@dataclass(frozen=True)
class Standing:
    """How a certificate stands today."""

    replaced_by: Certificate | None
    counted: Counted
    has_changed: bool
    is_untouched: bool


def standing_of(certificate: Certificate) -> Standing:
    """Whether it was replaced, and whether the record of its period says something else by now."""
    ids = list_group_ids(certificate.member_id)
    counted = count_ledger(ids, certificate.first_on, certificate.last_on)
    frozen = (certificate.metered_minutes, certificate.declared_minutes)
    return Standing(
        find_replacement(certificate.id),
        counted,
        (counted.metered_minutes, counted.declared_minutes) != frozen,
        is_untouched(certificate.content, certificate.content_hash),
    )


def document_response(certificate: Certificate) -> Response:
    """The signed PDF as it was handed out."""
    content = cast("dict[str, Any]", certificate.content)
    name = f"{_('志愿服务记录证明')}-{content['name']}-{certificate.serial}.pdf"
    headers = {"Cache-Control": "no-store", "Content-Disposition": attachment(name)}
    return Response(certificate.document, mimetype="application/pdf", headers=headers)
