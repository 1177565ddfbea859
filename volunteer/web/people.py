"""A member's file on pages: masked by default, and read from the forms that change it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from flask import abort, current_app, request

from volunteer.domain.activities import Category
from volunteer.domain.contacts import ContactKind, derive_contact_key, mask_contact, open_contact
from volunteer.domain.national_ids import (
    IdDocument,
    IdKeys,
    derive_id_keys,
    document_of,
    mask_national_id,
    read_national_id,
)
from volunteer.domain.people import WEEKDAYS, DayPart, FreeTime, Particulars, Sex, Wishes, split_words
from volunteer.domain.refusals import DateMalformed
from volunteer.models.members import Member
from volunteer.models.people import MemberContact
from volunteer.queries.people import PersonFile, get_contact
from volunteer.web.forms import typed


@dataclass(frozen=True)
class ShownContact:
    """A contact as a page shows it; no text where the installation's secret has changed."""

    id: int
    kind: str
    text: str | None
    note: str
    is_full: bool
    # The volunteer number of the merged row where it stands; None for the member's own.
    merged_no: str | None


@dataclass(frozen=True)
class ShownNumber:
    """An ID number as a page shows it; no text where the installation's secret has changed."""

    document: IdDocument | None
    text: str | None
    is_full: bool


def contact_key() -> bytes:
    """The key that seals contacts in this installation."""
    return derive_contact_key(current_app.config["SECRET_KEY"])


def id_keys() -> IdKeys:
    """The keys behind kept ID numbers in this installation."""
    return derive_id_keys(current_app.config["SECRET_KEY"])


def show_contacts(
    contacts: Iterable[MemberContact],
    full_id: int | None = None,
    merged: Mapping[int, str] = MappingProxyType({}),
) -> list[ShownContact]:
    """Contacts masked, but for the one that was asked for (and logged); ``merged`` names merged rows."""
    key, shown = contact_key(), []
    for one in contacts:
        value = open_contact(one.value_sealed, key)
        is_full = one.id == full_id
        text = value if value is None or is_full else mask_contact(ContactKind(one.kind), value)
        shown.append(ShownContact(one.id, one.kind, text, one.note, is_full, merged.get(one.member_id)))
    return shown


def show_phone(sealed: bytes, *, is_full: bool = False) -> str | None:
    """A telephone masked unless it was asked for (and logged); None where the secret has changed."""
    phone = open_contact(sealed, contact_key())
    return phone if phone is None or is_full else mask_contact(ContactKind.PHONE, phone)


def show_number(member: Member, *, is_full: bool = False) -> ShownNumber | None:
    """The member's ID number, masked unless it was asked for (and logged); None where there is none."""
    if member.national_id_sealed is None:
        return None
    number = read_national_id(member.national_id_sealed, id_keys())
    if number is None:
        return ShownNumber(None, None, is_full)
    return ShownNumber(document_of(number), number if is_full else mask_national_id(number), is_full)


def own_kinds(file: PersonFile) -> list[str]:
    """The service kinds in the member's own words, which are none of the categories."""
    return [name for name in file.service_kinds if name not in set(Category)]


def asked_contact(member_id: int) -> MemberContact:
    """The member's contact that the button was pressed for; 404 where there is none."""
    text = typed("what")
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        abort(404)
    return get_contact(member_id, int(text))


def typed_particulars() -> Particulars:
    """Sex, birth date and residence from the form; refuses what is no date."""
    text, sex = typed("born_on"), typed("sex")
    try:
        born_on = date.fromisoformat(text) if text else None
    except ValueError:
        raise DateMalformed() from None
    if sex and sex not in set(Sex):
        abort(400)
    return Particulars(Sex(sex) if sex else None, born_on, typed("residence"))


def typed_wishes() -> Wishes:
    """Skills, service kinds and free times from the form; 400 for boxes that the form never had."""
    chosen_kinds = request.form.getlist("service_kind")
    if not set(chosen_kinds) <= set(Category):
        abort(400)
    return Wishes(
        split_words(typed("skills")),
        [*chosen_kinds, *split_words(typed("own_kinds"))],
        {_read_time(box) for box in request.form.getlist("free_time")},
    )


def _read_time(box: str) -> FreeTime:
    day, _, part = box.partition("-")
    if day not in map(str, WEEKDAYS) or part not in set(DayPart):
        abort(400)
    return int(day), DayPart(part)
