"""Cards as documents: what goes on one, and how it is sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response

from volunteer.domain.cards import make_token
from volunteer.drawing.fonts import missing_glyphs
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


@dataclass(frozen=True)
class Boxed:
    """Somebody in whose name a box is printed, and for which characters."""

    name: str
    volunteer_no: str
    missing: Sequence[str]


def list_boxed(people: Iterable[Any]) -> list[Boxed]:
    """Those of ``people``, anything with a name and a volunteer number, with such a name."""
    found = (Boxed(one.name, one.volunteer_no, missing_glyphs(one.name)) for one in people)
    return [one for one in found if one.missing]


def send_document(content: bytes, name: str) -> Response:
    """A picture or PDF that nobody may keep on the way: a card's code is like a key."""
    ending = name.rpartition(".")[2]
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, mimetype=TYPES[ending], headers=headers)
