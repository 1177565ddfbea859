"""Stars: the rules, and who is eligible by settled hours and tenure; merged rows count as one person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, Select, and_, case, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.ledger import Measure
from volunteer.domain.members import MemberStatus
from volunteer.domain.names import tidy_query
from volunteer.domain.proposals import ProposalState
from volunteer.domain.star_rules import RuleUnknown
from volunteer.domain.stars import registered_by
from volunteer.models.ledger import MemberTotal
from volunteer.models.member_changes import Merge
from volunteer.models.members import Member
from volunteer.models.stars import StarNomination, StarRule
from volunteer.models.teams import Team, Unit

_Duplicate = aliased(Member)
_MERGED = and_(Merge.kept_id == Member.id, Merge.undone_at.is_(None))
_METERED = case((MemberTotal.measure == Measure.METERED, MemberTotal.minutes), else_=0)
# The person behind a nomination: the kept row, where the nominee's was merged since.
NOMINEE = func.coalesce(Merge.kept_id, StarNomination.member_id)
NOMINEE_MERGED = and_(Merge.duplicate_id == StarNomination.member_id, Merge.undone_at.is_(None))


def list_rules(*, is_with_retired: bool = False) -> list[StarRule]:
    """The rules in use, or all: by scheme, the newest year first, few stars first."""
    statement = select(StarRule).order_by(StarRule.scheme, StarRule.year.desc(), StarRule.stars)
    if not is_with_retired:
        statement = statement.where(StarRule.retired_on.is_(None))
    return list(db.session.execute(statement).scalars())


def get_rule(rule_id: int) -> StarRule:
    """The rule; refuses where there is none."""
    rule = db.session.get(StarRule, rule_id, populate_existing=True)
    if rule is None:
        raise RuleUnknown()
    return rule


def find_rule(scheme: str, year: int, stars: int) -> StarRule | None:
    """The rule of this place and year for so many stars, or None."""
    statement = select(StarRule).where(
        StarRule.scheme == scheme, StarRule.year == year, StarRule.stars == stars
    )
    return db.session.execute(statement).scalar_one_or_none()


def is_used(rule_id: int) -> bool:
    """Whether anybody was ever nominated by this rule."""
    statement = select(StarNomination.id).where(StarNomination.rule_id == rule_id).limit(1)
    return db.session.execute(statement).first() is not None


def list_used_rules() -> set[int]:
    """The rules by which anybody was ever nominated."""
    return set(db.session.execute(select(StarNomination.rule_id).distinct()).scalars())


@dataclass(frozen=True)
class Asked:
    """A rule, and the instant before which somebody must have been registered to fulfil it."""

    rule: StarRule
    before: datetime


def ask_rule(rule: StarRule, today: date, zone: tzinfo) -> Asked:
    """The rule with the instant before which somebody must have been registered to fulfil it today."""
    last_on = registered_by(today, rule.tenure_months)
    return Asked(rule, datetime.combine(last_on + timedelta(days=1), time(), zone))


def _sums(chosen: Sequence[ColumnElement[bool]]) -> CTE:
    """The settled minutes of every chosen person, in all and metered ones; only those with any."""
    columns = (Member.id.label("person_id"), MemberTotal.minutes, _METERED.label("metered"))
    own = select(*columns).join(MemberTotal, MemberTotal.member_id == Member.id).where(*chosen)
    merged = (
        select(*columns)
        .join(Merge, _MERGED)
        .join(MemberTotal, MemberTotal.member_id == Merge.duplicate_id)
        .where(*chosen)
    )
    rows = union_all(own, merged).subquery()
    return (
        select(
            rows.c.person_id,
            func.sum(rows.c.minutes).label("minutes"),
            func.sum(rows.c.metered).label("metered"),
        )
        .group_by(rows.c.person_id)
        .cte("sums")
    )


def _is_eligible(asked: Asked, sums: CTE) -> list[ColumnElement[bool]]:
    rule = asked.rule
    counted = sums.c.metered if rule.is_metered_only else sums.c.minutes
    earlier = (
        exists()
        .where(Merge.kept_id == Member.id, Merge.undone_at.is_(None))
        .where(_Duplicate.id == Merge.duplicate_id, _Duplicate.created_at < asked.before)
        .correlate(Member)
    )
    holders = (
        select(NOMINEE)
        .select_from(StarNomination)
        .join(StarRule, StarRule.id == StarNomination.rule_id)
        .outerjoin(Merge, NOMINEE_MERGED)
        .where(
            StarNomination.state == ProposalState.APPROVED,
            StarNomination.revoked_at.is_(None),
            StarRule.scheme == rule.scheme,
            StarRule.stars >= rule.stars,
        )
    )
    return [
        counted >= rule.minutes,
        or_(Member.created_at < asked.before, earlier),
        Member.id.not_in(holders),
    ]


def _eligible(asked: Asked, sums: CTE) -> Select[Any]:
    joined = select(Member.id).join(sums, sums.c.person_id == Member.id)
    return joined.where(*_is_eligible(asked, sums))


def count_eligible(scope: Iterable[int], asked: Sequence[Asked]) -> dict[int, int]:
    """How many members of these teams are eligible, by rule; one statement for all rules."""
    if not asked:
        return {}
    sums = _sums([Member.team_id.in_(list(scope)), Member.status == MemberStatus.ACTIVE])
    counts = [
        select(func.count()).select_from(_eligible(one, sums).subquery()).scalar_subquery() for one in asked
    ]
    (row,) = db.session.execute(select(*counts))
    return {one.rule.id: count for one, count in zip(asked, row, strict=True)}


def list_eligible(
    scope: Iterable[int], asked: Asked, text: str, *, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many members of these teams are eligible and fit ``text``, and a page by number, never by hours."""
    chosen: list[ColumnElement[bool]] = [
        Member.team_id.in_(list(scope)),
        Member.status == MemberStatus.ACTIVE,
    ]
    if text:
        chosen.append(fits(text))
    found = _eligible(asked, _sums(chosen))
    # The page with the count of all: the sums are added up once.
    page = found.add_columns(func.count().over()).order_by(Member.volunteer_no).offset(offset).limit(limit)
    rows = db.session.execute(page).all()
    if rows or not offset:
        return (rows[0][1] if rows else 0), list_members(row.id for row in rows)
    return db.session.execute(select(func.count()).select_from(found.subquery())).scalar_one(), []


