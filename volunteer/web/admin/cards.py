"""Cards: issued, printed, bound, reported lost, found, revoked; and the letter that brings the first one."""

from flask import Response, flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.cards import CardState
from volunteer.domain.refusals import MemberHasNoCard, Refusal
from volunteer.domain.roles import Capability
from volunteer.drawing.cards import card_pdf, card_png
from volunteer.drawing.letters import CardLetter, letter_pdf
from volunteer.queries.cards import find_printable_card, get_card_in
from volunteer.queries.members import get_member_in, get_member_row
from volunteer.services.cards import bind_nfc, end_card, issue_card, restore_card
from volunteer.services.members import give_activation_code
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.cards import draw, face_of, send_document
from volunteer.web.clock import now
from volunteer.web.forms import Page, show_form, typed
from volunteer.web.station.scans import installation


@admin.post("/members/<volunteer_no>/cards")
@needs(Capability.ISSUE_CARDS)
def issue(volunteer_no: str) -> Page | AnyResponse:
    """Give the member a QR card; pressed twice it is still one card."""
    member = get_member_in(g.scope, volunteer_no)
    issue_card(member.volunteer_no, installation().keys, now())
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
    content = draw(lambda: card_png(face) if kind == "png" else card_pdf([face]))
    return send_document(content, f"{volunteer_no}.{kind}")


@admin.route("/members/<volunteer_no>/letter", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def letter(volunteer_no: str) -> Page | Response:
    """The card letter with a fresh activation code; asked first, for an older code ends."""
    row = get_member_row(g.scope, volunteer_no)
    problem = None
    if request.method == "POST":
        try:
            return send_document(_make_letter(volunteer_no), f"{volunteer_no}-letter.pdf")
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/members/letter.html", problem, member=row.Member)


def _make_letter(volunteer_no: str) -> bytes:
    keys = installation().keys
    issue_card(volunteer_no, keys, now())
    row = get_member_row(g.scope, volunteer_no)
    card = find_printable_card(row.Member.id)
    if card is None:
        raise MemberHasNoCard()
    face = face_of(row.Member, row.team_name, card)
    # Drawn once without the code first: a name that cannot be printed must not end an older code.
    draw(lambda: card_png(face))
    code = give_activation_code(volunteer_no)
    url = url_for("member.activate", _external=True)
    return draw(lambda: letter_pdf([CardLetter(face, code, url)]))


@admin.route("/members/<volunteer_no>/nfc", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def bind(volunteer_no: str) -> Page | AnyResponse:
    """Bind an NFC card whose UID was read aloud or typed by a reader."""
    member = get_member_in(g.scope, volunteer_no)
    problem = None
    if request.method == "POST":
        try:
            card = bind_nfc(member.volunteer_no, typed("uid"), installation().keys, now())
            flash(_("卡 %(hint)s 已绑定。", hint=card.hint))
            return redirect(url_for("admin.member", volunteer_no=volunteer_no))
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/members/nfc.html", problem, member=member, uid=typed("uid"))


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
    return confirm(question, lambda: end_card(card_id, CardState.LOST, now()), _("已挂失。"))


@admin.route("/cards/<int:card_id>/found", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def find(card_id: int) -> Page | AnyResponse:
    """A lost card was found."""
    question = _ask(
        card_id, _("解除挂失"), _("这张卡恢复使用，刷卡重新计时。"), _("解除挂失"), is_grave=False
    )
    return confirm(question, lambda: restore_card(card_id), _("已解除挂失。"))


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
    return confirm(question, lambda: end_card(card_id, CardState.REVOKED, now()), _("已停用。"))


def _ask(card_id: int, title: str, consequence: str, button: str, is_grave: bool = True) -> Question:
    card, member = get_card_in(g.scope, card_id)
    number = member.volunteer_no
    whose = _("%(name)s（%(number)s）的卡 %(hint)s。", name=member.name, number=number, hint=card.hint)
    back = url_for("admin.member", volunteer_no=member.volunteer_no)
    return Question(title, whose + consequence, button, back, is_grave)
