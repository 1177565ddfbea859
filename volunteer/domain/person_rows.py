"""What a list says about a person's own file: cells made into it, and its content as a clerk writes it."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from volunteer.domain.activities import Category
from volunteer.domain.cells import Cell, cell_text, is_blank, tidy_plain, tidy_text
from volunteer.domain.contact_rows import complete_emergencies, split_cell
from volunteer.domain.file_contents import FileContent, require_room
from volunteer.domain.headings import Field
from volunteer.domain.people import WEEKDAYS, DayPart, Particulars, Sex, settle_particulars, split_words
from volunteer.domain.refusals import N_, DateMalformed, Refusal

SEXES = {"男": Sex.MALE, "女": Sex.FEMALE}
KINDS = {
    "文明出行": Category.CIVIL_TRAVEL,
    "文明宣讲": Category.CIVIC_TALK,
    "进社区": Category.COMMUNITY_VISIT,
    "环境美化": Category.BEAUTIFICATION,
    "送温暖": Category.WARMTH,
}
_SEX_WORDS = {
    **dict.fromkeys(("男", "男性", "m", "male"), "男"),
    **dict.fromkeys(("女", "女性", "f", "female"), "女"),
}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?|(\d{4})(\d{2})", re.ASCII)
_SERIAL = re.compile(r"\d{5}", re.ASCII)
# A table program counts days from here.
_FIRST_DAY = date(1899, 12, 30)
_DAYS = "一二三四五六日"
_PARTS = {"上午": DayPart.MORNING, "下午": DayPart.AFTERNOON, "晚上": DayPart.EVENING}
_TIME = re.compile(
    r"(?P<every>每天|天天)?(?P<work>工作日)?(?P<rest>周末|双休日)?"
    r"(?P<days>周?[一二三四五六日](?:[至到~-]?周?[一二三四五六日])*)?(?P<parts>(?:上午|下午|晚上|全天)*)"
)


class SexUnclear(Refusal):
    code = "sex_unclear"
    msgid = N_("性别应写“男”或“女”。")


class BornOnIncomplete(Refusal):
    code = "born_on_incomplete"
    msgid = N_("出生日期要有年、月、日，例如 1990-05-01；没有日的请清空这一格。")


class FreeTimesUnclear(Refusal):
    code = "free_times_unclear"
    msgid = N_("看不懂可服务时间“%(text)s”，请写成“周六上午、周日下午”这样，也可以写“工作日晚上”“周末”。")


def clean_sex(cell: Cell, _today: date) -> str:
    """男, 女 or empty."""
    word = tidy_plain(cell_text(cell)).lower()
    if word and word not in _SEX_WORDS:
        raise SexUnclear()
    return _SEX_WORDS.get(word, "")


def clean_born_on(cell: Cell, _today: date) -> str:
    """The day as 1990-05-01; 1990-05 where the cell says no day, which is not enough by itself."""
    if is_blank(cell):
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = tidy_plain(cell_text(cell))
    try:
        if found := _DAY.fullmatch(text):
            year, month, day = (int(part) for part in found.groups() if part)
            return date(year, month, day).isoformat()
        if _SERIAL.fullmatch(text):
            return (_FIRST_DAY + timedelta(days=int(text))).isoformat()
        if found := _MONTH.fullmatch(text):
            year, month = (int(part) for part in found.groups() if part)
            return f"{date(year, month, 1):%Y-%m}"
    except ValueError:
        raise DateMalformed() from None
    raise DateMalformed()


def clean_words(cell: Cell, _today: date) -> str:
    """Words such as skills, each once."""
    return "、".join(split_words("、".join(split_cell(cell))))


def clean_residence(cell: Cell, _today: date) -> str:
    """Where somebody lives, tidied; how long it may be is judged with the other particulars."""
    return tidy_text(cell_text(cell))


def clean_free_times(cell: Cell, _today: date) -> str:
    """Weekdays and their parts, each written out: 周末 is six of them."""
    found: set[tuple[int, DayPart]] = set()
    waiting: set[int] = set()
    last: set[int] = set()
    for token in (part for part in re.split(r"[,，、;；/\s]+", cell_text(cell)) if part):
        days, parts = _read_time(token)
        if not days and not last:
            raise FreeTimesUnclear(text=token)
        last = days or last
        waiting |= last if parts or days else set()
        if parts:
            found |= {(day, part) for day in waiting for part in parts}
            waiting = set()
    found |= {(day, part) for day in waiting for part in DayPart}
    in_order = [(day, part) for day in WEEKDAYS for part in DayPart]
    return "、".join(_time_text(*time) for time in in_order if time in found)


def _read_time(token: str) -> tuple[set[int], set[DayPart]]:
    text = tidy_plain(token)
    for word, plain in (("星期", "周"), ("礼拜", "周"), ("周天", "周日"), ("早上", "上午"), ("晚间", "晚上")):
        text = text.replace(word, plain)
    match = _TIME.fullmatch(text)
    if not match or not text:
        raise FreeTimesUnclear(text=token)
    days = set(WEEKDAYS) if match["every"] else set[int]()
    days |= {1, 2, 3, 4, 5} if match["work"] else set()
    days |= {6, 7} if match["rest"] else set()
    named = (match["days"] or "").replace("周", "")
    for first, to, end in re.findall(r"(.)(?:([至到~-])(.))?", named):
        start = _DAYS.index(first) + 1
        days |= set(range(start, _DAYS.index(end) + 2)) if to else {start}
    said = re.findall(r"..", match["parts"])
    return days, set(DayPart) if "全天" in said else {_PARTS[part] for part in said}


def _time_text(day: int, part: DayPart) -> str:
    return f"周{_DAYS[day - 1]}{next(word for word, one in _PARTS.items() if one is part)}"


def complete_particulars(values: dict[str, str], today: date) -> None:
    """Fill sex and birth date from the ID number, and bring emergency contacts and their telephones together.

    Refuses what contradicts the number or can be no birth date, and what does not fit.
    """
    born_on, number = values[Field.BORN_ON], values[Field.NATIONAL_ID] or None
    told = settle_particulars(Particulars(), number, today).born_on
    if len(born_on) == len("1990-05"):
        if told is None:
            raise BornOnIncomplete()
        born_on = told.isoformat() if f"{told:%Y-%m}" == born_on else f"{born_on}-01"
    sex = SEXES.get(values[Field.SEX])
    given = Particulars(sex, date.fromisoformat(born_on) if born_on else None, values[Field.RESIDENCE])
    settled = settle_particulars(given, number, today)
    values[Field.SEX] = _sex_text(settled.sex or "")
    values[Field.BORN_ON] = settled.born_on.isoformat() if settled.born_on else ""
    values[Field.RESIDENCE] = settled.residence
    emergencies = complete_emergencies(values[Field.EMERGENCY], values[Field.EMERGENCY_PHONE])
    values[Field.EMERGENCY], values[Field.EMERGENCY_PHONE] = emergencies, ""
    require_room(content_of(values))


def content_of(values: Mapping[str, str]) -> FileContent:
    """What a row's values say of the file."""
    return FileContent(
        sex=SEXES.get(values[Field.SEX], ""),
        born_on=values[Field.BORN_ON],
        residence=values[Field.RESIDENCE],
        phones=_list(values[Field.PHONE]),
        wechats=_list(values[Field.WECHAT]),
        emails=_list(values[Field.EMAIL]),
        emergencies=_list(values[Field.EMERGENCY]),
        skills=_list(values[Field.SKILLS]),
        service_kinds=tuple(str(KINDS.get(word, word)) for word in _list(values[Field.SERVICE_KINDS])),
        free_times=tuple(_kept_time(text) for text in _list(values[Field.FREE_TIMES])),
    )


