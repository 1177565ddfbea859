"""What a list says of how a person can be reached: cells made into contacts.

An emergency contact is another person's name and telephone, written "李四 13800138000"; the two may stand
in one column or in two. A contact with stars in it is one that was masked when the list was taken from here:
it is the kept one that looks so, or none.
"""

import re
from collections.abc import Sequence
from datetime import date

from volunteer.domain.cells import Cell, cell_text, tidy_name, tidy_plain, tidy_text
from volunteer.domain.contacts import (
    LONGEST_CONTACT_NOTE,
    ContactKind,
    PhoneMalformed,
    clean_contact,
    mask_contact,
)
from volunteer.domain.refusals import N_, Refusal

BETWEEN = re.compile(r"[,，、;；/\n\r]+")
_POINT_ZERO = re.compile(r"(\d{7,})\.0+")
_NUMBER = re.compile(r"[+＋]?[(（]?\d[\d\s()（）*＊.－—–-]{5,}")
_LABEL = re.compile(
    r"[\s:：,，]*(联系电话|联系方式|电话|手机号码|手机号|手机|tel|phone)?[\s:：.]*$", re.IGNORECASE
)


class EmergencyPhoneMalformed(Refusal):
    code = "emergency_phone_malformed"
    msgid = N_("紧急联系人的电话不对：请填写 11 位手机号，或带区号的固定电话，例如 0755-12345678。")


class EmergencyPhoneMissing(Refusal):
    code = "emergency_phone_missing"
    msgid = N_("紧急联系人“%(name)s”没有电话：请补上电话，或清空这一格。")


class EmergencyUnclear(Refusal):
    code = "emergency_unclear"
    msgid = N_("紧急联系人的姓名和电话个数不同，对不上，请写成“李四 13800138000、王五 13900139000”这样。")


class EmergencyTooLong(Refusal):
    code = "emergency_too_long"
    msgid = N_("紧急联系人的姓名超过 %(longest)s 个字，请检查各列是否对齐。")


def clean_phones(cell: Cell, _today: date) -> str:
    """Telephone numbers in the form they are kept in, each once."""
    return _clean(ContactKind.PHONE, cell)


def clean_wechats(cell: Cell, _today: date) -> str:
    """WeChat names in the form they are kept in, each once."""
    return _clean(ContactKind.WECHAT, cell)


def clean_emails(cell: Cell, _today: date) -> str:
    """E-mail addresses in the form they are kept in, each once."""
    return _clean(ContactKind.EMAIL, cell)


def clean_emergencies(cell: Cell, _today: date) -> str:
    """Names and telephones of emergency contacts; a name or a telephone may stand alone."""
    found: list[tuple[str, str]] = []
    for part in split_cell(cell):
        name, phone = _name_and_phone(part)
        if found and not (name and phone) and not (found[-1][0] and found[-1][1]):
            # "李四，13800138000" is one person, and so is the telephone before its name.
            last = found.pop()
            if bool(last[0]) == bool(name):
                found += [last, (name, phone)]
            else:
                found.append((last[0] or name, last[1] or phone))
        else:
            found.append((name, phone))
    return join_emergencies(found)


def complete_emergencies(people: str, telephones: str) -> str:
    """The emergency contacts of both columns together; refuses a name without a telephone."""
    first, second = split_emergencies(people), split_emergencies(telephones)
    waiting = [name for name, phone in first if not phone]
    if len(waiting) == 1 and second:
        waiting *= len(second)
    if not waiting:
        return join_emergencies([*first, *second])
    if not second:
        raise EmergencyPhoneMissing(name=waiting[0])
    if len(waiting) != len(second) or not all(phone for _name, phone in second):
        raise EmergencyUnclear()
    paired = [(name, phone) for name, (_own, phone) in zip(waiting, second, strict=True)]
    return join_emergencies([*(one for one in first if one[1]), *paired])


