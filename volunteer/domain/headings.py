"""Headings of a list: which column means what, whatever the office called it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from volunteer.domain.cells import Cell, cell_text, tidy_heading
from volunteer.domain.refusals import N_, Refusal

_LOOK_AHEAD = 20


class Field(StrEnum):
    """What a column can say about a member."""

    VOLUNTEER_NO = "volunteer_no"
    NAME = "name"
    UNIT = "unit"
    TEAM = "team"
    NATIONAL_ID = "national_id"
    SEX = "sex"
    BORN_ON = "born_on"
    PHONE = "phone"
    WECHAT = "wechat"
    EMAIL = "email"
    EMERGENCY = "emergency"
    EMERGENCY_PHONE = "emergency_phone"
    RESIDENCE = "residence"
    SKILLS = "skills"
    SERVICE_KINDS = "service_kinds"
    FREE_TIMES = "free_times"


# The best word first. "序号" is not a volunteer number: it only counts the rows.
_WORDS: dict[Field, tuple[str, ...]] = {
    Field.VOLUNTEER_NO: (
        "志愿者编号", "志愿者号", "志愿者注册号", "志愿者证号", "志愿者id", "义工编号", "义工号", "志愿编号",
        "注册号", "编号", "人员编号", "工号", "员工编号", "volunteerno", "volunteernumber",
    ),
    Field.NAME: ("姓名", "志愿者姓名", "人员姓名", "义工姓名", "名字", "中文姓名", "name", "fullname"),
    Field.UNIT: (
        "单位", "单位名称", "工作单位", "所在单位", "所属单位", "机关单位", "单位全称", "派出单位",
        "unit", "employer",
    ),
    # A code before a name, and the smaller team before the larger one.
    Field.TEAM: (
        "队伍编码", "队伍代码", "队伍编号", "分队编码", "中队编码", "所属队伍编码", "teamcode",
        "所属队伍", "队伍", "队伍名称", "所在队伍", "服务队", "志愿服务队", "所属服务队", "team",
        "分队", "所属分队", "直属分队", "服务分队", "分队名称", "中队", "所属中队", "服务中队", "中队名称",
        "大队", "所属大队", "大队名称",
    ),
    Field.NATIONAL_ID: (
        "公民身份号码", "公民身份证号", "公民身份证号码", "居民身份证号", "居民身份证号码",
        "身份证号", "身份证号码", "身份证", "身份号码", "证件号码", "证件号", "nationalid", "idnumber",
    ),
    Field.SEX: ("性别", "sex", "gender"),
    Field.BORN_ON: (
        "出生日期", "出生年月日", "生日", "出生年月", "出生", "dateofbirth", "birthdate", "birthday",
    ),
    # The own mobile before a telephone at work.
    Field.PHONE: (
        "手机", "手机号", "手机号码", "手机或电话", "移动电话", "本人电话", "联系电话", "电话", "电话号码",
        "联系方式", "联系手机", "固定电话", "办公电话", "mobile", "phone", "telephone", "tel",
    ),
    # A nickname (微信名, 微信昵称) is no WeChat name: nobody is found by it.
    Field.WECHAT: (
        "微信号", "微信", "微信号码", "微信账号", "微信帐号", "微信id", "本人微信号", "本人微信",
        "个人微信号", "个人微信", "联系微信", "wechat", "wechatid", "wechatno", "wechatnumber",
        "wechataccount", "weixin",
    ),
    Field.EMAIL: (
        "电子邮箱", "邮箱", "电子邮件", "邮箱地址", "电子邮箱地址", "电子邮件地址", "电子信箱",
        "邮件地址", "邮件", "电邮", "邮箱号", "邮箱账号", "本人邮箱", "个人邮箱", "常用邮箱",
        "联系邮箱", "qq邮箱", "工作邮箱", "单位邮箱", "email", "emailaddress", "mail",
    ),
    Field.EMERGENCY: (
        "紧急联系人", "紧急联系人姓名", "紧急联系人名字", "紧急联络人", "紧急联络人姓名", "应急联系人",
        "应急联系人姓名", "应急联络人", "应急联络人姓名", "紧急联系人及电话", "紧急联系人和电话",
        "紧急联系人姓名电话", "紧急联系人姓名及电话", "紧急联系人及联系方式", "紧急联系人及联系电话",
        "紧急联系", "emergencycontact", "emergencycontactname", "emergencyname",
    ),
    Field.EMERGENCY_PHONE: (
        "紧急联系人电话", "紧急联系人手机", "紧急联系人手机号", "紧急联系人手机号码",
        "紧急联系人电话号码", "紧急联系人联系电话", "紧急联系人联系方式", "紧急联系人号码",
        "紧急联系电话", "紧急联系手机", "紧急联系方式", "紧急联系号码", "紧急电话", "紧急联络电话",
        "紧急联络方式", "紧急联络人电话", "紧急联络人手机", "紧急联络人联系方式", "应急联系人电话",
        "应急联系人手机", "应急联系人联系方式", "应急联系电话", "应急联系方式", "应急电话",
        "应急联络电话", "家属电话", "家属联系电话", "家属联系方式", "emergencyphone",
        "emergencytelephone", "emergencycontactphone", "emergencycontacttelephone",
        "emergencycontactnumber", "emergencynumber",
    ),
    Field.RESIDENCE: (
        "居住区域", "居住地", "居住地址", "现居住地", "现居住地址", "现住址", "常住地址", "住址", "家庭住址",
        "家庭地址", "地址", "residence", "address",
    ),
    Field.SKILLS: (
        "技能", "专长", "特长", "技能专长", "技能特长", "专业技能", "个人特长", "服务技能", "skills", "skill",
    ),
    Field.SERVICE_KINDS: (
        "服务意愿", "服务类别", "意向服务类别", "服务意向", "志愿服务意向", "愿意参加的服务",
        "servicekinds", "servicekind",
    ),
    Field.FREE_TIMES: (
        "可服务时间", "空闲时间", "可参加时间", "可提供服务时间", "freetimes", "freetime",
        "availability",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Vocabulary:
    """What the columns of one kind of list are called: the words of each field, the best first.

    ``labels`` are the fields' names for people, ``needed`` the fields without which it is no such list.
    """

    words: Mapping[Any, Sequence[str]]
    labels: Mapping[Any, str]
    needed: tuple[Any, ...]

    @cached_property
    def places(self) -> Mapping[str, tuple[Any, int]]:
        """Each word's field, and how good a word for it that is (0 the best)."""
        return {word: (name, rank) for name, words in self.words.items() for rank, word in enumerate(words)}