def list_changes(there: FileContent, after: FileContent) -> list[tuple[Field, str, str]]:
    """The fields in which the two differ, each with what was and what would be, as a clerk writes them."""
    shown = [(field, show(there), show(after)) for field, show in _SHOWN.items()]
    return [one for one in shown if one[1] != one[2]]


def _sex_text(sex: str) -> str:
    return next((word for word, one in SEXES.items() if one == sex), "")


def _kind_text(kind: str) -> str:
    return next((word for word, one in KINDS.items() if one == kind), kind)


def _kept_time(text: str) -> str:
    return f"{_DAYS.index(text[1]) + 1}-{_PARTS[text[2:]]}"


def _shown_time(kept: str) -> str:
    day, _, part = kept.partition("-")
    return _time_text(int(day), DayPart(part))


_SHOWN: Mapping[Field, Any] = {
    Field.SEX: lambda one: _sex_text(one.sex),
    Field.BORN_ON: lambda one: one.born_on,
    Field.RESIDENCE: lambda one: one.residence,
    Field.PHONE: lambda one: "、".join(one.phones),
    Field.WECHAT: lambda one: "、".join(one.wechats),
    Field.EMAIL: lambda one: "、".join(one.emails),
    Field.EMERGENCY: lambda one: "、".join(one.emergencies),
    Field.SKILLS: lambda one: "、".join(one.skills),
    Field.SERVICE_KINDS: lambda one: "、".join(map(_kind_text, one.service_kinds)),
    Field.FREE_TIMES: lambda one: "、".join(map(_shown_time, one.free_times)),
}


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("、") if part)
