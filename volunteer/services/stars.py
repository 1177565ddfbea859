"""Stars: rules of a place and year entered, corrected before they are used, and retired."""

from dataclasses import dataclass
from datetime import date

from volunteer.db import db, transaction
from volunteer.domain.star_rules import RuleFields, RuleInUse, RuleRetired, RuleTaken, check_rules
from volunteer.models.stars import StarRule
from volunteer.queries.stars import find_rule, get_rule, is_used


@dataclass(frozen=True)
class RuleSet:
    """The rules of one place and year, and the document they stand in."""

    scheme: str
    year: int
    source: str
    rules: list[RuleFields]


def add_rules(given: RuleSet, admin_id: int) -> list[StarRule]:
    """Enter the rules of a place and year; refuses a star that has its rule already."""
    check_rules(given.scheme, given.year, given.source, given.rules)
    with transaction():
        for fields in given.rules:
            if find_rule(given.scheme, given.year, fields.stars):
                raise RuleTaken(scheme=given.scheme, year=given.year, stars=fields.stars)
        made = [
            StarRule(
                scheme=given.scheme,
                year=given.year,
                stars=fields.stars,
                source=given.source,
                entered_by_id=admin_id,
                **_asked(fields),
            )
            for fields in given.rules
        ]
        db.session.add_all(made)
    return made


def change_rule(rule_id: int, fields: RuleFields, source: str) -> None:
    """Correct a rule that nobody was nominated by yet; refuses once somebody was."""
    with transaction():
        rule = get_rule(rule_id)
        check_rules(rule.scheme, rule.year, source, [fields])
        if rule.retired_on:
            raise RuleRetired()
        if is_used(rule_id):
            raise RuleInUse()
        rule.source = source
        for name, value in _asked(fields).items():
            setattr(rule, name, value)


def retire_rule(rule_id: int, today: date) -> None:
    """Nobody is nominated by this rule any more; what was judged by it stays."""
    with transaction():
        rule = get_rule(rule_id)
        if rule.retired_on:
            raise RuleRetired()
        rule.retired_on = today


def _asked(fields: RuleFields) -> dict[str, object]:
    return {
        "minutes": fields.hours * 60,
        "tenure_months": fields.tenure_months,
        "judged_by": fields.judged_by,
        "is_metered_only": fields.is_metered_only,
    }
