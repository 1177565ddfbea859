"""Volunteer cards: a picture for the screen, a PDF with one card per page, A4 sheets to be cut."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw

from volunteer.drawing.documents import typeset
from volunteer.drawing.fonts import face as font_face
from volunteer.drawing.layouts import (
    CORNER,
    GROUND,
    HEIGHT,
    MODULE,
    QR_LEFT,
    QR_TOP,
    WIDTH,
    Box,
    CardFace,
    Ring,
    Stroke,
    Text,
    card_texts,
)
from volunteer.drawing.qr import MARGIN_MODULES, qr_image, qr_modules, qr_path

__all__ = ["CardFace", "card_pdf", "card_png", "card_values", "ground_values", "report_share", "sheet_pdf"]

DPI = 300
PX_PER_MM = DPI / 25.4
# The ground is drawn larger and scaled down, because Pillow draws circles and slanted lines with steps.
OVERSAMPLING = 4
# There is one weight in the font; bold is the outline thickened by this part of the em.
BOLD_PART = 0.016

Progress = Callable[[int, int], object]


def card_png(face: CardFace) -> bytes:
    """The card as a PNG of 85.6 by 54 mm at 300 dpi (1011 by 638 pixels).

    A box stands for a character that the font lacks.
    """
    picture = _ground_picture().copy()
    pen = ImageDraw.Draw(picture)
    for text in card_texts(face.printable()):
        _write(pen, text)
    symbol = qr_image(face.token, round(MODULE * PX_PER_MM))
    margin = MARGIN_MODULES * MODULE
    picture.paste(symbol, (_px(QR_LEFT - margin), _px(QR_TOP - margin)))
    out = BytesIO()
    picture.save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def card_pdf(faces: Sequence[CardFace], progress: Progress | None = None) -> bytes:
    """A PDF with one page of 85.6 by 54 mm per card, in the given order.

    The QR symbols are vectors, fonts are subset and every name can be selected
    and copied. ``progress(done, total)`` is told about every hundredth; the
    last time, ``done == total``, when the PDF is complete. A box stands for a
    character that the font lacks. Raises ``ValueError`` when there are no cards.
    """
    return _pdf("cards.typ", faces, progress)


def _pdf(template: str, faces: Sequence[CardFace], progress: Progress | None) -> bytes:
    if not faces:
        raise ValueError("no cards to print")
    cards = []
    for done, face in enumerate(faces):
        report_share(progress, done, len(faces))
        cards.append(card_values(face))
    pdf = typeset(template, {"ground": ground_values(), "cards": cards})
    if progress:
        progress(len(faces), len(faces))
    return pdf


def sheet_pdf(faces: Sequence[CardFace], progress: Progress | None = None) -> bytes:
    """An A4 PDF with ten cards a page in their real size and marks to cut along, in the given order.

    Everything else is as with ``card_pdf``.
    """
    return _pdf("sheets.typ", faces, progress)


def card_values(face: CardFace) -> dict[str, object]:
    """The texts and the QR path of one card, as the templates read them."""
    face = face.printable()
    modules = qr_modules(face.token)
    side = len(modules)
    symbol = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path d="{qr_path(modules)}"/></svg>'
    )
    texts = [asdict(text) | {"bold": _bold(text)} for text in card_texts(face)]
    return {"name": face.name, "token": face.token, "texts": texts, "symbol": symbol, "side": side * MODULE}


def ground_values() -> dict[str, object]:
    """The size of a card and the shapes that are the same on every one, as the templates read them."""
    shapes = [asdict(shape) | {"kind": type(shape).__name__.lower()} for shape in GROUND]
    at = {"left": QR_LEFT, "top": QR_TOP}
    return {"width": WIDTH, "height": HEIGHT, "corner": CORNER, "shapes": shapes, "symbol": at}


def report_share(progress: Progress | None, done: int, total: int) -> None:
    """Call ``progress`` at the beginning of every hundredth of the work."""
    if progress and done * 100 // total != (done - 1) * 100 // total:
        progress(done, total)


@cache
def _ground_picture() -> Image.Image:
    scale = PX_PER_MM * OVERSAMPLING
    size = (_px(WIDTH), _px(HEIGHT))
    large = Image.new("RGB", (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING), "white")
    pen = ImageDraw.Draw(large)
    for shape in GROUND:
        match shape:
            case Box(x, y, width, height, fill):
                pen.rectangle((x * scale, y * scale, (x + width) * scale, (y + height) * scale), fill)
            case Ring(x, y, radius, stroke, fill):
                outer = radius + stroke / 2
                edges = (x - outer, y - outer, x + outer, y + outer)
                pen.ellipse([edge * scale for edge in edges], outline=fill, width=round(stroke * scale))
            case Stroke(x, y, to_x, to_y, stroke, fill):
                ends = [end * scale for end in (x, y, to_x, to_y)]
                pen.line(ends, fill, width=round(stroke * scale))
    return large.resize(size, Image.Resampling.LANCZOS)


def _write(pen: ImageDraw.ImageDraw, text: Text) -> None:
    font = font_face(text.size * PX_PER_MM)
    x, y = text.x * PX_PER_MM, text.y * PX_PER_MM
    # Pillow thickens to both sides, a PDF stroke is half inside: hence half of it here.
    stroke = _bold(text) * PX_PER_MM / 2
    pieces = text.text if text.tracking else [text.text]
    for piece in pieces:
        pen.text((x, y), piece, fill=text.fill, font=font, anchor="ls", stroke_width=stroke)
        x += font.getlength(piece) + text.tracking * PX_PER_MM


def _bold(text: Text) -> float:
    return 2 * BOLD_PART * text.size if text.is_bold else 0.0


def _px(millimetres: float) -> int:
    return round(millimetres * PX_PER_MM)
