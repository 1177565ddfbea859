"""NFC cards bound by tapping at a terminal: for one member, or for a list one after the other."""

import re

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.card_refusals import MembersNotFound, NobodyToEnrol
from volunteer.domain.refusals import NotFound, Refusal, TeamUnknown
from volunteer.domain.roles import Capability
from volunteer.models.members import Member
from volunteer.queries.card_enrolments import (
    list_enrolling_terminals,
    list_enrolments,
    list_members_to_enrol,
    list_numbers_without_nfc_card,
)
from volunteer.queries.teams import get_team, list_subtree_ids, list_teams
from volunteer.queries.terminals import get_terminal_in
from volunteer.services.card_enrolments import (
    renew_enrolment,
    skip_enrolment,
    start_enrolments,
    stop_enrolments,
)
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.card_dates import end_of_day, read_day
from volunteer.web.clock import now
from volunteer.web.forms import Page, asked_number, show_form, typed, typed_id

MOST = 500


@admin.route("/cards/enrol", methods=["GET", "POST"])
@needs(Capability.ISSUE_CARDS)
def enrol_cards() -> Page | AnyResponse:
    """Choose a terminal and the members whose cards are to be held to it."""
    problem, numbers = None, _asked_numbers()
    if request.method == "POST":
        numbers = typed("numbers")
        try:
            members = _read_members(numbers)
            # Chosen from those shown: any other number is as unknown as one that no id can have.
            shown = {row.Terminal.id for row in list_enrolling_terminals(g.scope, is_brigade=g.is_brigade)}
            terminal_id = typed_id("terminal")
            if terminal_id is None or terminal_id not in shown:
                raise NotFound()
            until = end_of_day(read_day(typed("until")))
            start_enrolments(terminal_id, [member.id for member in members], g.admin.id, now(), until)
            return redirect(url_for("admin.card_enrolment", terminal_id=terminal_id))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/cards/enrol.html",
        problem,
        terminals=list_enrolling_terminals(g.scope, is_brigade=g.is_brigade),
        chosen_terminal=request.values.get("terminal", 0, int),
        teams=list_teams(g.scope),
        numbers=numbers,
        until=typed("until"),
    )


@admin.get("/terminals/<int:terminal_id>/cards")
@needs(Capability.ISSUE_CARDS)
def card_enrolment(terminal_id: int) -> str:
    """Whose turn it is at the terminal, and what came of those before; the page refreshes itself."""
    terminal, station = get_terminal_in(g.scope, terminal_id, is_brigade=g.is_brigade)
    rows = list_enrolments(terminal.id, g.admin.id)
    unfinished = [row for row in rows if not row.CardEnrolment.finished_at]
    current = next((row for row in unfinished if row.CardEnrolment.opened_at), None)
    at = now()
    return render_template(
        "admin/cards/enrolling.html",
        terminal=terminal,
        station=station,
        current=current,
        is_open=current is not None and at < current.CardEnrolment.ends_at,
        waiting=[row for row in unfinished if not row.CardEnrolment.opened_at],
        finished=[row for row in reversed(rows) if row.CardEnrolment.finished_at],
    )


@admin.post("/terminals/<int:terminal_id>/cards/<any(skip, renew, stop):action>")
@needs(Capability.ISSUE_CARDS)
def steer_enrolment(terminal_id: int, action: str) -> AnyResponse:
    """Skip the member whose turn it is, wait for the card a little longer, or stop."""
    terminal, _station = get_terminal_in(g.scope, terminal_id, is_brigade=g.is_brigade)
    enrolment_id = typed_id("enrolment") or 0
    match action:
        case "skip":
            skip_enrolment(terminal.id, enrolment_id, g.admin.id, now())
        case "renew":
            renew_enrolment(terminal.id, enrolment_id, g.admin.id, now())
        case _:
            stop_enrolments(terminal.id, g.admin.id, now())
    return redirect(url_for("admin.card_enrolment", terminal_id=terminal.id))


def _asked_numbers() -> str:
    """The numbers that the address asks for: one member, or all of a team who have no NFC card."""
    if code := request.args.get("team"):
        team = get_team(code)
        if team.id not in g.scope:
            raise TeamUnknown(code=code)
        below = [team_id for team_id in list_subtree_ids(team.id) if team_id in g.scope]
        within = [team.id] if asked_number("only", 0, least=0) else below
        return "\n".join(list_numbers_without_nfc_card(within, MOST))
    return request.args.get("member", "")


def _read_members(text: str) -> list[Member]:
    """The members whose numbers were typed, one a line or apart by commas; refuses unknown ones by name."""
    numbers = [number.upper() for number in re.split(r"[\s,，、;；]+", text) if number][:MOST]
    members = list_members_to_enrol(g.scope, numbers)
    known = {member.volunteer_no for member in members}
    missing = [number for number in dict.fromkeys(numbers) if number not in known]
    if missing:
        raise MembersNotFound(numbers=_("、").join(missing[:10]))
    if not members:
        raise NobodyToEnrol()
    return members
