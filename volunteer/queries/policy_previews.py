"""What another version of the policy would make of the records of a past period."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import select

from volunteer.db import db
from volunteer.domain.policies import Policy, policy_on
from volunteer.domain.policy_proposals import Comparison, compare
from volunteer.domain.records import RecordState
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.queries.duty_days import find_calendar, list_confirmed_days
from volunteer.queries.policies import list_policies
from volunteer.queries.settlements import list_records_to_settle


def compare_policy(
    scope: Iterable[int], policy: Policy, first_on: date, last_on: date, zone: tzinfo
) -> Comparison:
    """The closed records of these teams' members from ``first_on`` to ``last_on`` under this version.

    Compared with the versions that held on each day. Nothing is changed; one statement a day.
    """
    ids, comparison, approved = _list_ids(scope, first_on, last_on), Comparison(), list_policies()
    calendar, duty_days = find_calendar(), frozenset(list_confirmed_days())
    for day in sorted(ids):
        records = list_records_to_settle(ids[day], zone, calendar, duty_days, day)
        compare(records, policy_on(approved, day), policy, comparison)
    return comparison


def list_names(member_ids: Iterable[int]) -> dict[int, Any]:
    """The members with these ids, by id."""
    statement = select(Member).where(Member.id.in_(set(member_ids)))
    return {member.id: member for member in db.session.execute(statement).scalars()}


def _list_ids(scope: Iterable[int], first_on: date, last_on: date) -> dict[date, list[int]]:
    statement = (
        select(ServiceRecord.served_on, ServiceRecord.id)
        .join(Member, Member.id == ServiceRecord.member_id)
        .where(
            ServiceRecord.served_on.between(first_on, last_on),
            ServiceRecord.state == RecordState.CLOSED,
            Member.team_id.in_(list(scope)),
        )
    )
    found: dict[date, list[int]] = defaultdict(list)
    for day, record_id in db.session.execute(statement):
        found[day].append(record_id)
    return found
