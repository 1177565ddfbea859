"""What happened to members, and transfers that wait for somebody."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.member_changes import STATUS_AFTER, WAY_KINDS, EventKind, TransferState
from volunteer.domain.refusals import NotFound
from volunteer.models.member_changes import MemberEvent, Transfer
from volunteer.models.members import Admin, Member
from volunteer.models.teams import MemberTeam, Team, Unit


def list_events(member_id: int) -> list[Row[Any]]:
    """What happened to the member, newest first, with who did it and who took it back."""
    undoer = aliased(Admin)
    statement = (
        select(MemberEvent, Admin.name.label("admin_name"), undoer.name.label("undone_by"))
        .outerjoin(Admin, Admin.id == MemberEvent.admin_id)
        .outerjoin(undoer, undoer.id == MemberEvent.undone_by_id)
        .where(MemberEvent.member_id == member_id)
        .order_by(MemberEvent.id.desc())
    )
    return list(db.session.execute(statement))


def find_newest_event(member_id: int, kinds: Collection[EventKind] = WAY_KINDS) -> MemberEvent | None:
    """The member's newest change of these kinds that was not taken back, or None."""
    statement = (
        select(MemberEvent)
        .where(MemberEvent.member_id == member_id, MemberEvent.undone_at.is_(None))
        .where(MemberEvent.kind.in_(kinds))
        .order_by(MemberEvent.id.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def has_changed_status(member_id: int) -> bool:
    """Whether the member's status comes from a change that is kept, and not from the first entry."""
    statement = select(MemberEvent.id).where(
        MemberEvent.member_id == member_id,
        MemberEvent.undone_at.is_(None),
        MemberEvent.kind.in_([EventKind(kind) for kind in STATUS_AFTER]),
    )
    return db.session.execute(statement.limit(1)).first() is not None


def get_event_in(scope: Iterable[int], event_id: int) -> Row[MemberEvent, Member]:
    """The change with its member within these teams; refuses where there is none."""
    statement = (
        select(MemberEvent, Member)
        .join(Member, Member.id == MemberEvent.member_id)
        .where(MemberEvent.id == event_id, Member.team_id.in_(list(scope)))
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound()
    return row


def find_last_move_on(member_id: int) -> date | None:
    """The first day in the present team and unit, or None where the member was never elsewhere."""
    statement = select(func.max(MemberTeam.until_on)).where(MemberTeam.member_id == member_id)
    return db.session.execute(statement).scalar_one_or_none()


def list_past_teams(member_id: int) -> list[Row[Any]]:
    """Where the member was before, newest first, with the names of today."""
    statement = (
        select(MemberTeam, Team.name.label("team_name"), Unit.name.label("unit_name"))
        .join(Team, Team.id == MemberTeam.team_id)
        .outerjoin(Unit, Unit.id == MemberTeam.unit_id)
        .where(MemberTeam.member_id == member_id)
        .order_by(MemberTeam.until_on.desc())
    )
    return list(db.session.execute(statement))


def list_transfers(scope: Iterable[int]) -> list[Row[Any]]:
    """Transfers that wait, to or from these teams, oldest first, with names."""
    teams = list(scope)
    giving = aliased(Team)
    statement = (
        select(
            Transfer,
            Member.name,
            Member.volunteer_no,
            Team.name.label("team_name"),
            giving.name.label("from_name"),
            Unit.name.label("unit_name"),
            Admin.name.label("admin_name"),
        )
        .join(Member, Member.id == Transfer.member_id)
        .join(Team, Team.id == Transfer.team_id)
        .join(giving, giving.id == Transfer.from_team_id)
        .outerjoin(Unit, Unit.id == Transfer.unit_id)
        .join(Admin, Admin.id == Transfer.proposed_by_id)
        .where(
            Transfer.state == TransferState.PROPOSED,
            or_(Transfer.team_id.in_(teams), Transfer.from_team_id.in_(teams)),
        )
        .order_by(Transfer.id)
    )
    return list(db.session.execute(statement))


def count_waiting_transfers(scope: Iterable[int]) -> int:
    """How many transfers wait for these teams to agree."""
    statement = select(func.count(Transfer.id)).where(
        Transfer.state == TransferState.PROPOSED, Transfer.team_id.in_(list(scope))
    )
    return db.session.execute(statement).scalar_one()


def find_waiting_transfer(member_id: int) -> Row[Transfer, str] | None:
    """The transfer of this member that waits, with the team asked for, or None."""
    statement = (
        select(Transfer, Team.name.label("team_name"))
        .join(Team, Team.id == Transfer.team_id)
        .where(Transfer.member_id == member_id, Transfer.state == TransferState.PROPOSED)
    )
    return db.session.execute(statement).one_or_none()


def find_declined_transfer(member_id: int) -> Row[Transfer, str] | None:
    """The member's last transfer with the team asked for, where that team declined it; else None."""
    last = select(func.max(Transfer.id)).where(Transfer.member_id == member_id).scalar_subquery()
    statement = (
        select(Transfer, Team.name.label("team_name"))
        .join(Team, Team.id == Transfer.team_id)
        .where(Transfer.id == last, Transfer.state == TransferState.DECLINED)
    )
    return db.session.execute(statement).one_or_none()


def get_transfer(transfer_id: int) -> Transfer:
    """The transfer; refuses where there is none."""
    transfer = db.session.get(Transfer, transfer_id)
    if transfer is None:
        raise NotFound()
    return transfer


def list_choosable_teams() -> list[Team]:
    """Every team that exists, by code: a transfer may be proposed to any."""
    statement = select(Team).where(Team.dissolved_on.is_(None)).order_by(Team.code)
    return list(db.session.execute(statement).scalars())


def list_choosable_units() -> list[Unit]:
    """Every unit that exists, by name."""
    statement = select(Unit).where(Unit.dissolved_on.is_(None)).order_by(Unit.name)
    return list(db.session.execute(statement).scalars())
