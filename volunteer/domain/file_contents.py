"""What a person's own file holds, as lists compare it: read, joined with what a list says, and told apart.

A list only adds to a file or puts another value in its place; an empty cell takes nothing away.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from volunteer.domain.contact_rows import open_masked
from volunteer.domain.contacts import MOST_CONTACTS, ContactKind, TooManyContacts


@dataclass(frozen=True)
class FileContent:
    """What a person's file holds, as it is kept; ``others`` counts contacts that cannot be opened.

    An emergency contact is a name and a telephone, "李四 13800138000".
    """

    sex: str = ""
    born_on: str = ""
    residence: str = ""
    phones: tuple[str, ...] = ()
    wechats: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    emergencies: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    service_kinds: tuple[str, ...] = ()
    free_times: tuple[str, ...] = ()
    others: int = 0


# Where contacts of each kind stand in a file.
CONTACTS: Mapping[ContactKind, str] = {
    ContactKind.PHONE: "phones",
    ContactKind.WECHAT: "wechats",
    ContactKind.EMAIL: "emails",
    ContactKind.EMERGENCY: "emergencies",
}


def contacts_in(content: FileContent) -> dict[tuple[ContactKind, str], str]:
    """The contacts of a file by kind and value, each with its name, which only an emergency contact has."""
    found: dict[tuple[ContactKind, str], str] = {}
    for kind, where in CONTACTS.items():
        for one in getattr(content, where):
            name, value = _pair(one) if kind is ContactKind.EMERGENCY else ("", one)
            found[kind, value] = name
    return found


def require_room(content: FileContent) -> None:
    """Refuse more contacts than a file holds."""
    if len(contacts_in(content)) + content.others > MOST_CONTACTS:
        raise TooManyContacts(maximum=MOST_CONTACTS)


def content_from(stored: Mapping[str, Any], there: FileContent) -> FileContent:
    """The content that was kept as plain values; what was not kept by then is as it stands ``there``."""
    values: dict[str, Any] = {name: tuple(it) if isinstance(it, list) else it for name, it in stored.items()}
    if unknown := [one for one in CONTACTS.values() if one not in stored]:
        # Contacts of these kinds were only counted, with those that cannot be opened.
        values["others"] -= sum(len(getattr(there, one)) for one in unknown)
    return replace(there, **values)


def join_content(there: FileContent, said: FileContent) -> FileContent:
    """The file after the list: another value where the list has one, and whatever is new besides the old."""
    return replace(
        there,
        sex=said.sex or there.sex,
        born_on=said.born_on or there.born_on,
        residence=said.residence or there.residence,
        phones=_union(there.phones, said.phones),
        wechats=_union(there.wechats, said.wechats),
        emails=_union(there.emails, said.emails),
        emergencies=_join_emergencies(there.emergencies, said.emergencies),
        skills=_union(there.skills, said.skills),
        service_kinds=_union(there.service_kinds, said.service_kinds),
        free_times=_union(there.free_times, said.free_times),
    )


def open_content(said: FileContent, there: FileContent) -> tuple[FileContent, list[str]]:
    """What a list says, masked contacts by the kept ones that look so; and those that none looks like."""
    opened, unknown = dict[str, Any](), list[str]()
    for kind, where in CONTACTS.items():
        opened[where], missing = open_masked(kind, getattr(said, where), getattr(there, where))
        unknown += missing
    return replace(said, **opened), unknown


def is_renaming(there: FileContent, after: FileContent) -> bool:
    """Whether an emergency contact would be called by another name than it is."""
    names = contacts_in(after)
    return any(name and names[key] != name for key, name in contacts_in(there).items())


def _union(there: tuple[str, ...], said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*there, *said)))


def _join_emergencies(there: tuple[str, ...], said: tuple[str, ...]) -> tuple[str, ...]:
    """Each telephone once, by the name that the list has for it."""
    names = dict((phone, name) for name, phone in map(_pair, there))
    for name, phone in map(_pair, said):
        names[phone] = name or names.get(phone, "")
    return tuple(f"{name} {phone}".strip() for phone, name in names.items())


def _pair(emergency: str) -> tuple[str, str]:
    # Somebody may have noted anything beside the telephone, also in the way that joins several.
    name, _, phone = emergency.rpartition(" ")
    return name, phone
