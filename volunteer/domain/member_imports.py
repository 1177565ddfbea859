"""Importing members: the rows of a list next to the members, teams and units there are.

Pure: it decides who would be added or changed and in what, or why not, and writes nothing.
"""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from volunteer.domain.cells import tidy_code, tidy_name
from volunteer.domain.file_contents import (
    FileContent,
    contacts_in,
    is_renaming,
    join_content,
    open_content,
    require_room,
)
from volunteer.domain.headings import Field
from volunteer.domain.imports import StagedRow
from volunteer.domain.known_units import KnownUnits
from volunteer.domain.member_change_refusals import TransferWaiting
from volunteer.domain.member_rows import FREE_NOTE, MASKED_ID
from volunteer.domain.members import MemberStatus
from volunteer.domain.merge_refusals import MergedAlready
from volunteer.domain.national_ids import mask_national_id
from volunteer.domain.people import MOST_WORDS, Particulars, Sex, TooManyWords, require_agreement
from volunteer.domain.person_rows import content_of, list_changes
from volunteer.domain.refusals import N_, Refusal, Sentence, VolunteerNoTaken

_CLEARLY = 0.08
_MASKED_OF_NOBODY = N_("“%(text)s”隐去了中间几位，请填写完整的，或清空这一格。")
_MASKED_PASSED_OVER = N_("“%(text)s”隐去了中间几位，没有读进来，已登记的不变。")
_NOTE_PASSED_OVER = N_("紧急联系人一栏不像一个姓名，电话又隐去了中间几位，所以没有读进来，已登记的不变。")


