"""Members within an admin's scope."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, false, func, or_, select

from volunteer.db import db
from volunteer.domain.cards import CardState
from volunteer.domain.cells import is_han, tidy_code, tidy_name, tidy_typed
from volunteer.domain.contacts import ENDING
from volunteer.domain.member_changes import STATUS_AFTER, EventKind
from volunteer.domain.members import MemberStatus, NumberPattern, Standing, pattern_of
from volunteer.domain.names import tidy_query
from volunteer.domain.refusals import MemberUnknown
from volunteer.models.cards import Card
from volunteer.models.columns import table_of
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Admin, Member
from volunteer.models.people import MemberContact
from volunteer.models.teams import Team, Unit
from volunteer.sets import among

MEMBERS = table_of(Member)
_LOCK = (
    select(MEMBERS.c.id)
    .where(among(MEMBERS.c.id, "members"))
    .order_by(MEMBERS.c.id)
    .with_for_update(key_share=True)
)


_last_step = (
    select(MemberEvent.kind)
    .where(MemberEvent.member_id == Member.id, MemberEvent.undone_at.is_(None))
    .where(MemberEvent.kind.in_(list(STATUS_AFTER)))
    .order_by(MemberEvent.id.desc())
    .limit(1)
    .correlate(Member)
    .scalar_subquery()
)
# Left, and the last that happened was retirement. Asked of those alone who left: they are few.
IS_RETIRED = case(
    (Member.status == MemberStatus.LEFT, func.coalesce(_last_step, "") == EventKind.RETIRED), else_=false()
)
STANDING = case((IS_RETIRED, str(Standing.RETIRED)), else_=Member.status).label("standing")


def find_member(volunteer_no: str) -> Member | None:
    """The member with this volunteer number, or None."""
    return db.session.execute(select(Member).where(Member.volunteer_no == volunteer_no)).scalar_one_or_none()


def lock_members(member_ids: Iterable[int]) -> None:
    """Lock these members until the transaction ends, in the one order that everybody locks in."""
    db.session.connection().execute(_LOCK, {"members": list(member_ids)}).all()


def get_member(volunteer_no: str) -> Member:
    """The member with this volunteer number; refuses where there is none."""
    member = find_member(volunteer_no)
    if member is None:
        raise MemberUnknown(volunteer_no=volunteer_no)
    return member


def get_member_in(scope: Iterable[int], volunteer_no: str) -> Member:
    """The member within these teams; one outside them is as unknown as one that does not exist."""
    member = get_member(volunteer_no)
    if member.team_id not in set(scope):
        raise MemberUnknown(volunteer_no=volunteer_no)
    return member


def search_members(
    scope: Iterable[int],
    text: str,
    *,
    statuses: Iterable[str] = (),
    offset: int = 0,
    limit: int = 50,
) -> tuple[int, list[Row[Any]]]:
    """How many members within these teams fit ``text``, and a page of them with team and unit.

    Fits: part of the name or of the number, the beginning of the pinyin or its initials in any
    reading, a telephone by its last four digits, or the team, or one above it, by its code or
    part of its name. Without ``statuses`` any standing fits.
    """
    chosen: list[Any] = [Member.team_id.in_(list(scope)), *_stand([Standing(one) for one in statuses])]
    if text := tidy_typed(text):
        chosen.append(or_(*_fits(text), *_belong(scope, text)))
    # The ids of one page first, with the count of all: one pass, and only a page is joined.
    columns = [Member.id, func.count().over().label("total")] if text else [Member.id]
    ids: Select[Any] = select(*columns).where(*chosen)
    found = db.session.execute(ids.order_by(Member.volunteer_no).offset(offset).limit(limit)).all()
    count = 0
    if text and found:
        count = found[0].total
    elif offset or not text:
        count = db.session.execute(select(func.count(Member.id)).where(*chosen)).scalar_one()
    page = (
        select(Member, Team.name.label("team_name"), Unit.name.label("unit_name"), STANDING)
        .join(Team, Team.id == Member.team_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(Member.id.in_([row.id for row in found]))
        .order_by(Member.volunteer_no)
    )
    return count, list(db.session.execute(page)) if found else []


def _stand(wanted: Collection[Standing]) -> list[ColumnElement[bool]]:
    """The conditions for these standings, any of them without one."""
    # Status is always named: the index that holds all that is searched begins with team and status.
    if not wanted or {Standing.LEFT, Standing.RETIRED} <= set(wanted):
        return [Member.status.in_([one for one in MemberStatus if not wanted or Standing(one) in wanted])]
    statuses = [MemberStatus.LEFT if one is Standing.RETIRED else MemberStatus(one) for one in wanted]
    if Standing.RETIRED in wanted:
        return [Member.status.in_(statuses), or_(Member.status != MemberStatus.LEFT, IS_RETIRED)]
    if Standing.LEFT in wanted:
        return [Member.status.in_(statuses), ~IS_RETIRED]
    return [Member.status.in_(statuses)]


def _fits(text: str) -> list[Any]:
    """Where to look: Chinese characters stand only in names, and numbers are no names."""
    name = Member.name.contains(text, autoescape=True)
    number = Member.volunteer_no.contains(tidy_code(text), autoescape=True)
    if any(is_han(character) for character in text):
        # Spaces that only stretch a Chinese name are typed, or not.
        return [name, *([Member.name.contains(tidy_name(text), autoescape=True)] if " " in text else [])]
    digits = "".join(character for character in text if character not in " -+")
    if digits.isascii() and digits.isdecimal():
        owners = select(MemberContact.member_id).where(MemberContact.ending == digits[-ENDING:])
        return [number, Member.id.in_(owners)] if len(digits) >= ENDING else [number]
    if pinyin := tidy_query(text):
        # Keys stand each after a space, so the space finds beginnings only.
        return [name, number, Member.search_keys.contains(" " + pinyin, autoescape=True)]
    return [name, number]


def _belong(scope: Iterable[int], text: str) -> list[Any]:
    """The condition for members of teams that are called so, and of those below them; none where none is."""
    teams = select(Team.id, Team.parent_id, Team.code, Team.name).where(Team.id.in_(list(scope)))
    rows = list(db.session.execute(teams))
    called = {row.id for row in rows if row.code == text.upper() or (len(text) > 1 and text in row.name)}
    parents = {row.id: row.parent_id for row in rows}

    def is_within(team_id: int | None) -> bool:
        return team_id in called or (team_id in parents and is_within(parents[team_id]))

    found = [row.id for row in rows if called and is_within(row.id)]
    return [Member.team_id.in_(found)] if found else []


def find_free_numbers(team: Team, count: int, taken: Collection[str] = ()) -> list[str]:
    """The next free volunteer numbers, one after the other, in the pattern that the team's numbers follow.

    Numbers that are ``taken`` elsewhere, such as by other rows of a list, are free no more.
    """
    numbers = db.session.execute(select(Member.volunteer_no).where(Member.team_id == team.id)).scalars()
    pattern = pattern_of(numbers, team.code)
    serial, free = _highest(pattern, taken), list[str]()
    while len(free) < count:
        serial += 1
        if serial >= 10**pattern.digits:
            # All numbers of this length are given out: go on with one digit more.
            pattern = NumberPattern(pattern.start, pattern.digits + 1)
            serial = max(serial, _highest(pattern, taken) + 1)
        free.append(pattern.number(serial))
    return free


def find_free_number(team: Team) -> str:
    """The next free volunteer number of the team."""
    return find_free_numbers(team, 1)[0]


def _highest(pattern: NumberPattern, taken: Collection[str]) -> int:
    # Other teams may number on in the same pattern.
    alike = select(Member.volunteer_no).where(
        Member.volunteer_no.startswith(pattern.start, autoescape=True),
        func.length(Member.volunteer_no) == len(pattern.start) + pattern.digits,
    )
    serials = (pattern.serial_of(number) for number in [*db.session.execute(alike).scalars(), *taken])
    return max((serial for serial in serials if serial is not None), default=0)


def list_cards(member_id: int) -> list[Card]:
    """A member's cards, newest first."""
    statement = (
        select(Card).where(Card.member_id == member_id).order_by(Card.issued_at.desc(), Card.id.desc())
    )
    return list(db.session.execute(statement).scalars())


