"""Cards: issued, printed, bound, reported lost, found, replaced, revoked, lent; and their history."""

from datetime import datetime

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.card_refusals import CardEndWrong, MemberHasNoCard
from volunteer.domain.cards import CardState, state_at
from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.drawing.cards import card_pdf, card_png, sheet_pdf
from volunteer.drawing.letters import CardLetter, letter_pdf
from volunteer.models.cards import Card
from volunteer.queries.cards import find_printable_card, get_card_in, list_card_events
from volunteer.queries.members import get_member_in, get_member_row, list_cards
from volunteer.services.access_log import note_access
from volunteer.services.cards import (
    bind_nfc,
    end_card,
    issue_card,
    issue_temporary_card,
    replace_card,
    restore_card,
)
from volunteer.services.members import give_activation_code
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.card_dates import end_of_day, read_day, show_last_day
from volunteer.web.cards import face_of, send_document
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.station.scans import installation


@admin.get("/members/<volunteer_no>/cards")
@needs(Capability.READ_CARDS)
def member_cards(volunteer_no: str) -> str:
    """All cards of a member and what happened to each, in words."""
    row, at = get_member_row(g.scope, volunteer_no), now()
    return render_template(
        "admin/cards/member.html",
        member=row.Member,
        team_name=row.team_name,
        cards=[(card, _state_of(card, at)) for card in list_cards(row.Member.id)],
        events=list_card_events(row.Member.id),
        last_day=show_last_day,
    )


@admin.post("/members/<volunteer_no>/cards")
@needs(Capability.ISSUE_CARDS)
def issue(volunteer_no: str) -> Page | AnyResponse:
    """Give the member a QR card; pressed twice it is still one card."""
    member = get_member_in(g.scope, volunteer_no)
    issue_card(member.volunteer_no, installation().keys, now(), g.admin.id)
    flash(_("已发卡。可以打印志愿者证，或打印带激活码的卡函。"))
    return redirect(url_for("admin.member", volunteer_no=volunteer_no))


@admin.get("/members/<volunteer_no>/card.<any(png, pdf):kind>")
@needs(Capability.ISSUE_CARDS)
def card_document(volunteer_no: str, kind: str) -> Response:
    """The member's card as a picture for the screen or as a page for the card printer."""
    row = get_member_row(g.scope, volunteer_no)
    card = find_printable_card(row.Member.id)
    if card is None:
        raise MemberHasNoCard()
    face = face_of(row.Member, row.team_name, card)
    content = card_png(face) if kind == "png" else card_pdf([face])
    note_access(g.admin, AccessKind.PRINTED_CARD, [row.Member.id], kind, now())
    return send_document(content, f"{volunteer_no}.{kind}")


@admin.get("/cards/<int:card_id>/<any(card, sheet):form>.pdf")
@needs(Capability.ISSUE_CARDS)
def temporary_document(card_id: int, form: str) -> Response:
    """A temporary card with its last day on it: for the card printer, or on A4 to be cut out."""
    card, member = get_card_in(g.scope, card_id)
    if card.serial is None or _state_of(card, now()) != CardState.ACTIVE:
        raise NotFound()
    row = get_member_row(g.scope, member.volunteer_no)
    face = face_of(row.Member, row.team_name, card, show_last_day(card.valid_until))
    content = card_pdf([face]) if form == "card" else sheet_pdf([face])
    note_access(g.admin, AccessKind.PRINTED_CARD, [member.id], "pdf", now())
    return send_document(content, f"{member.volunteer_no}-{card.id}.pdf")


