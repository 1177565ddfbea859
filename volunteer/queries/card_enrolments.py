"""Cards bound by tapping: whose turn it is at a terminal, and where an admin may do it."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, select

from volunteer.db import db
from volunteer.domain.cards import CardKind, CardState
from volunteer.domain.members import MemberStatus
from volunteer.models.card_events import CardEnrolment
from volunteer.models.cards import Card
from volunteer.models.members import Member
from volunteer.models.stations import Station, Terminal
from volunteer.models.teams import Team


def find_open_enrolment(terminal_id: int) -> CardEnrolment | None:
    """The enrolment whose turn it is at this terminal, locked, or None."""
    statement = select(CardEnrolment).where(
        CardEnrolment.terminal_id == terminal_id,
        CardEnrolment.opened_at.is_not(None),
        CardEnrolment.finished_at.is_(None),
    )
    return db.session.execute(statement.with_for_update()).scalar_one_or_none()


def find_next_enrolment(terminal_id: int) -> CardEnrolment | None:
    """The first enrolment that still waits for its turn at this terminal, or None."""
    statement = (
        select(CardEnrolment)
        .where(
            CardEnrolment.terminal_id == terminal_id,
            CardEnrolment.opened_at.is_(None),
            CardEnrolment.finished_at.is_(None),
        )
        .order_by(CardEnrolment.id)
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def list_unfinished_enrolments(terminal_id: int) -> list[CardEnrolment]:
    """All enrolments at this terminal that are not finished, in their order, locked."""
    statement = (
        select(CardEnrolment)
        .where(CardEnrolment.terminal_id == terminal_id, CardEnrolment.finished_at.is_(None))
        .order_by(CardEnrolment.id)
        .with_for_update()
    )
    return list(db.session.execute(statement).scalars())


def list_enrolments(terminal_id: int, admin_id: int, limit: int = 200) -> Sequence[Row[Any]]:
    """This admin's newest enrolments at a terminal, in their order, with member, team and card."""
    statement = (
        select(CardEnrolment, Member.name, Member.volunteer_no, Team.name.label("team_name"), Card.hint)
        .join(Member, Member.id == CardEnrolment.member_id)
        .join(Team, Team.id == Member.team_id)
        .outerjoin(Card, Card.id == CardEnrolment.card_id)
        .where(CardEnrolment.terminal_id == terminal_id, CardEnrolment.admin_id == admin_id)
        .order_by(CardEnrolment.id.desc())
        .limit(limit)
    )
    rows: list[Row[Any]] = list(db.session.execute(statement))
    return rows[::-1]


def list_enrolling_terminals(team_ids: Iterable[int], *, is_brigade: bool) -> list[Row[Any]]:
    """The terminals with a key that these teams look after, with their stations, by station."""
    mine = Station.team_id.in_(list(team_ids))
    scope = mine | Station.team_id.is_(None) if is_brigade else mine
    statement = (
        select(Terminal, Station)
        .join(Station, Station.id == Terminal.station_id)
        .where(scope, Terminal.key_hash.is_not(None), Terminal.revoked_at.is_(None))
        .order_by(Station.code, Terminal.id)
    )
    return list(db.session.execute(statement))


def list_members_to_enrol(scope: Iterable[int], volunteer_nos: Iterable[str]) -> list[Member]:
    """The active members with these numbers within these teams, in the order of the numbers."""
    wanted = list(dict.fromkeys(volunteer_nos))
    statement = select(Member).where(
        Member.volunteer_no.in_(wanted),
        Member.team_id.in_(list(scope)),
        Member.status == MemberStatus.ACTIVE,
    )
    found = {member.volunteer_no: member for member in db.session.execute(statement).scalars()}
    return [found[number] for number in wanted if number in found]


def list_numbers_without_nfc_card(team_ids: Iterable[int], limit: int) -> list[str]:
    """The first numbers of the active members of these teams to whom no NFC card is bound."""
    has_card = (
        select(Card.id)
        .where(Card.member_id == Member.id, Card.kind == CardKind.NFC, Card.state == CardState.ACTIVE)
        .exists()
    )
    statement = (
        select(Member.volunteer_no)
        .where(Member.team_id.in_(list(team_ids)), Member.status == MemberStatus.ACTIVE, ~has_card)
        .order_by(Member.volunteer_no)
        .limit(limit)
    )
    return list(db.session.execute(statement).scalars())
