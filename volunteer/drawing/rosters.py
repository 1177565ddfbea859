"""Roster sheets: who is expected at an activity, with room for times and signatures on paper."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from volunteer.drawing.documents import typeset
from volunteer.drawing.fonts import require_glyphs

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

    def texts(self) -> Iterator[str]:
        """Everything on the sheet that must have glyphs."""
        yield from (self.name, self.category, self.when, self.place, self.content, self.organising_unit)
        yield from (self.person_in_charge, self.risk_note, self.insurance_no)
        for line in self.lines:
            yield from (line.name, line.volunteer_no, line.team_name)


def roster_pdf(roster: Roster) -> bytes:
    """A tagged A4 PDF; the table's head stands on every page, and blank lines follow the names.

    Raises ``MissingGlyphs`` where the font lacks a character. Line breaks in the texts are kept as spaces.
    """
    require_glyphs(text.replace("\n", " ").replace("\r", " ").replace("\t", " ") for text in roster.texts())
    blank = max(BLANK_LINES, LEAST_LINES - len(roster.lines))
    return typeset("roster.typ", {**asdict(roster), "blank": blank}, is_tagged=True)