MEMBERS = Vocabulary(
    _WORDS,
    {
        Field.VOLUNTEER_NO: N_("志愿者编号"),
        Field.NAME: N_("姓名"),
        Field.UNIT: N_("单位"),
        Field.TEAM: N_("所属队伍"),
        Field.NATIONAL_ID: N_("公民身份号码"),
        Field.SEX: N_("性别"),
        Field.BORN_ON: N_("出生日期"),
        Field.PHONE: N_("手机或电话"),
        Field.WECHAT: N_("微信号"),
        Field.EMAIL: N_("电子邮箱"),
        Field.EMERGENCY: N_("紧急联系人"),
        Field.EMERGENCY_PHONE: N_("紧急联系人电话"),
        Field.RESIDENCE: N_("居住区域"),
        Field.SKILLS: N_("技能"),
        Field.SERVICE_KINDS: N_("服务意愿"),
        Field.FREE_TIMES: N_("可服务时间"),
    },
    (Field.NAME,),
)


class HeadingsMissing(Refusal):
    """No row near the top names the columns that are needed."""

    code = "headings_missing"
    msgid = N_("没有找到表头：表格上方应有一行写明各列是什么，其中要有“姓名”。")


class HeadingMissing(Refusal):
    """A heading row was found, but the one needed column is not in it."""

    code = "heading_missing"
    msgid = N_("表头里没有“姓名”一列。")


@dataclass(frozen=True)
class Headings:
    """The columns of each field, best first, counted from 0; people start at ``first_row``."""

    columns: Mapping[Any, tuple[int, ...]]
    first_row: int
    ignored: tuple[str, ...]

    def has(self, field: Any) -> bool:
        """Whether the list has a column for ``field`` at all."""
        return field in self.columns


def find_headings(rows: Sequence[Sequence[Cell]], vocabulary: Vocabulary = MEMBERS) -> Headings:
    """The headings among the first twenty rows; title rows above them do not matter.

    Headings in two rows are read together: a column may be called by the lower one,
    the upper one, or both in one ("志愿者" over "编号"). Refuses with what is missing.
    """
    needed, is_near = set(vocabulary.needed), False
    for place, row in enumerate(rows[:_LOOK_AHEAD]):
        below = rows[place + 1] if place + 1 < len(rows) else ()
        single = _match([[cell] for cell in _words(row)], vocabulary)
        pair = _match(_stacked(row, below), vocabulary)
        # A row below complete headings that names no further column only repeats them.
        says_more = not single.keys() >= needed or pair.keys() > single.keys()
        if single and says_more and pair.keys() >= needed and _only_headings(row, below, pair, vocabulary):
            return Headings(pair, place + 2, _ignored(_stacked(row, below), pair))
        if single.keys() >= needed:
            return Headings(single, place + 1, _ignored([[cell] for cell in _words(row)], single))
        is_near |= len(single) >= 2
    if is_near:
        raise HeadingMissing()
    raise HeadingsMissing()