@admin.route("/members/<volunteer_no>/letter", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def letter(volunteer_no: str) -> Page | Response:
    """The card letter with a fresh activation code; asked first, for an older code ends."""
    row = get_member_row(g.scope, volunteer_no)
    problem = None
    if request.method == "POST":
        try:
            content = _make_letter(volunteer_no)
            note_access(g.admin, AccessKind.PRINTED_LETTER, [row.Member.id], "pdf", now())
            return send_document(content, f"{volunteer_no}-letter.pdf")
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/members/letter.html", problem, member=row.Member)


def _make_letter(volunteer_no: str) -> bytes:
    keys = installation().keys
    issue_card(volunteer_no, keys, now(), g.admin.id)
    row = get_member_row(g.scope, volunteer_no)
    card = find_printable_card(row.Member.id)
    if card is None:
        raise MemberHasNoCard()
    face = face_of(row.Member, row.team_name, card)
    code = give_activation_code(volunteer_no)
    url = url_for("member.activate", _external=True)
    return letter_pdf([CardLetter(face, code, url)])


@admin.route("/members/<volunteer_no>/nfc", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def bind(volunteer_no: str) -> Page | AnyResponse:
    """Bind an NFC card whose UID was read aloud or typed by a reader; for good, or lent until a day."""
    member = get_member_in(g.scope, volunteer_no)
    problem = None
    if request.method == "POST":
        try:
            until = end_of_day(read_day(typed("until")))
            keys, by = installation().keys, g.admin.id
            card = bind_nfc(member.volunteer_no, typed("uid"), keys, now(), by=by, valid_until=until)
            flash(_("卡 %(hint)s 已绑定。", hint=card.hint))
            return redirect(url_for("admin.member", volunteer_no=volunteer_no))
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/members/nfc.html", problem, member=member, uid=typed("uid"))


@admin.route("/members/<volunteer_no>/temporary-card", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def lend(volunteer_no: str) -> Page | AnyResponse:
    """Print a second card for somebody who left the own one at home; it expires by itself."""
    member = get_member_in(g.scope, volunteer_no)
    problem = None
    if request.method == "POST":
        try:
            until = end_of_day(read_day(typed("until")))
            if until is None:
                raise CardEndWrong(days=31)
            issue_temporary_card(member.volunteer_no, until, installation().keys, now(), g.admin.id)
            flash(_("临时卡已发出，请打印后交给本人；到期自动失效，原来的卡不受影响。"))
            return redirect(url_for("admin.member_cards", volunteer_no=volunteer_no))
        except Refusal as refusal:
            problem = refusal
    until_text = typed("until") or today().isoformat()
    return show_form("admin/cards/temporary.html", problem, member=member, until=until_text)


@admin.route("/cards/<int:card_id>/lost", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def lose(card_id: int) -> Page | AnyResponse:
    """Report a card lost."""
    question = _ask(
        card_id,
        _("挂失这张卡"),
        _("从现在起，用这张卡刷卡不再计时；此前的刷卡照常有效。找到后可以解除挂失。"),
        _("挂失"),
    )
    return confirm(question, lambda: end_card(card_id, CardState.LOST, now(), g.admin.id), _("已挂失。"))


@admin.route("/cards/<int:card_id>/found", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def find(card_id: int) -> Page | AnyResponse:
    """A lost card was found."""
    question = _ask(
        card_id, _("解除挂失"), _("这张卡恢复使用，刷卡重新计时。"), _("解除挂失"), is_grave=False
    )
    return confirm(question, lambda: restore_card(card_id, now(), g.admin.id), _("已解除挂失。"))


@admin.route("/cards/<int:card_id>/revoke", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def revoke(card_id: int) -> Page | AnyResponse:
    """End a card for ever."""
    question = _ask(
        card_id,
        _("停用这张卡"),
        _("停用后不能恢复，需要时请重新发卡或重新绑定。已有的服务时长不受影响。"),
        _("停用"),
    )
    return confirm(question, lambda: end_card(card_id, CardState.REVOKED, now(), g.admin.id), _("已停用。"))


@admin.route("/cards/<int:card_id>/replace", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def replace(card_id: int) -> Page | AnyResponse:
    """End a card and issue another in its place, in one step."""
    question = _ask(
        card_id,
        _("补卡"),
        _("这张卡立即停用、不能恢复，同时发一张新卡，请打印后交给本人。已有的服务时长不受影响。"),
        _("停用旧卡，发新卡"),
    )
    return confirm(
        question,
        lambda: replace_card(card_id, installation().keys, now(), g.admin.id),
        _("已补卡，旧卡已停用。请打印新的志愿者证交给本人。"),
    )


def _ask(card_id: int, title: str, consequence: str, button: str, is_grave: bool = True) -> Question:
    card, member = get_card_in(g.scope, card_id)
    number = member.volunteer_no
    whose = _("%(name)s（%(number)s）的卡 %(hint)s。", name=member.name, number=number, hint=card.hint)
    back = url_for("admin.member", volunteer_no=member.volunteer_no)
    return Question(title, whose + consequence, button, back, is_grave)


def _state_of(card: Card, at: datetime) -> CardState:
    return state_at(card.state, card.ended_at, at, card.valid_until)
