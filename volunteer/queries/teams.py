"""Teams: the tree below an admin."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from volunteer.db import db
from volunteer.domain.refusals import TeamUnknown
from volunteer.domain.team_refusals import BrigadeMissing, TeamClosed
from volunteer.domain.teams import TeamLevel
from volunteer.models.admins import Appointment
from volunteer.models.audit import AuditEvent
from volunteer.models.members import Admin, Member
from volunteer.models.stations import Station
from volunteer.models.teams import MemberTeam, Team, TeamSpan


def get_team(code: str) -> Team:
    """The team with this code; refuses where there is none, or none any more."""
    team = db.session.execute(select(Team).where(Team.code == code)).scalar_one_or_none()
    if team is None or team.dissolved_on:
        raise TeamUnknown(code=code)
    return team


def get_team_in(scope: Iterable[int], code: str) -> Team:
    """The team within this scope, dissolved ones too; refuses as for one that does not exist."""
    team = db.session.execute(select(Team).where(Team.code == code)).scalar_one_or_none()
    if team is None or team.id not in set(scope):
        raise TeamUnknown(code=code)
    return team


def find_brigade() -> Team | None:
    """The brigade at the top, or None before the installation has one."""
    statement = select(Team).where(Team.level == TeamLevel.BRIGADE).order_by(Team.id).limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def get_brigade() -> Team:
    """The brigade at the top; refuses before the installation has one."""
    brigade = find_brigade()
    if brigade is None:
        raise BrigadeMissing()
    return brigade


def list_subtree_ids(team_id: int) -> list[int]:
    """The team itself and every team below it, at any depth: an admin's scope.

    Dissolved teams stay in it, so that nobody's records leave everybody's sight.
    """
    tree = select(Team.id).where(Team.id == team_id).cte(recursive=True)
    tree = tree.union_all(select(Team.id).join(tree, Team.parent_id == tree.c.id))
    return list(db.session.execute(select(tree.c.id)).scalars())


def list_teams(team_ids: list[int], *, with_dissolved: bool = False) -> list[Team]:
    """These teams, by code; those that are no more only where asked for."""
    statement = select(Team).where(Team.id.in_(team_ids)).order_by(Team.code)
    if not with_dissolved:
        statement = statement.where(Team.dissolved_on.is_(None))
    return list(db.session.execute(statement).scalars())


def list_roots(scope: list[int]) -> list[Team]:
    """The highest teams of this scope: the admin's own, and nothing that hangs below them."""
    statement = select(Team).where(Team.id.in_(scope))
    statement = statement.where(or_(Team.parent_id.is_(None), Team.parent_id.not_in(scope)))
    return list(db.session.execute(statement.order_by(Team.code)).scalars())


def get_team_by_id(team_id: int) -> Team:
    """The team, dissolved or not; refuses where there is none."""
    team = db.session.get(Team, team_id)
    if team is None:
        raise TeamUnknown(code=str(team_id))
    return team


def require_open(team: Team) -> Team:
    """The team itself, unless it was dissolved: nobody joins it any more."""
    if team.dissolved_on is not None:
        raise TeamClosed(name=team.name)
    return team


def lock_tree() -> None:
    """Let nobody else change the tree until the transaction ends; people may be entered meanwhile."""
    top = select(Team.id).where(Team.parent_id.is_(None)).order_by(Team.id)
    db.session.execute(top.with_for_update(key_share=True)).all()


def is_team_code_taken(code: str) -> bool:
    """Whether a team has, or had, this code."""
    return db.session.execute(select(Team.id).where(Team.code == code)).first() is not None


def is_team_name_taken(name: str, but_id: int | None = None) -> bool:
    """Whether another team that is still there has this name."""
    statement = select(Team.id).where(Team.name == name, Team.dissolved_on.is_(None))
    return db.session.execute(statement.where(Team.id != (but_id or 0))).first() is not None


def list_children(team_id: int) -> list[Team]:
    """The teams directly below that are still there, by code."""
    statement = select(Team).where(Team.parent_id == team_id, Team.dissolved_on.is_(None))
    return list(db.session.execute(statement.order_by(Team.code)).scalars())


def list_predecessors(team_id: int) -> list[Team]:
    """The dissolved teams that this one succeeds, the latest first."""
    statement = select(Team).where(Team.successor_id == team_id)
    return list(db.session.execute(statement.order_by(Team.dissolved_on.desc(), Team.code)).scalars())


def list_team_spans(team_id: int) -> list[TeamSpan]:
    """What the team was before, the latest first."""
    statement = select(TeamSpan).where(TeamSpan.team_id == team_id)
    return list(db.session.execute(statement.order_by(TeamSpan.until_on.desc())).scalars())


@dataclass(frozen=True)
class PartyChange:
    """When a team's party organisation was given another name, and the two names; empty for none."""

    at: datetime
    before: str
    after: str


def list_party_changes(team_id: int) -> list[PartyChange]:
    """The changes of the team's party organisation made on its page, the latest first."""
    statement = select(AuditEvent.at, AuditEvent.changes).where(
        AuditEvent.team_id == team_id, AuditEvent.act == "admin.rename_team"
    )
    rows: Iterable[Any] = db.session.execute(statement.order_by(AuditEvent.number.desc()))
    return [
        PartyChange(row.at, change["before"]["party_branch"], change["after"]["party_branch"])
        for row in rows
        for change in row.changes
        if change["table"] == "teams" and "party_branch" in (change.get("after") or {})
    ]


def find_last_team_change(team_id: int) -> date | None:
    """The day since which the team is what it is, or None where it always was."""
    statement = select(func.max(TeamSpan.until_on)).where(TeamSpan.team_id == team_id)
    return db.session.execute(statement).scalar_one()


def list_members_of(team_id: int) -> list[Member]:
    """Every member of the team itself, of any status, in the order that everybody locks in."""
    statement = select(Member).where(Member.team_id == team_id).order_by(Member.id)
    return list(db.session.execute(statement).scalars())


def count_members_of(team_id: int) -> int:
    """How many members the team itself has, of any status."""
    statement = select(func.count(Member.id)).where(Member.team_id == team_id)
    return db.session.execute(statement).scalar_one()


def has_had_members(team_id: int) -> bool:
    """Whether anybody belongs to the team itself, or did on some day."""
    now = select(Member.id).where(Member.team_id == team_id).exists()
    before = select(MemberTeam.id).where(MemberTeam.team_id == team_id).exists()
    return bool(db.session.execute(select(or_(now, before))).scalar_one())


def count_admins_of(team_id: int, on: date) -> int:
    """How many active admins are, or will be, appointed to exactly this team."""
    posts = select(Appointment.id).where(Appointment.admin_id == Admin.id)
    is_here = posts.where(
        Appointment.team_id == team_id, or_(Appointment.until_on.is_(None), Appointment.until_on > on)
    )
    # Who was entered without any appointment still belongs to the team of the account.
    statement = select(func.count(Admin.id)).where(
        Admin.is_active, or_(is_here.exists(), and_(Admin.team_id == team_id, ~posts.exists()))
    )
    return db.session.execute(statement).scalar_one()


def count_stations_of(team_id: int) -> int:
    """How many stations exactly this team looks after."""
    statement = select(func.count(Station.id)).where(Station.team_id == team_id)
    return db.session.execute(statement).scalar_one()
