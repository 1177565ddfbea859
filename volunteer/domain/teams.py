"""The tree of teams: brigade, squadron, detachment; a level may be skipped."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from volunteer.domain.characters import require_name_characters
from volunteer.domain.members import LONGEST_NAME, require_length, tidy_spelling
from volunteer.domain.refusals import N_, Refusal, TitleMissing
from volunteer.domain.team_refusals import LevelDoesNotFit, TeamCodeMalformed

TEAM_CODE = re.compile(r"[0-9A-Z][0-9A-Z-]{0,31}")


class TeamLevel(StrEnum):
    """The levels from the top down (大队, 中队, 分队)."""

    BRIGADE = "brigade"
    SQUADRON = "squadron"
    DETACHMENT = "detachment"


class PartyKind(StrEnum):
    """Kinds of party organisations, the smallest first (党支部, 党总支, 机关党委)."""

    PARTY_BRANCH = "party_branch"
    GENERAL_BRANCH = "general_branch"
    PARTY_COMMITTEE = "party_committee"


@dataclass(frozen=True)
class Party:
    """The party organisation of a team or unit; without a name there is none."""

    name: str = ""
    kind: PartyKind | None = None


NO_PARTY = Party()
ORDER = list(TeamLevel)


class TeamAtWork(Refusal):
    code = "team_at_work"
    msgid = N_("正在为本队制卡、出具证明或写入名单，请几分钟后再试。")


def may_hold(parent: TeamLevel, child: TeamLevel) -> bool:
    """Whether ``child`` may hang under ``parent``: strictly lower, skipping allowed."""
    return ORDER.index(child) > ORDER.index(parent)


def require_levels(parent: TeamLevel, children: Iterable[TeamLevel]) -> None:
    """Refuse a parent that is not strictly above each of these levels."""
    if not all(may_hold(parent, child) for child in children):
        raise LevelDoesNotFit()


def levels_below(parent: TeamLevel) -> list[TeamLevel]:
    """The levels that may hang under this one, the highest first."""
    return ORDER[ORDER.index(parent) + 1 :]


def clean_team_code(text: str) -> str:
    """The team's code in half-width upper case without spaces."""
    code = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if not TEAM_CODE.fullmatch(code):
        raise TeamCodeMalformed()
    return code


def clean_title(text: str) -> str:
    """The name of a team, unit, station or party organisation, tidied as that of a person."""
    title = require_name_characters(tidy_spelling(text), is_title=True)
    if not title:
        raise TitleMissing()
    return require_length(title, LONGEST_NAME)


def clean_party(party: Party) -> Party:
    """The organisation with a tidy name, or none; one without a kind is a branch."""
    if not party.name.strip():
        return NO_PARTY
    return Party(clean_title(party.name), party.kind or PartyKind.PARTY_BRANCH)


def form_values(named: Any) -> dict[str, object]:
    """What the form of a team or unit changes, as it stands now."""
    return {"name": named.name, "party_branch": named.party_branch, "party_kind": named.party_kind}


def is_over(last_until_on: date | None, on: date) -> bool:
    """Whether a fact that began on ``last_until_on`` (None: always) held a whole day before ``on``.

    Only then it is kept: what held for no day is no history, and a clock set back makes none.
    """
    return last_until_on is None or last_until_on < on
