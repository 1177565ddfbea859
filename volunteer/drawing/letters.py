"""Card letters: one A4 page that brings a member the card and the one-time activation code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from volunteer.drawing.cards import Progress, card_values, ground_values, report_share
from volunteer.drawing.documents import typeset
from volunteer.drawing.layouts import CardFace

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True)
class CardLetter:
    """What one letter says. The code opens an account once, until ``expires_on`` where that is set."""

    face: CardFace
    activation_code: str
    sign_in_url: str
    expires_on: date | None = None


def letter_pdf(letters: Sequence[CardLetter], progress: Progress | None = None) -> bytes:
    """A tagged A4 PDF with one page per letter, in the given order, Chinese first and English below.

    The card is printed in its real size to be cut out; two marks show where to
    fold for a DL envelope. ``progress``, boxes and errors are those of ``card_pdf``.
    """
    if not letters:
        raise ValueError("no letters to print")
    pages = []
    for done, letter in enumerate(letters):
        report_share(progress, done, len(letters))
        pages.append(_page(letter))
    pdf = typeset("letters.typ", {"ground": ground_values(), "letters": pages}, is_tagged=True)
    if progress:
        progress(len(letters), len(letters))
    return pdf


def _page(letter: CardLetter) -> dict[str, object]:
    face, until = letter.face.printable(), letter.expires_on
    return {
        "card": card_values(face),
        "name": face.name,
        "volunteer_no": face.volunteer_no,
        "team_name": face.team_name,
        "brigade_name": face.brigade_name,
        "code": letter.activation_code,
        "url": letter.sign_in_url,
        "until_zh": f"{until.year}年{until.month}月{until.day}日" if until else "",
        "until_en": f"{until.day} {MONTHS[until.month - 1]} {until.year}" if until else "",
    }
