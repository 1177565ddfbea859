"""Rules for stars: what each star of a place and year asks for; data, and never changed once used."""

from dataclasses import dataclass

from volunteer.domain.members import require_length
from volunteer.domain.refusals import N_, NotFound, Refusal
from volunteer.domain.stars import JudgingLevel

MOST_STARS = 5
MOST_HOURS = 20_000
MOST_MONTHS = 600


class RuleUnknown(NotFound):
    code = "star_rule_unknown"
    msgid = N_("没有找到这条星级标准。")


class RuleFieldWrong(Refusal):
    code = "star_rule_field_wrong"
    msgid = N_("请填写名称、依据和年份（2000 到 2100）；时长为 1 到 20000 的整小时，满月数为 0 到 600。")


class RulesEmpty(Refusal):
    code = "star_rules_empty"
    msgid = N_("请至少填写一个星级的时长。")


class RulesNotRising(Refusal):
    code = "star_rules_not_rising"
    msgid = N_("星级越高，要求的时长应越多。")


class RuleTaken(Refusal):
    code = "star_rule_taken"
    msgid = N_("“%(scheme)s”%(year)s 年的 %(stars)s 星标准已经有了。")


class RuleInUse(Refusal):
    code = "star_rule_in_use"
    msgid = N_("已有人按这条标准提名，标准不能再改：请停用它，再另立新的标准。")


class RuleRetired(Refusal):
    code = "star_rule_retired"
    msgid = N_("这条标准已停用，不能再按它提名。")


@dataclass(frozen=True, slots=True)
class RuleFields:
    """What one star asks for."""

    stars: int
    hours: int
    tenure_months: int
    judged_by: JudgingLevel
    is_metered_only: bool


def check_rules(scheme: str, year: int, source: str, rules: list[RuleFields]) -> None:
    """Refuse rules that say nothing, have no source, or ask less for more stars."""
    if not rules:
        raise RulesEmpty()
    if not (scheme and source and 2000 <= year <= 2100):
        raise RuleFieldWrong()
    require_length(scheme, 120)
    require_length(source, 200)
    for rule in rules:
        is_within = 1 <= rule.hours <= MOST_HOURS and 0 <= rule.tenure_months <= MOST_MONTHS
        if not (is_within and 1 <= rule.stars <= MOST_STARS):
            raise RuleFieldWrong()
    hours = [rule.hours for rule in sorted(rules, key=lambda rule: rule.stars)]
    if hours != sorted(set(hours)):
        raise RulesNotRising()
