"""Stars: the rules with who is eligible, the nominees chosen from the list, and the hours behind each."""

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.nominations import Actor, Outcome
from volunteer.domain.refusals import Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.stars import full_months, missing_for
from volunteer.queries.members import get_member_row
from volunteer.queries.nominations import count_nominations, list_waiting
from volunteer.queries.settled_hours import get_settled, list_credits
from volunteer.queries.stars import (
    ask_rule,
    count_eligible,
    get_rule,
    list_eligible,
    list_rules,
    list_used_rules,
)
from volunteer.services.nominations import nominate
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, asked_number, show_form, typed
from volunteer.web.languages import translate

PAGE_SIZE = 50


def acting() -> Actor:
    """The admin of this request as the rules of stars know one."""
    return Actor(g.admin.id, frozenset(g.scope), g.is_brigade, now(), current_app.config["TIMEZONE"])


def tell(outcome: Outcome, done: str) -> None:
    """Say how many were done, and of each that was not why."""
    flash(done)
    for name, refusal in outcome.refused:
        flash(_("%(name)s：%(reason)s", name=name, reason=translate(refusal.sentence)))


@admin.get("/stars")
@needs(Capability.READ_STARS)
def stars() -> str:
    """The rules in use with how many fulfil each, and those retired."""
    rules = list_rules(is_with_retired=True)
    asked = [ask_rule(rule, today(), current_app.config["TIMEZONE"]) for rule in rules if not rule.retired_on]
    return render_template(
        "admin/stars/list.html",
        rules=rules,
        schemes=sorted({rule.scheme for rule in rules}),
        eligible=count_eligible(g.scope, asked),
        used=list_used_rules(),
        counts=count_nominations(g.scope),
        is_brigade=g.is_brigade,
    )


@admin.get("/stars/<int:rule_id>")
@needs(Capability.READ_STARS)
def star_rule(rule_id: int) -> Page:
    """Who fulfils this rule, by volunteer number."""
    return _show_rule(rule_id)


@admin.post("/stars/<int:rule_id>")
@needs(Capability.NOMINATE_STARS)
def nominate_for_star(rule_id: int) -> Page | AnyResponse:
    """Nominate those who were chosen from the list."""
    try:
        outcome = nominate(request.form.getlist("number"), rule_id, typed("reason"), acting())
    except Refusal as refusal:
        return _show_rule(rule_id, refusal)
    tell(outcome, _("已提名 %(count)s 人，等待认定。", count=len(outcome.done)))
    return redirect(url_for("admin.star_rule", rule_id=rule_id))


def _show_rule(rule_id: int, problem: Refusal | None = None) -> Page:
    rule = get_rule(rule_id)
    text, page = request.args.get("q", "").strip(), asked_number("page", 1)
    asked = ask_rule(rule, today(), current_app.config["TIMEZONE"])
    count, rows = list_eligible(g.scope, asked, text, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    return show_form(
        "admin/stars/rule.html",
        problem,
        rule=rule,
        rows=rows,
        count=count,
        text=text,
        page=page,
        pages=-(-count // PAGE_SIZE),
        waiting=list_waiting(rule_id, [row.Member.id for row in rows]),
        chosen=request.form.getlist("number"),
        typed=request.form,
        is_brigade=g.is_brigade,
    )


@admin.get("/stars/<int:rule_id>/members/<volunteer_no>")
@needs(Capability.READ_STARS)
def star_member(rule_id: int, volunteer_no: str) -> str:
    """What one member has for this rule, with the settled entries behind it."""
    row, rule, page = get_member_row(g.scope, volunteer_no), get_rule(rule_id), asked_number("page", 1)
    settled, zone = get_settled(row.Member.id), current_app.config["TIMEZONE"]
    since = settled.since.astimezone(zone).date()
    count, entries = list_credits(
        row.Member.id, is_metered_only=rule.is_metered_only, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE
    )
    return render_template(
        "admin/stars/member.html",
        row=row,
        rule=rule,
        settled=settled,
        since=since,
        months=full_months(since, today()),
        missing=missing_for(rule, settled.metered, settled.declared, since, today()),
        entries=entries,
        count=count,
        page=page,
        pages=-(-count // PAGE_SIZE),
    )
