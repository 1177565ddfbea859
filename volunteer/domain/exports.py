"""Exports: what a list for Excel may hold, and which file it becomes."""

from datetime import date
from enum import StrEnum

from volunteer.domain.days import read_day
from volunteer.domain.refusals import N_, Refusal


class ExportKind(StrEnum):
    """What a list holds."""

    MEMBERS = "members"
    RECORDS = "records"
    TRAINING = "training"
    COMMENDATIONS = "commendations"
    TEAMS = "teams"


# Lists of what has a day: they are of a period.
DATED = (ExportKind.RECORDS, ExportKind.TRAINING, ExportKind.COMMENDATIONS)


class FileKind(StrEnum):
    """Which file it becomes."""

    XLSX = "xlsx"
    CSV = "csv"


class NoColumn(Refusal):
    code = "no_column"
    msgid = N_("请至少选一列。")


class DaysBackwards(Refusal):
    code = "days_backwards"
    msgid = N_("开始日期不能晚于结束日期。")


def read_days(first: str, last: str, default: tuple[date, date]) -> tuple[date, date]:
    """The first and last day as typed, else the default ones; refuses what is no date or runs backwards."""
    first_on = read_day(first) if first else default[0]
    last_on = read_day(last) if last else default[1]
    if first_on > last_on:
        raise DaysBackwards()
    return first_on, last_on