def find_admin(username: str) -> Admin | None:
    """The admin with this user name, or None."""
    return db.session.execute(select(Admin).where(Admin.username == username)).scalar_one_or_none()


def count_members() -> int:
    """How many members there are in the whole installation."""
    return db.session.execute(select(func.count(Member.id))).scalar_one()


def get_member_row(scope: Iterable[int], volunteer_no: str) -> Row[Member, str, str, str]:
    """The member within these teams, with team, unit and standing; refuses where there is none."""
    statement = (
        select(Member, Team.name.label("team_name"), Unit.name.label("unit_name"), STANDING)
        .join(Team, Team.id == Member.team_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(Member.volunteer_no == volunteer_no, Member.team_id.in_(list(scope)))
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise MemberUnknown(volunteer_no=volunteer_no)
    return row


def list_active_members(team_ids: Iterable[int]) -> list[Row[Any]]:
    """The active members of these teams as plain columns with their team's name, by team code and number."""
    statement = (
        select(
            Member.id,
            Member.name,
            Member.volunteer_no,
            Member.password_hash.is_not(None).label("has_password"),
            Team.name.label("team_name"),
        )
        .join(Team, Team.id == Member.team_id)
        .where(Member.team_id.in_(list(team_ids)), Member.status == MemberStatus.ACTIVE)
        .order_by(Team.code, Member.volunteer_no)
    )
    return list(db.session.execute(statement))


def count_members_by_team(team_ids: Iterable[int]) -> dict[int, int]:
    """How many active members each of these teams has itself; a team without any is left out."""
    statement = (
        select(Member.team_id, func.count(Member.id))
        .where(Member.team_id.in_(list(team_ids)), Member.status == MemberStatus.ACTIVE)
        .group_by(Member.team_id)
    )
    return {team_id: count for team_id, count in db.session.execute(statement)}


def count_members_without_card(scope: Iterable[int]) -> int:
    """How many active members within these teams hold no active card of any kind."""
    has_card = select(Card.id).where(Card.member_id == Member.id, Card.state == CardState.ACTIVE).exists()
    statement = select(func.count(Member.id)).where(
        Member.team_id.in_(list(scope)), Member.status == MemberStatus.ACTIVE, ~has_card
    )
    return db.session.execute(statement).scalar_one()
