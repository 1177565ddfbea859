"""The tree of teams: brigade, squadron, detachment; a level may be skipped."""

from enum import StrEnum


class TeamLevel(StrEnum):
    """The levels from the top down (大队, 中队, 分队)."""

    BRIGADE = "brigade"
    SQUADRON = "squadron"
    DETACHMENT = "detachment"


ORDER = list(TeamLevel)


def may_hold(parent: TeamLevel, child: TeamLevel) -> bool:
    """Whether ``child`` may hang under ``parent``: strictly lower, skipping allowed."""
    return ORDER.index(child) > ORDER.index(parent)
