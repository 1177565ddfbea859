"""The access log: read by admins for their own teams, and by members about themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.access_log import AccessKind
from volunteer.models.access_log import AccessedMember, AccessEntry
from volunteer.models.members import Admin, Member

_Actor = aliased(Member)
_WITH_ACTORS = (
    select(
        AccessEntry,
        Admin.name.label("admin_name"),
        Admin.username,
        _Actor.name.label("member_name"),
        _Actor.volunteer_no,
    )
    .outerjoin(Admin, Admin.id == AccessEntry.admin_id)
    .outerjoin(_Actor, _Actor.id == AccessEntry.member_id)
)


@dataclass(frozen=True)
class AccessFilter:
    """Which entries are looked for; what is None does not matter."""

    about: str | None = None
    username: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    kind: AccessKind | None = None


def list_accesses(
    scope: Iterable[int], chosen: AccessFilter, *, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many entries are about members of these teams or by their admins, and a page, newest first."""
    team_ids = list(scope)
    about_ours = _about(Member.team_id.in_(team_ids))
    by_ours = AccessEntry.admin_id.in_(select(Admin.id).where(Admin.team_id.in_(team_ids)))
    conditions: list[ColumnElement[bool]] = [or_(about_ours, by_ours)]
    if chosen.about:
        # Who lies outside the scope is not found by looking for the number either.
        conditions.append(_about(Member.volunteer_no == chosen.about, Member.team_id.in_(team_ids)))
    if chosen.username:
        conditions.append(AccessEntry.admin_id.in_(select(Admin.id).where(Admin.username == chosen.username)))
    if chosen.kind:
        conditions.append(AccessEntry.kind == chosen.kind)
    if chosen.since:
        conditions.append(AccessEntry.at >= chosen.since)
    if chosen.before:
        conditions.append(AccessEntry.at < chosen.before)
    count = db.session.execute(select(func.count(AccessEntry.id)).where(*conditions)).scalar_one()
    page = _WITH_ACTORS.where(*conditions).order_by(AccessEntry.id.desc()).offset(offset).limit(limit)
    return count, list(db.session.execute(page))


def list_subjects(scope: Iterable[int], entry_ids: Iterable[int]) -> dict[int, Member]:
    """Whom each of these entries is about, where it is one member within these teams."""
    statement = (
        select(AccessedMember.entry_id, Member)
        .join(Member, Member.id == AccessedMember.member_id)
        .join(AccessEntry, AccessEntry.id == AccessedMember.entry_id)
        .where(AccessEntry.id.in_(list(entry_ids)), AccessEntry.count == 1, Member.team_id.in_(list(scope)))
    )
    return {entry_id: member for entry_id, member in db.session.execute(statement)}


def list_accesses_about(member_ids: Iterable[int], *, limit: int | None = None) -> list[Row[Any]]:
    """The entries about these rows of one person, newest first: everybody may know who looked."""
    is_about = _about(Member.id.in_(list(member_ids)))
    return list(db.session.execute(_WITH_ACTORS.where(is_about).order_by(AccessEntry.id.desc()).limit(limit)))


def _about(*members: ColumnElement[bool]) -> ColumnElement[bool]:
    subjects = (
        select(AccessedMember.entry_id).join(Member, Member.id == AccessedMember.member_id).where(*members)
    )
    return AccessEntry.id.in_(subjects)