@dataclass(frozen=True)
class TeamChoice:
    """A team the importer may put members into."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class KnownMember:
    """A member there is already; ``national_id`` is the stored number where it could be opened."""

    id: int
    volunteer_no: str
    name: str
    team_id: int
    unit_id: int | None = None
    unit: str = ""
    status: str = MemberStatus.ACTIVE
    is_merged: bool = False
    is_moving: bool = False
    national_id_hash: str | None = None
    national_id: str | None = field(default=None, repr=False)
    content: FileContent = field(default_factory=FileContent, repr=False)


@dataclass(frozen=True)
class Known:
    """What the list is compared with.

    ``members`` are found by volunteer number, ``id_owners`` gives the number of whom an
    ID number's digest belongs to, ``namesakes`` those within the scope by name. ``teams`` are those
    within the importer's scope, found by ``find_team``.
    """

    members: Mapping[str, KnownMember]
    id_owners: Mapping[str, str]
    namesakes: Mapping[str, Sequence[KnownMember]]
    teams: Mapping[int, TeamChoice]
    find_team: Callable[[str], int | Sentence]
    units: KnownUnits


@dataclass(frozen=True)
class Target:
    """Where a good row leads: the member there is, the team, and what the file would hold."""

    member: KnownMember | None
    team_id: int
    content: FileContent


def settle_member(row: StagedRow, known: Known) -> Target | None:
    """Decide what a judged row means next to what is known; None where it cannot be.

    The same number with the same name is the same person; without a number, whoever has the ID
    number, or the name, the team and the telephone. What would be another one is said and needs a yes, an
    empty cell changes nothing. The same number with another name, or an ID number that is
    another's, is rejected, and so is who has left.
    """
    row.forget_plan()
    team = known.find_team(row.values[Field.TEAM])
    member = _find_member(row, known, team)
    reasons = [team] if isinstance(team, Sentence) else []
    reasons += _why_someone_else(row, member, known)
    if gone := known.units.why_gone(row.values[Field.UNIT]):
        reasons.append(gone)
    if member and member.team_id not in known.teams:
        reasons = [VolunteerNoTaken(volunteer_no=member.volunteer_no).sentence]
    elif member:
        reasons += _why_not_now(member)
    if reasons or isinstance(team, Sentence):
        row.reject(*reasons)
        return None
    if member and not row.values[Field.TEAM]:
        team = member.team_id
    return _plan(row, member, team, known)


def _find_member(row: StagedRow, known: Known, team: int | Sentence) -> KnownMember | None:
    """Whom the row is about; a row without a number says whom it was taken for, or that it gets one."""
    if number := row.values[Field.VOLUNTEER_NO]:
        return known.members.get(number)
    by_id = known.members.get(known.id_owners.get(row.id_hash or "", ""))
    if by_id and by_id.team_id not in known.teams:
        # Who that is, is nobody's business here.
        by_id = None
    phones = set(content_of(row.values).phones)
    alike = [
        one
        for one in known.namesakes.get(row.values[Field.NAME], ())
        if (one.team_id == team or not row.values[Field.TEAM])
        and not one.is_merged
        and not (row.id_hash and one.national_id_hash)
    ]
    member = by_id or next((one for one in alike if phones & set(one.content.phones)), None)
    if member:
        row.values[Field.VOLUNTEER_NO] = row.key = member.volunteer_no
        how = N_("没有写编号，按公民身份号码认出是 %(volunteer_no)s。")
        if not by_id:
            how = N_("没有写编号，按姓名、队伍和电话认出是 %(volunteer_no)s。")
        row.notes.append(Sentence(how, {"volunteer_no": member.volunteer_no}))
        return member
    row.notes.append(Sentence(N_("没有写编号，导入时自动编号。")))
    if alike:
        numbers = "、".join(one.volunteer_no for one in alike)
        params: dict[str, str | int] = {"name": row.values[Field.NAME], "volunteer_nos": numbers}
        row.warn(
            Sentence(
                N_(
                    "已有同名的%(name)s（%(volunteer_nos)s）。是同一个人，请先填上编号；确是另一个人，再接受。"
                ),
                params,
            )
        )
    return None


def _why_someone_else(row: StagedRow, member: KnownMember | None, known: Known) -> list[Sentence]:
    number, hashed, reasons = row.values[Field.VOLUNTEER_NO], row.id_hash, []
    if member and tidy_name(member.name) != row.values[Field.NAME]:
        msgid = N_("志愿者编号 %(volunteer_no)s 已属于另一个姓名，请核对编号或先更正姓名。")
        reasons.append(Sentence(msgid, {"volunteer_no": number}))
    owner = known.id_owners.get(hashed) if hashed else None
    if owner is not None and owner != number:
        reasons.append(Sentence(N_("这个公民身份号码已登记在另一位志愿者名下。")))
    if member and hashed and member.national_id_hash not in (None, hashed):
        reasons.append(Sentence(N_("公民身份号码与已登记的不一致。")))
    return reasons


def _why_not_now(member: KnownMember) -> list[Sentence]:
    if member.is_merged:
        return [MergedAlready().sentence]
    if member.status == MemberStatus.LEFT:
        msgid = N_("%(name)s（%(volunteer_no)s）已离队，请先在这位志愿者的“调动与状态”里恢复在册，再导入。")
        return [Sentence(msgid, {"name": member.name, "volunteer_no": member.volunteer_no})]
    return []


def _plan(row: StagedRow, member: KnownMember | None, team_id: int, known: Known) -> Target | None:
    there = member.content if member else FileContent()
    said, masked = open_content(content_of(row.values), there)
    if (number := row.values.get(MASKED_ID)) and not (
        member and member.national_id and mask_national_id(member.national_id) == number
    ):
        masked = [number, *masked]
    if member is None and masked:
        row.reject(*(Sentence(_MASKED_OF_NOBODY, {"text": text}) for text in masked))
        return None
    if member is None:
        return Target(None, team_id, said)
    row.notes += [Sentence(_MASKED_PASSED_OVER, {"text": text}) for text in masked]
    if row.values.get(FREE_NOTE, "") not in ("", *contacts_in(said).values()):
        row.notes.append(Sentence(_NOTE_PASSED_OVER))
    row.target_id = member.id
    after = join_content(member.content, said)
    try:
        _require_fit(member, said, after)
    except Refusal as refusal:
        row.reject(refusal.sentence)
        return None
    for name, was, now in _moves(row, member, team_id, known):
        if member.is_moving:
            row.reject(TransferWaiting().sentence)
            return None
        row.change(name, was, now, is_asked=bool(was))
    if row.id_hash and member.national_id_hash is None:
        row.change(Field.NATIONAL_ID, "", row.values[Field.NATIONAL_ID], is_asked=False)
    replaced = (*_REPLACED, Field.EMERGENCY) if is_renaming(member.content, after) else _REPLACED
    for which, was, now in list_changes(member.content, after):
        row.change(which, was, now, is_asked=bool(was) and which in replaced)
    return Target(member, team_id, after)


# What holds one thing only: the new one takes the place of the old one.
_REPLACED = (Field.SEX, Field.BORN_ON, Field.RESIDENCE)


def _moves(
    row: StagedRow, member: KnownMember, team_id: int, known: Known
) -> Iterator[tuple[Field, str, str]]:
    if team_id != member.team_id:
        old, new = known.teams[member.team_id], known.teams[team_id]
        yield Field.TEAM, f"{old.name}（{old.code}）", f"{new.name}（{new.code}）"
    if said := row.values[Field.UNIT]:
        unit = known.units.find(said)
        if unit is None or unit.id != member.unit_id:
            yield Field.UNIT, member.unit, unit.name if unit else said


def _require_fit(member: KnownMember, said: FileContent, after: FileContent) -> None:
    """Refuse what contradicts the stored ID number, and more than a file holds."""
    if member.national_id and (said.sex or said.born_on):
        born_on = date.fromisoformat(after.born_on) if after.born_on else None
        require_agreement(Particulars(Sex(after.sex) if after.sex else None, born_on), member.national_id)
    if contacts_in(after).keys() != contacts_in(member.content).keys():
        require_room(after)
    for then, now in (
        (member.content.skills, after.skills),
        (member.content.service_kinds, after.service_kinds),
    ):
        if then != now and len(now) > MOST_WORDS:
            raise TooManyWords(maximum=MOST_WORDS)


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
        if near := _nearest(text, list(by_name)):
            params: dict[str, str | int] = {"team": text, "teams": "、".join(near)}
            return Sentence(N_("没有队伍“%(team)s”，是不是：%(teams)s？"), params)
        return Sentence(N_("没有队伍“%(team)s”，请先建立队伍或改填队伍编码。"), {"team": text})

    def resolve(text: str) -> int | Sentence:
        if text not in seen:
            seen[text] = find(text)
        return seen[text]

    return resolve


def _nearest(text: str, names: Sequence[str]) -> list[str]:
    """The three names nearest to the text, or only the first where it is clearly nearer than the others."""
    near = difflib.get_close_matches(text, names, n=3, cutoff=0.5)
    ratios = [difflib.SequenceMatcher(None, name, text).ratio() for name in near]
    return near[:1] if len(near) > 1 and ratios[0] - ratios[1] >= _CLEARLY else near


def near_teams(reasons: Sequence[Sentence]) -> list[str]:
    """The teams that may have been meant, where an unknown one is all that is wrong."""
    near = str(reasons[0].params.get("teams", "")) if len(reasons) == 1 else ""
    return near.split("、") if near else []


def only_near_team(reasons: Sequence[Sentence]) -> str | None:
    """The team that was surely meant, where an unknown one is all that is wrong and one comes near."""
    near = near_teams(reasons)
    return near[0] if len(near) == 1 else None
