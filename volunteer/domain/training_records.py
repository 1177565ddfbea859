"""Training records and commendations: what Order 67 articles 8 and 9 want to be told."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from volunteer.domain.members import require_length
from volunteer.domain.refusals import N_, NotFound, Refusal

LONGEST_CONTENT = 500
# A record has one date: so much fits into that day.
MOST_MINUTES = 24 * 60
HOURS = re.compile(r"([0-9]{1,3})(?:\.([0-9]))?")


class TrainingRecordUnknown(NotFound):
    code = "training_record_unknown"
    msgid = N_("没有找到这条培训记录，或不在您的管理范围内。")


class TrainingFieldMissing(Refusal):
    code = "training_field_missing"
    msgid = N_("请填写培训名称、主要内容和组织单位。")


class LearningHoursWrong(Refusal):
    code = "learning_hours_wrong"
    msgid = N_("学时应大于 0，最多一位小数，例如 1.5。")


class LearningHoursTooMany(Refusal):
    code = "learning_hours_too_many"
    msgid = N_("一天的培训最多 24 学时。几天的培训，请按天分别登记。")


class DateInFuture(Refusal):
    code = "date_in_future"
    msgid = N_("日期不能晚于今天。")


class TrainingNotOver(Refusal):
    code = "training_not_over"
    msgid = N_("还没有签退的人，要等培训结束才能确认：%(names)s。")


class NobodyNamed(Refusal):
    code = "nobody_named"
    msgid = N_("请至少填写一位志愿者的编号。")


class NumbersUnknown(Refusal):
    """Not a ``NotFound``: the form stays, so that the other numbers need not be typed again."""

    code = "numbers_unknown"
    msgid = N_("没有找到这些编号，或不在您的管理范围内：%(numbers)s。")


@dataclass(frozen=True, slots=True)
class TrainingFields:
    """One training: name, main content, learning hours (kept as minutes), organiser, date."""

    name: str
    content: str
    learning_minutes: int
    organiser: str
    held_on: date


def check_training(fields: TrainingFields, today: date) -> TrainingFields:
    """Refuse a training whose record would not say what the law asks for."""
    if not (fields.name and fields.content and fields.organiser):
        raise TrainingFieldMissing()
    require_length(fields.name, 120)
    require_length(fields.content, LONGEST_CONTENT)
    require_length(fields.organiser, 120)
    _require_one_day(fields.learning_minutes)
    if fields.held_on > today:
        raise DateInFuture()
    return fields


def clean_learning_hours(text: str) -> int:
    """The minutes of learning hours typed with at most one decimal, full-width digits too."""
    plain = unicodedata.normalize("NFKC", text).strip()
    for unit in ("小时", "学时", "课时"):
        plain = plain.removesuffix(unit).strip()
    found = HOURS.fullmatch(plain)
    minutes = (int(found[1]) * 60 + int(found[2] or 0) * 6) if found else 0
    if minutes <= 0:
        raise LearningHoursWrong()
    return _require_one_day(minutes)


def _require_one_day(minutes: int) -> int:
    if minutes > MOST_MINUTES:
        raise LearningHoursTooMany()
    return minutes


def split_numbers(text: str) -> list[str]:
    """The volunteer numbers in a text, each once, in their order: one per line or with commas between."""
    parts = re.split(r"[\s,，、;；]+", text.strip())
    return list(dict.fromkeys(part.upper() for part in parts if part))
