"""What came of reading or importing a list of members, row by row, for the person who sent it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from volunteer.domain.headings import MEMBERS, Field
from volunteer.domain.national_ids import mask_national_id
from volunteer.domain.refusals import N_, Sentence

FIELD_NAMES = MEMBERS.labels


@dataclass(frozen=True)
class MemberRow:
    """One person as the list says, tidied. ``row`` is what the spreadsheet program shows.

    ``team`` is a code or a name as written, empty where the list has no such column.
    """

    row: int
    volunteer_no: str
    name: str
    unit: str = ""
    team: str = ""
    national_id: str = field(default="", repr=False)


@dataclass(frozen=True)
class Correction:
    """A cell that was tidied: what it was and what it is now. ID numbers stand masked here."""

    row: int
    field: Field
    was: str
    now: str


@dataclass(frozen=True)
class Rejection:
    """A row that was not taken, and every reason why."""

    row: int
    reasons: tuple[Sentence, ...]


@dataclass(frozen=True)
class Skip:
    """A row that is no person (a total, a footer, a repetition), and why it was passed over."""

    row: int
    reason: Sentence


@dataclass(frozen=True)
class ImportReport:
    """The result, complete: every filled row below the headings is in exactly one list.

    ``added``, ``updated`` and ``unchanged`` hold what was (or, unless ``is_written``,
    would have been) done; ``corrections`` says what was tidied in these rows.
    """

    added: tuple[MemberRow, ...] = ()
    updated: tuple[MemberRow, ...] = ()
    unchanged: tuple[MemberRow, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    corrections: tuple[Correction, ...] = ()
    skipped: tuple[Skip, ...] = ()
    new_units: tuple[str, ...] = ()
    ignored_headings: tuple[str, ...] = ()
    is_written: bool = False

    @property
    def accepted(self) -> tuple[MemberRow, ...]:
        """Every row that is a member now, in the order of the file."""
        return tuple(sorted(self.added + self.updated + self.unchanged, key=lambda row: row.row))


def correct(row: int, field: Field, was: str, now: str) -> Correction:
    """A correction fit to be shown: an ID number is masked on both sides."""
    if field is Field.NATIONAL_ID:
        return Correction(row, field, mask_national_id(was), mask_national_id(now))
    return Correction(row, field, was, now)


def report_lines(report: ImportReport, say: Callable[[Sentence], str] = str) -> Iterator[str]:
    """The report as lines of text: the sum first, then what a person must look at.

    ``say`` puts a sentence into the reader's language; by default it stays Chinese.
    """
    if report.rejected and not report.is_written:
        yield say(Sentence(N_("有行未通过，因此没有写入任何内容。改好后可以把整个文件再导入一次。")))
    yield say(_sum(report))
    for rejection in report.rejected:
        reasons = " ".join(say(reason) for reason in rejection.reasons)
        yield say(Sentence(N_("第 %(row)s 行未通过："), {"row": rejection.row})) + reasons
    for skip in report.skipped:
        yield say(Sentence(N_("第 %(row)s 行跳过："), {"row": skip.row})) + say(skip.reason)
    for one in report.corrections:
        heading = say(Sentence(FIELD_NAMES[one.field]))
        params: dict[str, str | int] = {"row": one.row, "field": heading, "was": one.was, "now": one.now}
        yield say(Sentence(N_("第 %(row)s 行已整理：%(field)s “%(was)s” → “%(now)s”"), params))
    if report.new_units:
        params = {"count": len(report.new_units), "units": "、".join(report.new_units)}
        yield say(Sentence(N_("新建单位 %(count)s 个：%(units)s"), params))
    if report.ignored_headings:
        headings = "、".join(report.ignored_headings)
        yield say(Sentence(N_("没有用到的列：%(headings)s"), {"headings": headings}))


def _sum(report: ImportReport) -> Sentence:
    return Sentence(
        N_(
            "新增 %(added)s 人，更新 %(updated)s 人，未变 %(unchanged)s 人，"
            "未通过 %(rejected)s 行，跳过 %(skipped)s 行。"
        ),
        {
            "added": len(report.added),
            "updated": len(report.updated),
            "unchanged": len(report.unchanged),
            "rejected": len(report.rejected),
            "skipped": len(report.skipped),
        },
    )
