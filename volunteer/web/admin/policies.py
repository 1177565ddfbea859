"""How hours are counted: the versions, a new one proposed with what it would change, and the second yes."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.days import read_day
from volunteer.domain.policies import OfficeHours, Policy, policy_on
from volunteer.domain.policy_proposals import PolicyOutOfBounds, check_policy, differences
from volunteer.domain.proposals import ProposalState
from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.queries.policies import (
    find_last_settled_on,
    get_policy_row,
    list_policies,
    list_policy_rows,
    to_policy,
)
from volunteer.queries.policy_previews import compare_policy, list_names
from volunteer.services.policies import (
    Setter,
    approve_policy,
    propose_policy,
    reject_policy,
    withdraw_policy,
)
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.forms import Page, chosen, show_form, typed

PREVIEW_DAYS = 30
# The first version begins before everything; nothing can stand before it.
EARLIEST = date(2000, 1, 2)
LENGTHS = (
    "grace_minutes",
    "cap_minutes",
    "at_once_minutes",
    "parent_minutes",
    "rounding_minutes",
    "most_pairs",
)


@admin.get("/policies")
@needs(Capability.READ_LEDGER)
def policies() -> str:
    """Every version, the newest first, and which one holds today."""
    return render_template(
        "admin/policies/list.html",
        rows=list_policy_rows(),
        valid_id=policy_on(list_policies(), today()).id,
        last_settled_on=find_last_settled_on(),
        is_brigade=g.is_brigade,
    )


@admin.route("/policies/new", methods=["GET", "POST"])
@needs(Capability.EDIT_POLICIES)
def new_policy() -> Page | AnyResponse:
    """Propose a new version, after a look at what it would change."""
    _require_brigade()
    valid, problem, preview = policy_on(list_policies(), today()), None, None
    if request.method == "POST":
        try:
            policy = _typed_policy()
            if typed("what") == "preview":
                check_policy(policy, policy_on(list_policies(), policy.from_on), find_last_settled_on())
                preview = _preview(policy)
            else:
                made = propose_policy(policy, typed("reason"), _setter())
                flash(_("已提出，需要另一位管理员批准后才生效。"))
                return redirect(url_for("admin.policy", policy_id=made.id))
        except Refusal as refusal:
            problem = refusal
    settled_on = find_last_settled_on()
    return show_form(
        "admin/policies/new.html",
        problem,
        values=request.form or _as_typed(valid, settled_on),
        office_hours=list(OfficeHours),
        last_settled_on=settled_on,
        preview=preview,
    )


@admin.get("/policies/<int:policy_id>")
@needs(Capability.READ_LEDGER)
def policy(policy_id: int) -> Page:
    """One version: what it says, who stands behind it, and while it waits what it would change."""
    return _show(policy_id)


@admin.post("/policies/<int:policy_id>")
@needs(Capability.EDIT_POLICIES)
def decide_policy(policy_id: int) -> Page | AnyResponse:
    """Approve or reject a proposed version, or take the proposal back."""
    what = typed("what")
    try:
        if what == "approve":
            approve_policy(policy_id, _setter())
            flash(_("已批准。从生效日起按这一版结算，已经结算的日子不变。"))
        elif what == "reject":
            reject_policy(policy_id, typed("reply"), _setter())
            flash(_("没有批准，理由已写入审计记录。"))
        elif what == "withdraw":
            withdraw_policy(policy_id, _setter())
            flash(_("已撤回。"))
        else:
            raise NotFound()
    except Refusal as refusal:
        return _show(policy_id, refusal)
    return redirect(url_for("admin.policy", policy_id=policy_id))


def _show(policy_id: int, problem: Refusal | None = None) -> Page:
    row = get_policy_row(policy_id)
    found, approved = to_policy(row.StoredPolicy), list_policies()
    # A version that was never approved is compared with the one that holds where it would begin.
    others = [one for one in approved if (one.from_on, one.id) < (found.from_on, found.id)]
    before = policy_on(others, found.from_on) if others else None
    is_waiting = row.StoredPolicy.state == ProposalState.PROPOSED
    return show_form(
        "admin/policies/page.html",
        problem,
        row=row,
        policy=found,
        before=before,
        changed=differences(before, found) if before else [],
        preview=_preview(found) if is_waiting else None,
        is_brigade=g.is_brigade,
        typed=request.form,
    )


def _preview(policy: Policy) -> dict[str, Any]:
    """What the version would make of the last days that are over, within the admin's scope."""
    last_on = today() - timedelta(days=1)
    first_on = last_on - timedelta(days=PREVIEW_DAYS - 1)
    compared = compare_policy(g.scope, policy, first_on, last_on, current_app.config["TIMEZONE"])
    names = list_names(one.row.member_id for one in compared.largest)
    return {"first_on": first_on, "last_on": last_on, "compared": compared, "names": names}


def _setter() -> Setter:
    return Setter(g.admin.id, g.is_brigade, now())


def _require_brigade() -> None:
    if not g.is_brigade:
        raise NotFound()


def _as_typed(valid: Policy, settled_on: date | None) -> dict[str, str]:
    tomorrow = today() + timedelta(days=1)
    begins = max(tomorrow, settled_on + timedelta(days=1)) if settled_on else tomorrow
    shown = replace(valid, from_on=begins)
    return {name: str(getattr(shown, name)) for name in ("from_on", "office_hours", *LENGTHS)}


def _typed_policy() -> Policy:
    return Policy(
        id=0,
        from_on=read_day(typed("from_on"), EARLIEST),
        office_hours=chosen("office_hours", OfficeHours),
        **{name: _number(typed(name)) for name in LENGTHS},
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5):
        raise PolicyOutOfBounds()
    return int(text)
