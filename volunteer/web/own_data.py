"""A member's own data as files: JSON with everything for machines, a PDF in words for people."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime

from flask import abort, request
from flask_babel import gettext as _

from volunteer.domain.consents import TEXTS, Purpose
from volunteer.domain.contacts import open_contact
from volunteer.domain.erasures import ErasurePart
from volunteer.domain.ledger import Measure
from volunteer.drawing.own_data import OwnData, Section, own_data_pdf
from volunteer.models.members import Member
from volunteer.queries.notices import get_current_notice
from volunteer.queries.own_data import Rows, list_own_rows
from volunteer.queries.people import list_contacts
from volunteer.web.dates import show_moment
from volunteer.web.languages import current_language
from volunteer.web.own_data_words import LABELS, in_order, label_of, show_value, title_of
from volunteer.web.people import contact_key, show_number

FORMAT, FORMAT_VERSION = "volunteer-clock-own-data", 1


def collect(member: Member, ids: Collection[int], *, is_whole: bool = False) -> dict[str, Rows]:
    """Everything stored about the member by table, contacts in full; the ID number only where it was wanted.

    ``ids``: the rows of the person, as far as the reader may have them.
    A copy of one's own data is complete (PIPL article 45), but a file is lost more easily than
    an account: without being asked for, the number stays masked.
    """
    tables = list_own_rows(ids)
    number = show_number(member, is_full=is_whole)
    for row in tables["members"]:
        row["national_id"] = number.text if number and row["id"] == member.id else None
    key, contacts = contact_key(), list_contacts(member.id)
    values = {one.id: open_contact(one.value_sealed, key) for one in contacts}
    for row in tables.get("member_contacts", []):
        row["value"] = values.get(row["id"])
    for row in tables.get("service_records", []):
        row["measure"] = str(Measure.METERED if row["correction_id"] is None else Measure.DECLARED)
    for row in tables.get("consents", []):
        row["text"] = TEXTS[Purpose(row["purpose"])].msgid
    return tables


def as_json(member: Member, ids: Collection[int], now: datetime, *, is_whole: bool = False) -> bytes:
    """All of it, for machines; instants are ISO 8601 in UTC."""
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "made_at": now.isoformat(),
        "privacy_notice_version": get_current_notice().version,
        "data": collect(member, ids, is_whole=is_whole),
    }
    return json.dumps(content, ensure_ascii=False, indent=2, default=str).encode()


def as_pdf(member: Member, ids: Collection[int], now: datetime, *, is_whole: bool = False) -> bytes:
    """All that says something to people, in the language of the page."""
    tables = collect(member, ids, is_whole=is_whole)
    return own_data_pdf(
        OwnData(
            current_language(),
            _("我的数据"),
            f"{member.name} · {member.volunteer_no} · {show_moment(now)}",
            _("以下是志愿钟保存的关于您的全部内容。机器可读的完整文件（JSON）可在“我的数据”页面下载。"),
            [Section(title_of(name), list(_show_rows(name, tables[name]))) for name in in_order(tables)],
        )
    )


def _show_rows(table: str, rows: Rows) -> Iterable[list[tuple[str, str]]]:
    for row in rows:
        yield [
            (label_of(table, column), text)
            for column in LABELS
            if (text := show_value(table, column, row.get(column)))
        ]


MAKERS = {"json": (as_json, "application/json"), "pdf": (as_pdf, "application/pdf")}


def chosen_parts() -> list[ErasurePart]:
    """What was ticked to be erased; 400 where the form never offered it."""
    try:
        return [ErasurePart(part) for part in request.form.getlist("part")]
    except ValueError:
        abort(400)