def guess_headings(rows: Sequence[Sequence[Cell]], vocabulary: Vocabulary) -> Headings:
    """The headings as far as they are understood, for a person to set right; never refuses.

    Where too little is understood: the row with the most words known, else the first with two filled cells.
    """
    try:
        return find_headings(rows, vocabulary)
    except (HeadingMissing, HeadingsMissing):
        found = [_match([[cell] for cell in _words(row)], vocabulary) for row in rows[:_LOOK_AHEAD]]
    best = max(range(len(found)), key=lambda place: len(found[place]), default=0)
    if found and found[best]:
        return Headings(found[best], best + 1, ())
    filled = (place for place, row in enumerate(rows[:_LOOK_AHEAD]) if sum(map(bool, _words(row))) > 1)
    return Headings({}, next(filled, 0) + 1, ())


def rank_columns(rows: Sequence[Sequence[Cell]], first_row: int, vocabulary: Vocabulary) -> dict[int, int]:
    """How good a word each column's heading is for its field, by column; unknown ones are left out."""
    names = _stacked(*_heading_rows(rows, first_row))
    places = {column: _known(candidates, vocabulary) for column, candidates in enumerate(names)}
    return {column: place[1] for column, place in places.items() if place}


def shown_headings(rows: Sequence[Sequence[Cell]], first_row: int) -> list[str]:
    """What stands above each column, as a clerk reads it; both rows where there are two."""
    upper, lower = _heading_rows(rows, first_row)
    width = max((len(row) for row in rows), default=0)

    def text(row: Sequence[Cell], column: int) -> str:
        return cell_text(row[column]) if column < len(row) else ""

    pairs = ((text(upper, column), text(lower, column)) for column in range(width))
    return [" ".join(dict.fromkeys(part for part in pair if part)) for pair in pairs]


def is_heading_again(row: Sequence[Cell], headings: Headings, vocabulary: Vocabulary = MEMBERS) -> bool:
    """Whether ``row`` repeats the headings, as printed pages do."""
    words = _words(row)
    needed = [headings.columns[field][0] for field in vocabulary.needed]
    if all(column < len(words) and words[column] in vocabulary.places for column in needed):
        return True
    filled = [word for word in words if word]
    return bool(filled) and all(word in vocabulary.places for word in filled)


def _heading_rows(rows: Sequence[Sequence[Cell]], first_row: int) -> tuple[Sequence[Cell], Sequence[Cell]]:
    """The row just above the first one with content, and the one above that where it has words of its own.

    A title fills one cell only (or one merged area) and is no heading.
    """
    lower = rows[first_row - 1] if 0 < first_row <= len(rows) else ()
    upper = rows[first_row - 2] if 1 < first_row <= len(rows) + 1 else ()
    is_title = len({word for word in _words(upper) if word}) < 2
    return (() if is_title else upper), lower


def _words(row: Sequence[Cell]) -> list[str]:
    return [tidy_heading(cell_text(cell)) for cell in row]


def _stacked(upper: Sequence[Cell], lower: Sequence[Cell]) -> list[list[str]]:
    """For each column what it may be called: lower, upper, upper and lower in one."""
    top, bottom = _words(upper), _words(lower)
    width = max(len(top), len(bottom))
    top += [""] * (width - len(top))
    bottom += [""] * (width - len(bottom))
    return [[below, above + below, above] for above, below in zip(top, bottom, strict=True)]


def _known(candidates: Sequence[str], vocabulary: Vocabulary) -> tuple[Any, int] | None:
    """The field meant; two rows in one say more than the lower alone: "姓名" below "紧急联系人"."""
    in_order = (*candidates[1:2], *candidates)
    return next((vocabulary.places[name] for name in in_order if name in vocabulary.places), None)


def _match(names: Sequence[Sequence[str]], vocabulary: Vocabulary) -> dict[Any, tuple[int, ...]]:
    found: dict[Any, list[tuple[int, int]]] = {}
    for column, candidates in enumerate(names):
        if place := _known(candidates, vocabulary):
            found.setdefault(place[0], []).append((place[1], column))
    return {field: tuple(column for _, column in sorted(places)) for field, places in found.items()}


def _only_headings(
    upper: Sequence[Cell],
    row: Sequence[Cell],
    columns: Mapping[Any, tuple[int, ...]],
    vocabulary: Vocabulary,
) -> bool:
    """Whether ``row`` is a second heading row: some word of it is a heading, and it names no person.

    A word that is one only together with what stands above it ("培训" over "单位") counts too.
    """
    words, names = _words(row), _stacked(upper, row)
    if not any(word in vocabulary.places for word in words):
        return False
    needed = [column for field in vocabulary.needed for column in columns[field] if column < len(words)]
    return all(
        not words[column] or any(name in vocabulary.places for name in names[column][:2]) for column in needed
    )


def _ignored(names: Sequence[Sequence[str]], columns: Mapping[Any, tuple[int, ...]]) -> tuple[str, ...]:
    used = {column for places in columns.values() for column in places}
    shown = (next((name for name in candidates if name), "") for candidates in names)
    return tuple(name for column, name in enumerate(shown) if name and column not in used)
