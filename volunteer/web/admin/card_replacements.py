"""A lost or broken NFC card replaced on one page: the old one ends, a new one is typed in or tapped."""

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.cards import CardKind, CardState
from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.models.cards import Card
from volunteer.queries.card_enrolments import list_enrolling_terminals, list_enrolments
from volunteer.queries.cards import get_card_in
from volunteer.services.card_enrolments import start_enrolments
from volunteer.services.cards import end_card, replace_nfc_card, require_replaceable
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.station.scans import installation


@admin.route("/cards/<int:card_id>/replace-nfc", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def replace_nfc(card_id: int) -> Page | AnyResponse:
    """End an NFC card and bind another in its place, by its number or by a tap at a terminal."""
    card, member = get_card_in(g.scope, card_id)
    problem = None
    try:
        if request.method == "POST" and "terminal" in request.form:
            return _begin_tap(card)
        if request.method == "POST":
            new = replace_nfc_card(card.id, typed("uid"), installation().keys, now(), g.admin.id)
            flash(_("已换成新卡 %(hint)s，旧卡已停用。", hint=new.hint))
            return redirect(url_for("admin.member_cards", volunteer_no=member.volunteer_no))
        require_replaceable(card, CardKind.NFC)
    except Refusal as refusal:
        problem = refusal
    return show_form(
        "admin/cards/replace_nfc.html",
        problem,
        card=card,
        member=member,
        uid=typed("uid"),
        terminals=list_enrolling_terminals(g.scope, is_brigade=g.is_brigade),
    )


def _begin_tap(card: Card) -> AnyResponse:
    """The terminal waits for the new card; the old one ends now, for it is lost or broken."""
    terminal_id = request.form.get("terminal", 0, int)
    shown = {row.Terminal.id for row in list_enrolling_terminals(g.scope, is_brigade=g.is_brigade)}
    if terminal_id not in shown:
        raise NotFound()
    address = url_for("admin.card_enrolment", terminal_id=terminal_id)
    if _is_awaited(card, terminal_id):
        return redirect(address)
    require_replaceable(card, CardKind.NFC)
    start_enrolments(terminal_id, [card.member_id], g.admin.id, now())
    end_card(card.id, CardState.REVOKED, now(), g.admin.id)
    flash(_("旧卡已停用。请本人现在把新卡贴到终端上。"))
    return redirect(address)


def _is_awaited(card: Card, terminal_id: int) -> bool:
    """Whether the old card has ended and the terminal waits for the new one: the button was pressed twice."""
    waiting = [row.CardEnrolment for row in list_enrolments(terminal_id, g.admin.id)]
    waits = any(one.member_id == card.member_id and one.finished_at is None for one in waiting)
    return waits and card.state == CardState.REVOKED
