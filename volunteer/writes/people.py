"""The files of many members at once, as lists fill them: written, and put back as they were.

One member's file is changed by the use cases of people; what a file may hold is judged before it comes here.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from volunteer.db import db
from volunteer.domain.contacts import NONCE_BYTES, ContactKind, ending_of, open_contact, seal_contact
from volunteer.domain.file_contents import FileContent, contacts_in
from volunteer.domain.people import Wishes
from volunteer.models.columns import table_of
from volunteer.models.people import MemberContact, MemberFreeTime, MemberServiceKind, MemberSkill, Person
from volunteer.queries.member_imports import list_sealed_contacts

_PEOPLE, _TIMES = table_of(Person), table_of(MemberFreeTime)
_WORDS = (("skills", table_of(MemberSkill)), ("service_kinds", table_of(MemberServiceKind)))
_CONTACTS = table_of(MemberContact)
FILE_TABLES = frozenset(table.name for table in (_PEOPLE, _TIMES, _CONTACTS, *(one for _, one in _WORDS)))


@dataclass(frozen=True)
class Filing:
    """One member's file as it stands and as it is to be."""

    member_id: int
    there: FileContent
    after: FileContent


def write_files(filings: Sequence[Filing], key: bytes, now: datetime) -> None:
    """Put what is new into files, inside the transaction; ``key`` seals contacts."""
    _store_particulars(filings, now)
    contacts = [
        {
            "member_id": one.member_id,
            "kind": kind,
            "value_sealed": seal_contact(value, key, secrets.token_bytes(NONCE_BYTES)),
            "ending": ending_of(kind, value),
            "note": name,
            "created_at": now,
        }
        for one in filings
        for (kind, value), name in contacts_in(one.after).items()
        if (kind, value) not in contacts_in(one.there)
    ]
    _insert(_CONTACTS, contacts)
    _rename_contacts(filings, key)
    for name, table in _WORDS:
        _insert(table, [{"member_id": number, "name": word} for number, word in _more(filings, name)])
    _insert(_TIMES, [_time(number, time) for number, time in _more(filings, "free_times")])


def replace_wishes(member_id: int, wishes: Wishes) -> None:
    """Put these skills, service kinds and free times in the place of one member's, inside the transaction."""
    rows: dict[Any, list[dict[str, object]]] = {
        table_of(MemberSkill): [{"name": name} for name in dict.fromkeys(wishes.skills)],
        table_of(MemberServiceKind): [{"name": name} for name in dict.fromkeys(wishes.service_kinds)],
        _TIMES: [{"weekday": day, "part": part} for day, part in sorted(set(wishes.free_times))],
    }
    for table, values in rows.items():
        db.session.execute(delete(table).where(table.c.member_id == member_id))
        _insert(table, [{"member_id": member_id, **one} for one in values])


def put_files_back(filings: Sequence[Filing], key: bytes, now: datetime) -> None:
    """Take out of files what a list had put in, inside the transaction: ``after`` is what stood before."""
    _store_particulars(filings, now)
    taken = {
        (one.member_id, *contact)
        for one in filings
        for contact in contacts_in(one.there).keys() - contacts_in(one.after).keys()
    }
    ids = [one.member_id for one in filings]
    gone = [number for number, contact in _list_contacts(ids, key) if contact in taken]
    db.session.execute(delete(_CONTACTS).where(_CONTACTS.c.id.in_(gone)))
    _rename_contacts(filings, key)
    backwards = [Filing(one.member_id, one.after, one.there) for one in filings]
    for name, table in _WORDS:
        _delete(table, [{"member_id": number, "name": word} for number, word in _more(backwards, name)])
    _delete(_TIMES, [_time(number, time) for number, time in _more(backwards, "free_times")])


def remove_files(member_ids: Sequence[int]) -> None:
    """Everything that stands in these files, inside the transaction."""
    for table in (_PEOPLE, _CONTACTS, _TIMES, *(one for _, one in _WORDS)):
        db.session.execute(delete(table).where(table.c.member_id.in_(member_ids)))


def _rename_contacts(filings: Sequence[Filing], key: bytes) -> None:
    """Let kept emergency contacts be called as the files are to have them."""
    names = {
        (one.member_id, *contact): name
        for one in filings
        for contact, name in contacts_in(one.after).items()
        if contacts_in(one.there).get(contact, name) != name
    }
    there = _list_contacts(list({one[0] for one in names}), key) if names else []
    renamed = [{"its_id": number, "name": names[contact]} for number, contact in there if contact in names]
    if renamed:
        statement = update(_CONTACTS).where(_CONTACTS.c.id == bindparam("its_id"))
        db.session.connection().execute(statement.values(note=bindparam("name")), renamed)


def _list_contacts(member_ids: Sequence[int], key: bytes) -> list[tuple[int, tuple[int, ContactKind, str]]]:
    """The contacts of these members that can be opened: their ids, whose, of what kind, and what they are."""
    opened = [(one, open_contact(one.value_sealed, key)) for one in list_sealed_contacts(member_ids)]
    return [(one.id, (one.member_id, ContactKind(one.kind), value)) for one, value in opened if value]


def _store_particulars(filings: Sequence[Filing], now: datetime) -> None:
    changed = [one for one in filings if _particulars(one.there) != _particulars(one.after)]
    ids = [one.member_id for one in changed]
    stored = set(
        db.session.execute(select(_PEOPLE.c.member_id).where(_PEOPLE.c.member_id.in_(ids))).scalars()
    )
    rows = [{"member_id": one.member_id, **_particulars(one.after), "updated_at": now} for one in changed]
    _insert(_PEOPLE, [row for row in rows if row["member_id"] not in stored])
    old = [row for row in rows if row["member_id"] in stored]
    if old:
        names = [name for name in old[0] if name != "member_id"]
        values = {name: bindparam(f"new_{name}", type_=_PEOPLE.c[name].type) for name in names}
        statement = update(_PEOPLE).where(_PEOPLE.c.member_id == bindparam("whose")).values(values)
        db.session.connection().execute(
            statement,
            [{"whose": row["member_id"], **{f"new_{name}": row[name] for name in names}} for row in old],
        )


def _particulars(content: FileContent) -> dict[str, Any]:
    born_on = date.fromisoformat(content.born_on) if content.born_on else None
    return {"sex": content.sex or None, "born_on": born_on, "residence": content.residence}


def _more(filings: Sequence[Filing], name: str) -> list[tuple[int, str]]:
    return [
        (one.member_id, word)
        for one in filings
        for word in getattr(one.after, name)
        if word not in getattr(one.there, name)
    ]


def _time(member_id: int, kept: str) -> dict[str, Any]:
    weekday, _, part = kept.partition("-")
    return {"member_id": member_id, "weekday": int(weekday), "part": part}


def _insert(table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(table), rows)


def _delete(table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        where = [table.c[name] == bindparam(f"old_{name}") for name in rows[0]]
        old = [{f"old_{name}": value for name, value in row.items()} for row in rows]
        db.session.connection().execute(delete(table).where(*where), old)