def split_emergencies(text: str) -> list[tuple[str, str]]:
    """Names and telephones from what was joined; one of the two may be empty."""
    pairs = []
    for one in (part for part in text.split("、") if part):
        name, _, phone = one.rpartition(" ")
        is_phone = phone[-1:].isdecimal()
        pairs.append((name, phone) if is_phone else (one, ""))
    return pairs


def join_emergencies(pairs: Sequence[tuple[str, str]]) -> str:
    """Names and telephones as one text, each telephone once and with its name where any of them has one."""
    names: dict[str, str] = {}
    for name, phone in pairs:
        key = phone or f"?{name}"
        names[key] = names.get(key) or name
    return "、".join(f"{name} {key}".strip() if key[0] != "?" else name for key, name in names.items())


def split_cell(cell: Cell) -> list[str]:
    """The parts of a cell that holds several things; a line break parts them too."""
    text = cell if isinstance(cell, str) else cell_text(cell)
    return [part for part in BETWEEN.split(text) if tidy_text(part)]


def is_free_note(people: Cell, telephones: Cell, today: date) -> bool:
    """Whether what stands beside the one telephone, a masked one, is no name that can be read.

    Somebody may have noted anything beside a kept telephone, and a list taken from here says it again.
    """
    phones = split_cell(telephones)
    if len(phones) != 1 or not is_masked(tidy_plain(phones[0])):
        return False
    try:
        return len(split_emergencies(clean_emergencies(people, today))) > 1
    except EmergencyPhoneMalformed:
        return True


def is_masked(text: str) -> bool:
    """Whether characters of the text were hidden when it was shown or exported."""
    return "*" in text


def open_masked(
    kind: ContactKind, said: Sequence[str], there: Sequence[str]
) -> tuple[tuple[str, ...], list[str]]:
    """What a list says, masked contacts by the kept ones that look so; and those that none looks like.

    Where several look so, another name than theirs could be meant for any of them, and is passed over too.
    """
    opened, unknown = list[str](), list[str]()
    for one in said:
        name, _, phone = one.rpartition(" ")
        alike = [each for each in there if _masks(kind, each) == phone]
        named = [each for each in alike if not name or each.rpartition(" ")[0] == name]
        if not is_masked(phone):
            opened.append(one)
        elif named:
            opened.append(named[0])
        elif len(alike) == 1:
            opened.append(join_emergencies([(name, alike[0].rpartition(" ")[2])]))
        else:
            unknown.append(one)
    return tuple(opened), unknown


def _masks(kind: ContactKind, kept: str) -> str:
    return mask_contact(kind, kept.rpartition(" ")[2])


def _clean(kind: ContactKind, cell: Cell) -> str:
    return "、".join(dict.fromkeys(_clean_one(kind, part) for part in split_cell(cell)))


def _clean_one(kind: ContactKind, text: str) -> str:
    plain = tidy_plain(text)
    if is_masked(plain):
        return plain
    # What a program wrote that had taken the number for a quantity.
    whole = _POINT_ZERO.fullmatch(plain)
    return clean_contact(kind, whole[1] if whole else text)


def _name_and_phone(part: str) -> tuple[str, str]:
    text = tidy_text(part)
    found = _NUMBER.search(text)
    if not found:
        return _clean_name(text), ""
    try:
        phone = _clean_one(ContactKind.EMERGENCY, found[0])
    except PhoneMalformed:
        raise EmergencyPhoneMalformed() from None
    before = _LABEL.sub("", text[: found.start()])
    return _clean_name(f"{before} {text[found.end() :]}"), phone


def _clean_name(text: str) -> str:
    name = tidy_name(text).strip(" :：,，-")
    if re.search(r"\d", name):
        raise EmergencyPhoneMalformed()
    if len(name) > LONGEST_CONTACT_NOTE:
        raise EmergencyTooLong(longest=LONGEST_CONTACT_NOTE)
    return name