def list_members(member_ids: Iterable[int]) -> list[Row[Any]]:
    """These members with team and unit, by number."""
    statement = (
        select(Member, Team.name.label("team_name"), Unit.name.label("unit_name"))
        .join(Team, Team.id == Member.team_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(Member.id.in_(list(member_ids)))
        .order_by(Member.volunteer_no)
    )
    return list(db.session.execute(statement))


def fits(text: str) -> ColumnElement[bool]:
    """Part of the name or number, or the beginning of the pinyin."""
    found = [
        Member.name.contains(text, autoescape=True),
        Member.volunteer_no.contains(text.upper(), autoescape=True),
    ]
    if pinyin := tidy_query(text):
        found.append(Member.search_keys.contains(" " + pinyin, autoescape=True))
    return or_(*found)


def list_eligible_among(member_ids: Iterable[int], asked: Asked) -> dict[int, int]:
    """Those of these members who fulfil the rule now, with the minutes that count for it.

    Fulfilled: active, enough hours, registered long enough, not holding the star already.
    """
    sums = _sums([Member.id.in_(list(member_ids)), Member.status == MemberStatus.ACTIVE])
    counted = sums.c.metered if asked.rule.is_metered_only else sums.c.minutes
    rows = db.session.execute(_eligible(asked, sums).add_columns(counted))
    return {member_id: int(minutes) for member_id, minutes in rows}
