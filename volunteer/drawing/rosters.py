"""Roster sheets: who is expected at an activity, with room for times and signatures on paper."""

from dataclasses import asdict, astuple, dataclass, fields, replace

from volunteer.drawing.documents import typeset
from volunteer.drawing.fonts import boxed

# Room for people who come without having signed up.
BLANK_LINES = 5
LEAST_LINES = 15


@dataclass(frozen=True)
class RosterLine:
    """One person on the sheet."""

    name: str
    volunteer_no: str
    team_name: str


@dataclass(frozen=True)
class Roster:
    """What one sheet says: the seven fields of Order 67 article 7, the risk, and the people."""

    name: str
    category: str
    when: str
    place: str
    content: str
    organising_unit: str
    person_in_charge: str
    risk_note: str
    insurance_no: str
    lines: tuple[RosterLine, ...]

    def printable(self) -> "Roster":
        """The same sheet with a box for each character that the font lacks."""
        names = [field.name for field in fields(self) if field.name != "lines"]
        lines = tuple(RosterLine(*map(boxed, astuple(line))) for line in self.lines)
        return replace(self, lines=lines, **{name: boxed(getattr(self, name)) for name in names})


def roster_pdf(roster: Roster) -> bytes:
    """A tagged A4 PDF; the table's head stands on every page, and blank lines follow the names.

    A box stands for a character that the font lacks, a space for a line break.
    """
    blank = max(BLANK_LINES, LEAST_LINES - len(roster.lines))
    return typeset("roster.typ", {**asdict(roster.printable()), "blank": blank}, is_tagged=True)
