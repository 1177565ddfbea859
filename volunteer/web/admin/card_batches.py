"""Cards for a whole team at once, and the list of all cards of the admin's teams."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.cards import CardKind, CardState
from volunteer.domain.refusals import DateMalformed, TeamUnknown
from volunteer.domain.roles import Capability
from volunteer.models.teams import Team
from volunteer.queries.cards import (
    count_members_without_qr_card,
    get_batch_in,
    list_batches,
    list_names_without_qr_card,
    search_cards,
)
from volunteer.queries.members import count_members_by_team
from volunteer.queries.teams import get_team, list_subtree_ids, list_teams
from volunteer.services.cards import start_batch
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.card_dates import end_of_day, read_day, show_last_day, start_of_day
from volunteer.web.clock import now
from volunteer.web.forms import asked_number, typed
from volunteer.web.station.scans import installation

PAGE_SIZE = 50
# Of those without a card: so many are named as a sample.
NAMED = 10


@admin.get("/cards/batches")
@needs(Capability.READ_CARDS)
def card_batches() -> str:
    """Choose a team; how many of it have no card yet; below, what this admin began before."""
    team = _get_own_team(request.args["team"]) if request.args.get("team") else None
    is_only = bool(request.args.get("only"))
    within = _teams_of(team, is_only) if team else []
    missing = count_members_without_qr_card(within)
    return render_template(
        "admin/cards/batches.html",
        teams=list_teams(g.scope),
        team=team,
        is_only=is_only,
        count=sum(count_members_by_team(within).values()),
        missing=missing,
        names=list_names_without_qr_card(within, NAMED) if missing else [],
        batches=list_batches(g.admin.id),
    )


@admin.post("/cards/batches")
@needs(Capability.ISSUE_CARDS)
def begin_batch() -> AnyResponse:
    """Give cards to everybody of the team who has none; pressed twice nobody gets two."""
    team = _get_own_team(typed("team"))
    batch = start_batch(team.id, not typed("only"), installation().keys, now(), g.admin.id)
    return redirect(url_for("admin.card_batch", batch_id=batch.id))


@admin.get("/cards/batches/<int:batch_id>")
@needs(Capability.READ_CARDS)
def card_batch(batch_id: int) -> str:
    """How far a batch is; the page refreshes itself until it is complete."""
    row = get_batch_in(g.scope, batch_id)
    batch = row.CardBatch
    percent = batch.done * 100 // batch.total if batch.total else 100
    return render_template("admin/cards/batch.html", row=row, batch=batch, percent=percent)


def _get_own_team(code: str) -> Team:
    team = get_team(code)
    if team.id not in g.scope:
        raise TeamUnknown(code=code)
    return team


def _teams_of(team: Team, is_only: bool) -> list[int]:
    scope = set(g.scope)
    return [team.id] if is_only else [each for each in list_subtree_ids(team.id) if each in scope]


@dataclass(frozen=True)
class Choice:
    """Which cards the list shows, as its address says."""

    team_id: int | None
    state: CardState | None
    kind: CardKind | None
    is_temporary: bool | None
    first_on: date | None
    last_on: date | None

    def address(self) -> dict[str, Any]:
        """The same as the arguments of an address."""
        return {
            "team": self.team_id,
            "state": self.state,
            "kind": self.kind,
            "temporary": None if self.is_temporary is None else int(self.is_temporary),
            "from": self.first_on.isoformat() if self.first_on else None,
            "until": self.last_on.isoformat() if self.last_on else None,
        }


@admin.get("/cards")
@needs(Capability.READ_CARDS)
def cards() -> str:
    """The cards of the admin's teams by state, kind, team and day of issue; each count opens its rows."""
    choice, page = _read_choice(), asked_number("page", 1)
    within = g.scope
    if choice.team_id is not None:
        scope = set(g.scope)
        below = list_subtree_ids(choice.team_id) if choice.team_id in scope else []
        within = [team_id for team_id in below if team_id in scope]
    counts, rows = search_cards(
        within,
        now(),
        state=choice.state,
        kind=choice.kind,
        is_temporary=choice.is_temporary,
        issued_from=start_of_day(choice.first_on),
        issued_before=end_of_day(choice.last_on),
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    total = sum(counts.values())
    shown = counts.get(choice.state, 0) if choice.state else total
    return render_template(
        "admin/cards/list.html",
        rows=rows,
        counts=counts,
        total=total,
        choice=choice,
        address={key: value for key, value in choice.address().items() if value is not None},
        states=list(CardState),
        kinds=list(CardKind),
        teams=list_teams(g.scope),
        last_day=show_last_day,
        page=page,
        pages=-(-shown // PAGE_SIZE),
    )


def _read_choice() -> Choice:
    asked = request.args
    try:
        return Choice(
            asked.get("team", type=int),
            CardState(asked["state"]) if asked.get("state") else None,
            CardKind(asked["kind"]) if asked.get("kind") else None,
            asked["temporary"] == "1" if asked.get("temporary") else None,
            read_day(asked.get("from", "")),
            read_day(asked.get("until", "")),
        )
    except (ValueError, DateMalformed):
        abort(400)
