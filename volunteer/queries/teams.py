"""Teams: the tree below an admin."""

from sqlalchemy import select

from volunteer.db import db
from volunteer.domain.refusals import BrigadeMissing, TeamUnknown
from volunteer.domain.teams import TeamLevel
from volunteer.models.teams import Team


def get_team(code: str) -> Team:
    """The team with this code; refuses where there is none."""
    team = db.session.execute(select(Team).where(Team.code == code)).scalar_one_or_none()
    if team is None:
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
    """The team itself and every team below it, at any depth: an admin's scope."""
    tree = select(Team.id).where(Team.id == team_id).cte(recursive=True)
    tree = tree.union_all(select(Team.id).join(tree, Team.parent_id == tree.c.id))
    return list(db.session.execute(select(tree.c.id)).scalars())


def list_teams(team_ids: list[int]) -> list[Team]:
    """These teams, by code."""
    return list(db.session.execute(select(Team).where(Team.id.in_(team_ids)).order_by(Team.code)).scalars())


def get_team_by_id(team_id: int) -> Team:
    """The team; refuses where there is none."""
    team = db.session.get(Team, team_id)
    if team is None:
        raise TeamUnknown(code=str(team_id))
    return team
