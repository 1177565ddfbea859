"""A member's own data on paper: everything that is stored, section by section."""

from collections.abc import Sequence
from dataclasses import dataclass

from volunteer.drawing.documents import typeset
from volunteer.drawing.fonts import spelt


@dataclass(frozen=True)
class Section:
    """One kind of data: its rows, each as labels with their texts."""

    title: str
    rows: Sequence[Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class OwnData:
    """What the document says. ``lang`` is ``zh`` or ``en``."""

    lang: str
    title: str
    subtitle: str
    lead: str
    sections: Sequence[Section]


def own_data_pdf(data: OwnData) -> bytes:
    """A tagged A4 PDF of any length.

    Nobody's own data are refused for a rare character: one that the font lacks is
    printed as its code point, such as [U+2A6A5].
    """
    sections = [
        {
            "title": spelt(section.title),
            "rows": [[[spelt(label), spelt(text)] for label, text in row] for row in section.rows],
        }
        for section in data.sections
    ]
    values = {
        "lang": data.lang,
        "title": spelt(data.title),
        "subtitle": spelt(data.subtitle),
        "lead": spelt(data.lead),
        "sections": sections,
    }
    return typeset("own_data.typ", values, is_tagged=True)
