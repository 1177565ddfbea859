"""Cards as documents: what goes on one, and how it is sent."""

from collections.abc import Callable

from flask import Response

from volunteer.domain.cards import make_token
from volunteer.domain.refusals import GlyphMissing
from volunteer.drawing.fonts import MissingGlyphs
from volunteer.drawing.layouts import CardFace
from volunteer.models.cards import Card
from volunteer.models.members import Member
from volunteer.queries.teams import find_brigade
from volunteer.web.station.scans import installation

TYPES = {"png": "image/png", "pdf": "application/pdf"}


def token_of(card: Card) -> str:
    """What the QR code of this card says."""
    return make_token(card.serial or "", installation().keys)


def face_of(member: Member, team_name: str, card: Card, until: str = "") -> CardFace:
    """What is printed on the member's card; on a temporary one also until when it counts."""
    brigade = find_brigade()
    above = brigade.name if brigade else team_name
    return CardFace(member.name, member.volunteer_no, team_name, token_of(card), above, until)


def draw(make: Callable[[], bytes]) -> bytes:
    """A drawing; a character that the font lacks is refused in words."""
    try:
        return make()
    except MissingGlyphs as missing:
        raise GlyphMissing(names="、".join(missing.names)) from missing


def send_document(content: bytes, name: str) -> Response:
    """A picture or PDF that nobody may keep on the way: a card's code is like a key."""
    ending = name.rpartition(".")[2]
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, mimetype=TYPES[ending], headers=headers)
