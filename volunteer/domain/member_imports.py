"""Importing members: the good rows of a list next to the members, teams and units there are.

Pure: it decides who is added, updated, unchanged or rejected, and writes nothing.
"""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from volunteer.domain.cells import tidy_code, tidy_name, tidy_plain
from volunteer.domain.import_reports import ImportReport, MemberRow, Rejection
from volunteer.domain.member_rows import Draft
from volunteer.domain.refusals import N_, Sentence, UnitDissolved, UnitSucceeded, VolunteerNoTaken


@dataclass(frozen=True)
class TeamChoice:
    """A team the importer may put members into."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class KnownUnit:
    """A unit there is, or was: then with the one that came after it, if any did."""

    id: int
    name: str
    is_gone: bool = False
    successor_id: int | None = None


def unit_key(name: str) -> str:
    """What is the same for names that differ only in spaces and full-width characters."""
    return tidy_plain(tidy_name(name))


class KnownUnits:
    """Every unit there is or was, found by name however it is spaced."""

    def __init__(self, units: Iterable[KnownUnit] = ()) -> None:
        ordered = sorted(units, key=lambda unit: (unit.is_gone, unit.id))
        self._by_id = {unit.id: unit for unit in ordered}
        self._by_name = {unit.name: unit for unit in ordered}
        self._by_key: dict[str, KnownUnit] = {}
        for unit in ordered:
            self._by_key.setdefault(unit_key(unit.name), unit)

    @property
    def ids(self) -> dict[str, int]:
        """The ids of those that are still there, by name."""
        return {unit.name: unit.id for unit in self._by_id.values() if not unit.is_gone}

    def find(self, name: str) -> KnownUnit | None:
        """The unit called so, dissolved or not; None where it would be a new one."""
        return self._by_name.get(name) or self._by_key.get(unit_key(name))

    def heir_of(self, unit: KnownUnit) -> KnownUnit | None:
        """The unit itself, or the one that its members went to in the end; None where there is none."""
        while unit.is_gone:
            if unit.successor_id is None:
                return None
            unit = self._by_id[unit.successor_id]
        return unit

    def find_living_id(self, unit_id: int | None) -> int | None:
        """The id of the unit, or of the one that its members went to; None where there is none."""
        unit = self._by_id.get(unit_id) if unit_id is not None else None
        heir = self.heir_of(unit) if unit else None
        return heir.id if heir else None

    def mend(self, name: str) -> str:
        """The name of the unit that is meant today: the known spelling, the successor's; else as it is."""
        unit = self.find(name)
        heir = self.heir_of(unit) if unit else None
        return heir.name if heir else name

    def why_gone(self, name: str) -> Sentence | None:
        """Why nobody can be entered into the unit called so, or None where that can be."""
        unit = self.find(name)
        if unit is None or not unit.is_gone:
            return None
        heir = self.heir_of(unit)
        if heir is None:
            return UnitDissolved(name=unit.name).sentence
        return UnitSucceeded(name=unit.name, successor=heir.name).sentence

    def list_new(self, names: Iterable[str]) -> list[str]:
        """Those of these names that are no unit yet, each once as it is first spelled, in order."""
        new: dict[str, str] = {}
        for name in names:
            if name and self.find(name) is None:
                new.setdefault(unit_key(name), name)
        return sorted(new.values())


@dataclass(frozen=True)
class KnownMember:
    """A member there is already."""

    name: str
    team_id: int
    unit: str
    national_id_hash: str | None = None


@dataclass(frozen=True)
class Known:
    """What the list is compared with.

    ``members`` are found by volunteer number, ``id_owners`` gives the number of whom an
    ID number's digest belongs to. ``teams`` are those within the importer's scope;
    ``default_team_id`` takes members of a list without a team column.
    """

    members: Mapping[str, KnownMember]
    id_owners: Mapping[str, str]
    teams: Sequence[TeamChoice]
    default_team_id: int
    units: KnownUnits


@dataclass(frozen=True)
class Settled:
    """The report, and for each accepted row (by its number in the file) the team it goes to."""

    report: ImportReport
    team_ids: Mapping[int, int]


