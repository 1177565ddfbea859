"""Rules for stars: a new year's entered from the last year's, corrected until used, retired."""

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.roles import Capability
from volunteer.domain.star_rules import MOST_STARS, RuleFields, RuleFieldWrong
from volunteer.domain.stars import JudgingLevel
from volunteer.models.stars import StarRule
from volunteer.queries.stars import get_rule, list_rules
from volunteer.services.stars import RuleSet, add_rules, change_rule, retire_rule
from volunteer.web.admin import admin
from volunteer.web.admin.confirmations import Question, confirm
from volunteer.web.admin.guards import needs
from volunteer.web.dates import today
from volunteer.web.forms import Page, chosen, show_form, typed

STARS = range(1, MOST_STARS + 1)


@admin.route("/stars/rules/new", methods=["GET", "POST"])
@needs(Capability.EDIT_POLICIES)
def new_star_rules() -> Page | AnyResponse:
    """The rules of a new year, filled in with the last year's of the place named in the address."""
    _require_brigade()
    problem = None
    if request.method == "POST":
        try:
            rules = [_typed_rule(stars) for stars in STARS if typed(f"hours_{stars}")]
            given = RuleSet(typed("scheme"), _number(typed("year")), typed("source"), rules)
            made = add_rules(given, g.admin.id)
            flash(_("已新增 %(count)s 条标准。旧的标准仍然有效，不再使用的请停用。", count=len(made)))
            return redirect(url_for("admin.stars"))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/stars/new_rules.html",
        problem,
        values=request.form or _last_year(request.args.get("scheme", "")),
        stars=STARS,
        levels=list(JudgingLevel),
    )


@admin.route("/stars/<int:rule_id>/change", methods=["GET", "POST"])
@needs(Capability.EDIT_POLICIES)
def change_star_rule(rule_id: int) -> Page | AnyResponse:
    """Correct a rule that nobody was nominated by yet."""
    _require_brigade()
    rule, problem = get_rule(rule_id), None
    if request.method == "POST":
        try:
            change_rule(rule_id, _typed_rule(rule.stars), typed("source"))
            flash(_("标准已修改。"))
            return redirect(url_for("admin.stars"))
        except Refusal as refusal:
            problem = refusal
    return show_form(
        "admin/stars/change_rule.html",
        problem,
        rule=get_rule(rule_id),
        values=request.form or _as_typed(rule) | {"source": rule.source},
        levels=list(JudgingLevel),
    )


@admin.route("/stars/<int:rule_id>/retire", methods=["GET", "POST"])
@needs(Capability.EDIT_POLICIES)
def retire_star_rule(rule_id: int) -> Page | AnyResponse:
    """Ask, then retire a rule."""
    _require_brigade()
    rule = get_rule(rule_id)
    question = Question(
        _("停用这条标准？"),
        _(
            "“%(scheme)s”%(year)s 年 %(stars)s 星。停用后不能再用，也不能恢复；已提名、已认定的不受影响。",
            scheme=rule.scheme,
            year=rule.year,
            stars=rule.stars,
        ),
        _("停用"),
        url_for("admin.stars"),
    )
    return confirm(question, lambda: retire_rule(rule_id, today()), _("标准已停用。"))


def _require_brigade() -> None:
    if not g.is_brigade:
        raise NotFound()


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise RuleFieldWrong()
    return int(text)


def _typed_rule(stars: int) -> RuleFields:
    return RuleFields(
        stars,
        _number(typed(f"hours_{stars}")),
        _number(typed(f"months_{stars}")),
        chosen(f"judged_by_{stars}", JudgingLevel),
        is_metered_only=bool(typed(f"metered_{stars}")),
    )


def _as_typed(rule: StarRule) -> dict[str, str]:
    return {
        f"hours_{rule.stars}": str(rule.minutes // 60),
        f"months_{rule.stars}": str(rule.tenure_months),
        f"judged_by_{rule.stars}": rule.judged_by,
        f"metered_{rule.stars}": "1" if rule.is_metered_only else "",
    }


def _last_year(scheme: str) -> dict[str, str]:
    """What the newest rules of the place say, for the year after; nothing where it has none."""
    rules = [rule for rule in list_rules(is_with_retired=True) if rule.scheme == scheme]
    if not rules:
        return {"year": str(today().year)}
    newest = max(rule.year for rule in rules)
    last = [rule for rule in rules if rule.year == newest]
    values = {"scheme": scheme, "year": str(max(newest + 1, today().year)), "source": last[0].source}
    for rule in last:
        values |= _as_typed(rule)
    return values
