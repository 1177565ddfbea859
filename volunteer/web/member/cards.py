"""The member's own card on the telephone's screen."""

from flask import Response, g, render_template
from flask_babel import gettext as _

from volunteer.domain.card_refusals import MemberHasNoCard
from volunteer.drawing.cards import card_png
from volunteer.drawing.qr import qr_svg
from volunteer.queries.cards import find_printable_card
from volunteer.queries.teams import get_team_by_id
from volunteer.web.cards import face_of, send_document, token_of
from volunteer.web.member import member


@member.get("/card")
def card() -> str:
    """The QR code, large, to be held to a terminal; or what to do where there is none."""
    found = find_printable_card(g.member.id)
    symbol = qr_svg(token_of(found), _("您的志愿者证二维码")) if found else None
    team = get_team_by_id(g.member.team_id)
    return render_template("member/card.html", symbol=symbol, team=team)


@member.get("/card.png")
def card_picture() -> Response:
    """The whole card as a picture."""
    found = find_printable_card(g.member.id)
    if found is None:
        raise MemberHasNoCard()
    face = face_of(g.member, get_team_by_id(g.member.team_id).name, found)
    return send_document(card_png(face), f"{g.member.volunteer_no}.png")