def settle_members(draft: Draft, known: Known, hash_id: Callable[[str], str]) -> Settled:
    """Decide for each good row of ``draft`` what it means next to what is known.

    The same number with the same name is the same person and safe to repeat: team and
    unit are updated where the list says otherwise, an empty cell changes nothing. The
    same number with another name, or an ID number that is another's, is rejected. Units are
    spelled as they are known, or as the list spells them first; a dissolved one takes nobody.
    """
    resolve = team_finder(known.teams, known.default_team_id)
    sorts: dict[str, list[MemberRow]] = {"added": [], "updated": [], "unchanged": []}
    rejected = list(draft.rejected)
    team_ids: dict[int, int] = {}
    spelled: dict[str, str] = {}
    for row in (_spell_unit(row, known.units, spelled) for row in draft.rows):
        hashed = hash_id(row.national_id) if row.national_id else None
        member = known.members.get(row.volunteer_no)
        team = resolve(row.team)
        reasons = [team] if isinstance(team, Sentence) else []
        reasons += _why_someone_else(row, member, hashed, known)
        if gone := known.units.why_gone(row.unit):
            reasons.append(gone)
        if member and member.team_id not in {one.id for one in known.teams}:
            reasons = [VolunteerNoTaken(volunteer_no=row.volunteer_no).sentence]
        if reasons or isinstance(team, Sentence):
            rejected.append(Rejection(row.row, tuple(reasons)))
            continue
        team_ids[row.row] = member.team_id if member and not row.team else team
        sorts[_sort(row, member, team_ids[row.row], hashed)].append(row)
    accepted = {row.row for rows in sorts.values() for row in rows}
    new_units = known.units.list_new(row.unit for rows in sorts.values() for row in rows)
    report = ImportReport(
        added=tuple(sorts["added"]),
        updated=tuple(sorts["updated"]),
        unchanged=tuple(sorts["unchanged"]),
        rejected=tuple(sorted(rejected, key=lambda one: one.row)),
        corrections=tuple(one for one in draft.corrections if one.row in accepted),
        skipped=draft.skipped,
        new_units=tuple(new_units),
        ignored_headings=draft.ignored_headings,
    )
    return Settled(report, team_ids)


def _spell_unit(row: MemberRow, units: KnownUnits, spelled: dict[str, str]) -> MemberRow:
    known = units.find(row.unit)
    return replace(row, unit=known.name if known else spelled.setdefault(unit_key(row.unit), row.unit))


def _why_someone_else(
    row: MemberRow, member: KnownMember | None, hashed: str | None, known: Known
) -> list[Sentence]:
    reasons = []
    if member and tidy_name(member.name) != row.name:
        msgid = N_("志愿者编号 %(volunteer_no)s 已属于另一个姓名，请核对编号或先更正姓名。")
        reasons.append(Sentence(msgid, {"volunteer_no": row.volunteer_no}))
    owner = known.id_owners.get(hashed) if hashed else None
    if owner is not None and owner != row.volunteer_no:
        reasons.append(Sentence(N_("这个公民身份号码已登记在另一位志愿者名下。")))
    if member and hashed and member.national_id_hash not in (None, hashed):
        reasons.append(Sentence(N_("公民身份号码与已登记的不一致。")))
    return reasons


def _sort(row: MemberRow, member: KnownMember | None, team_id: int, hashed: str | None) -> str:
    if member is None:
        return "added"
    is_same = member.team_id == team_id and row.unit in ("", member.unit)
    return "unchanged" if is_same and (hashed is None or member.national_id_hash == hashed) else "updated"


def team_finder(teams: Sequence[TeamChoice], default_team_id: int) -> Callable[[str], int | Sentence]:
    """A function from a code or name to the team's id, or to the sentence why there is none."""
    by_code = {tidy_code(team.code): team.id for team in teams}
    by_name: dict[str, set[int]] = defaultdict(set)
    for team in teams:
        by_name[tidy_name(team.name)].add(team.id)
    seen: dict[str, int | Sentence] = {"": default_team_id}

    def find(text: str) -> int | Sentence:
        if tidy_code(text) in by_code:
            return by_code[tidy_code(text)]
        ids = by_name.get(text, set())
        if len(ids) == 1:
            return next(iter(ids))
        if ids:
            return Sentence(N_("名为“%(team)s”的队伍不止一个，请改填队伍编码。"), {"team": text})
        near = difflib.get_close_matches(text, list(by_name), n=3, cutoff=0.5)
        if near:
            params: dict[str, str | int] = {"team": text, "teams": "、".join(near)}
            return Sentence(N_("没有队伍“%(team)s”，是不是：%(teams)s？"), params)
        return Sentence(N_("没有队伍“%(team)s”，请先建立队伍或改填队伍编码。"), {"team": text})

    def resolve(text: str) -> int | Sentence:
        if text not in seen:
            seen[text] = find(text)
        return seen[text]

    return resolve


def only_near_team(reasons: Sequence[Sentence]) -> str | None:
    """The team that was surely meant, where an unknown one is all that is wrong and one comes near."""
    near = str(reasons[0].params.get("teams", "")) if len(reasons) == 1 else ""
    return near if near and "、" not in near else None
