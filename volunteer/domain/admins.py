"""Admins: who is appointed as what, from when to when, and who may appoint whom."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from volunteer.domain.admin_refusals import (
    AdminUsernameMalformed,
    AppointedAlready,
    RoleNotYours,
    RolesApart,
    TermBackwards,
    TermOver,
    TermPast,
)
from volunteer.domain.refusals import N_, Refusal
from volunteer.domain.roles import CAPABILITIES, HOURS, Role
from volunteer.domain.terminals import make_code

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,31}")
# A station's leader may also be the admin of a team; whoever audits or sets up does nothing else.
TOGETHER = frozenset({Role.TEAM_ADMIN, Role.STATION_LEADER})
# What a squadron's or detachment's admin may appoint; the rest is the brigade's.
ANYWHERE = (Role.TEAM_ADMIN, Role.STATION_LEADER)


class HoursNotYours(Refusal):
    code = "hours_not_yours"
    msgid = N_("系统管理员不接触时长，所以不能任命队伍管理员和站长。请由大队的队伍管理员办理。")


@dataclass(frozen=True)
class Post:
    """A role at a team, or at a station for its leader, for a time.

    ``from_on`` None: since the account exists; ``until_on`` is the first day that no longer counts,
    None while no end is known.
    """

    role: Role
    team_id: int | None = None
    station_id: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    is_deputy: bool = False

    @property
    def place(self) -> tuple[int | None, int | None]:
        """Where the post is: the team or the station."""
        return self.team_id, self.station_id

    def is_in_force(self, day: date) -> bool:
        """Whether the post counts on this day."""
        return (self.from_on is None or self.from_on <= day) and not self.is_over(day)

    def is_over(self, day: date) -> bool:
        """Whether the post has ended by this day."""
        return self.until_on is not None and self.until_on <= day

    def overlaps(self, other: "Post") -> bool:
        """Whether there is a day on which both count."""
        if self.is_empty or other.is_empty:
            return False
        return _begins_before_end(self, other) and _begins_before_end(other, self)

    @property
    def is_empty(self) -> bool:
        """Whether the post was ended before its first day."""
        return self.from_on is not None and self.is_over(self.from_on)


def _begins_before_end(one: Post, other: Post) -> bool:
    return other.until_on is None or (one.from_on or date.min) < other.until_on


def require_term(post: Post, today: date) -> Post:
    """Refuse a post that ends before it begins, or on the same day; and one that is over already."""
    if post.from_on and post.until_on and post.until_on <= post.from_on:
        raise TermBackwards()
    if post.is_over(today):
        raise TermPast()
    return post


def require_room(post: Post, held: Iterable[Post]) -> None:
    """Refuse what does not go together with what the same person holds at the same time.

    Who reads everything changes nothing, and who sets the system up keeps away from hours.
    """
    for other in held:
        if not post.overlaps(other):
            continue
        if post.role == other.role and post.place == other.place:
            raise AppointedAlready()
        if post.role != other.role and not {post.role, other.role} <= TOGETHER:
            raise RolesApart()


def list_endable_roles(*, is_brigade: bool) -> tuple[Role, ...]:
    """The roles that an admin may take away within the own teams."""
    return tuple(Role) if is_brigade else ANYWHERE


def list_givable_roles(held: Iterable[Role], *, is_brigade: bool) -> tuple[Role, ...]:
    """The roles that an admin may also give: none with a right about hours that the giver lacks.

    Whoever gives a role knows the start password: who sets the system up would otherwise enter
    and approve hours by two accounts that are nobody's.
    """
    own = {capability for role in held for capability in CAPABILITIES[role]}
    return tuple(
        role for role in list_endable_roles(is_brigade=is_brigade) if CAPABILITIES[role] & HOURS <= own
    )


def require_endable(role: Role, *, is_brigade: bool) -> None:
    """Refuse a role that only the brigade gives and takes away."""
    if role not in list_endable_roles(is_brigade=is_brigade):
        raise RoleNotYours()


def require_givable(role: Role, held: Iterable[Role], *, is_brigade: bool) -> None:
    """Refuse a role that only the brigade gives, or only those who handle hours themselves."""
    require_endable(role, is_brigade=is_brigade)
    if role not in list_givable_roles(held, is_brigade=is_brigade):
        raise HoursNotYours()


def require_end(post: Post, until_on: date, today: date) -> date:
    """The day from which a post no longer counts: not in the past, within its term."""
    is_within = post.until_on is None or until_on <= post.until_on
    if until_on < today or (post.from_on and until_on < post.from_on) or not is_within:
        raise TermOver()
    return until_on


def clean_username(text: str) -> str:
    """The user name as typed, without surrounding spaces."""
    username = text.strip()
    if not USERNAME.fullmatch(username):
        raise AdminUsernameMalformed()
    return username


def make_start_password() -> str:
    """A password of 60 random bits for the first sign-in, easy to read out."""
    return f"{make_code()}-{make_code()[:4]}"
