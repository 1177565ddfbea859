"""Merged duplicates: who belongs together, and who may be the same person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, groupby
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, select, union, union_all

from volunteer.db import db
from volunteer.domain.cards import CardState
from volunteer.domain.member_changes import EventKind
from volunteer.domain.merge_refusals import MergedAway, MergedElsewhere
from volunteer.domain.merges import Overlap, find_overlaps
from volunteer.domain.records import RecordState
from volunteer.domain.refusals import MemberUnknown
from volunteer.models.cards import Card
from volunteer.models.columns import BigId, table_of
from volunteer.models.member_changes import Distinction, MemberEvent, Merge
from volunteer.models.members import Admin, Member
from volunteer.models.people import MemberContact, Person
from volunteer.models.records import ServiceRecord
from volunteer.models.scans import StoredScan
from volunteer.models.teams import Team, Unit
from volunteer.queries.members import STANDING
from volunteer.sets import Selected, selected

_MERGES, RECORDS = table_of(Merge).c, table_of(ServiceRecord)


def _group() -> Select[Any]:
    """The ids of all rows of the person behind parameter ``member``, whichever of them it names."""
    asked = bindparam("member", type_=BigId)
    kept = select(_MERGES.kept_id).where(_MERGES.duplicate_id == asked, _MERGES.undone_at.is_(None))
    root = func.coalesce(kept.scalar_subquery(), asked)
    others = select(_MERGES.duplicate_id).where(_MERGES.kept_id == root, _MERGES.undone_at.is_(None))
    return select(union_all(select(root.label("id")), others).subquery().c.id)


def of_person(column: Any) -> Selected:
    """The condition that ``column`` is a row of the person behind parameter ``member``: merged ones count."""
    return selected(column, _group())


def list_group_ids(member_id: int) -> list[int]:
    """The member and every row merged with it, the kept one first."""
    return list(db.session.execute(_group(), {"member": member_id}).scalars())


def is_own_person(admin_id: int, member_ids: Iterable[int]) -> bool:
    """Whether any of these members is the person that this admin is, merged rows included."""
    own_id = db.session.execute(select(Admin.member_id).where(Admin.id == admin_id)).scalar_one_or_none()
    return own_id is not None and not set(member_ids).isdisjoint(list_group_ids(own_id))


def get_group_ids(scope: Iterable[int], member_id: int) -> list[int]:
    """The same for an admin of these teams; refuses a person of whom any row lies outside them."""
    ids = list_group_ids(member_id)
    outside = select(Member.id).where(Member.id.in_(ids), Member.team_id.not_in(list(scope)))
    if db.session.execute(outside.limit(1)).first() is not None:
        raise MergedElsewhere()
    return ids


def require_kept(member_id: int) -> None:
    """Refuse a row that went into another one: what an admin does to a person is done on the kept row."""
    if is_merged([member_id]):
        raise MergedAway()


def list_overlaps(member_id: int) -> list[Overlap]:
    """Where the merged rows of this person claim two places at once; empty where nothing was merged."""
    ids = list_group_ids(member_id)
    return find_record_overlaps(ids) if len(ids) > 1 else []


def find_record_overlaps(member_ids: Iterable[int]) -> list[Overlap]:
    """Where these members, taken for one person, claim two places at once."""
    records = select(RECORDS).where(
        RECORDS.c.member_id.in_(list(member_ids)), RECORDS.c.state == str(RecordState.CLOSED)
    )
    return find_overlaps(db.session.execute(records))


# Every row of each person with merged rows, the kept one included.
PERSONS = union(
    select(_MERGES.duplicate_id.label("member_id"), _MERGES.kept_id.label("person_id")).where(
        _MERGES.undone_at.is_(None)
    ),
    select(_MERGES.kept_id, _MERGES.kept_id).where(_MERGES.undone_at.is_(None)),
).subquery()


def find_merge(duplicate_id: int) -> Row[Merge, Member] | None:
    """The merge that this row went into, with the kept member, or None."""
    statement = (
        select(Merge, Member)
        .join(Member, Member.id == Merge.kept_id)
        .where(Merge.duplicate_id == duplicate_id, Merge.undone_at.is_(None))
    )
    return db.session.execute(statement).one_or_none()


def list_merges(kept_id: int) -> list[Row[Any]]:
    """The rows merged into this member, oldest merge first."""
    statement = (
        select(Merge, Member)
        .join(Member, Member.id == Merge.duplicate_id)
        .where(Merge.kept_id == kept_id, Merge.undone_at.is_(None))
        .order_by(Merge.id)
    )
    return list(db.session.execute(statement))


def get_merge_event(kept_id: int, merge_id: int) -> MemberEvent:
    """What the kept member's history says about this merge."""
    statement = select(MemberEvent).where(
        MemberEvent.member_id == kept_id,
        MemberEvent.kind == EventKind.MERGED,
        MemberEvent.undone_at.is_(None),
    )
    events = db.session.execute(statement).scalars()
    return next(one for one in events if isinstance(one.after, dict) and one.after["merge_id"] == merge_id)


def find_distinction(first_id: int, second_id: int) -> Distinction | None:
    """The judgement that these two are not the same person, or None; the smaller id comes first."""
    statement = select(Distinction).where(
        Distinction.first_id == first_id, Distinction.second_id == second_id
    )
    return db.session.execute(statement).scalar_one_or_none()


def is_merged(member_ids: Iterable[int]) -> bool:
    """Whether any of these members went into another one."""
    statement = select(Merge.id).where(Merge.duplicate_id.in_(list(member_ids)), Merge.undone_at.is_(None))
    return db.session.execute(statement.limit(1)).first() is not None


def has_merged(kept_id: int) -> bool:
    """Whether other rows went into this member."""
    statement = select(Merge.id).where(Merge.kept_id == kept_id, Merge.undone_at.is_(None))
    return db.session.execute(statement.limit(1)).first() is not None


def is_on_duty(member_ids: Iterable[int]) -> bool:
    """Whether any of these members is on duty."""
    statement = select(ServiceRecord.id).where(
        ServiceRecord.member_id.in_(list(member_ids)), ServiceRecord.state == RecordState.OPEN
    )
    return db.session.execute(statement.limit(1)).first() is not None


def find_last_scan_at(member_id: int) -> datetime | None:
    """When the member's last scan that counts was held, or None."""
    return db.session.execute(
        select(func.max(StoredScan.at)).where(StoredScan.member_id == member_id)
    ).scalar_one_or_none()


def list_used_cards(card_ids: Iterable[int]) -> set[int]:
    """Those of these cards that a scan names."""
    statement = select(StoredScan.card_id).where(StoredScan.card_id.in_(list(card_ids))).distinct()
    return {card_id for card_id in db.session.execute(statement).scalars() if card_id is not None}


def list_cards_in_use(member_id: int) -> list[Card]:
    """The member's active and lost cards, oldest first."""
    statement = select(Card).where(
        Card.member_id == member_id, Card.state.in_([CardState.ACTIVE, CardState.LOST])
    )
    return list(db.session.execute(statement.order_by(Card.id)).scalars())


@dataclass
class Candidates:
    """Two members who may be the same person, and why."""

    first_no: str
    second_no: str
    name: str
    unit_name: str | None = None
    is_same_ending: bool = False


def list_candidates(scope: Iterable[int], *, limit: int = 100) -> list[Candidates]:
    """Pairs of members within these teams who may be the same person, each pair once.

    The same name in the same unit, or with a telephone that ends alike. (An equal ID number
    cannot stand twice.) Left out: what was merged, and who somebody has told apart.
    """
    apart = {(row.first_id, row.second_id) for row in db.session.execute(_APART)}
    found: dict[tuple[int, int], Candidates] = {}
    for by in (Member.unit_id, MemberContact.ending):
        for first, second in _pairs(db.session.execute(_alike(scope, by)).all()):
            if (first.id, second.id) in apart:
                continue
            new = Candidates(first.volunteer_no, second.volunteer_no, first.name)
            pair = found.setdefault((first.id, second.id), new)
            if by is Member.unit_id:
                pair.unit_name = first.unit_name
            else:
                pair.is_same_ending = True
    return sorted(found.values(), key=lambda pair: (pair.name, pair.first_no, pair.second_no))[:limit]


_APART = select(Distinction.first_id, Distinction.second_id)
# More alike than anybody looks through at once.
_MOST_ALIKE = 1000


def _alike(scope: Iterable[int], by: Any) -> Select[Any]:
    """Members who share their name and ``by`` with another one; who is alike stands together, by id."""
    merged = select(Merge.duplicate_id).where(Merge.undone_at.is_(None))
    chosen = [Member.team_id.in_(list(scope)), by.is_not(None), Member.id.not_in(merged)]
    shared = select(Member.name, by.label("by"))
    members = select(
        Member.id, Member.volunteer_no, Member.name, Unit.name.label("unit_name"), by.label("by")
    ).outerjoin(Unit, Unit.id == Member.unit_id)
    if by is MemberContact.ending:
        owned = MemberContact.member_id == Member.id
        shared, members = shared.join(MemberContact, owned), members.join(MemberContact, owned)
    groups = shared.where(*chosen).group_by(Member.name, by)
    several = groups.having(func.count(Member.id.distinct()) > 1).subquery()
    return (
        members.join(several, and_(several.c.name == Member.name, several.c.by == by))
        .where(*chosen)
        .order_by(Member.name, by, Member.id)
        .limit(_MOST_ALIKE)
    )


def _pairs(rows: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for _, alike in groupby(rows, key=lambda row: (row.name, row.by)):
        once = {row.id: row for row in alike}
        yield from combinations(once.values(), 2)


def get_side(scope: Iterable[int], volunteer_no: str) -> Row[Any]:
    """One of two members to compare: with team, unit, and the sums of cards and records."""
    hours = select(func.coalesce(func.sum(ServiceRecord.minutes), 0)).where(
        ServiceRecord.member_id == Member.id, ServiceRecord.state != RecordState.SUPERSEDED
    )
    declared = hours.where(ServiceRecord.correction_id.is_not(None))
    records = select(func.count(ServiceRecord.id)).where(
        ServiceRecord.member_id == Member.id, ServiceRecord.state != RecordState.SUPERSEDED
    )
    cards = select(func.count(Card.id)).where(
        Card.member_id == Member.id, Card.state.in_([CardState.ACTIVE, CardState.LOST])
    )
    endings = select(func.min(MemberContact.ending)).where(MemberContact.member_id == Member.id)
    statement = (
        select(
            Member,
            # What tells two people apart, as plain columns.
            Member.name,
            Member.national_id_hash,
            Person.born_on,
            Team.name.label("team_name"),
            Unit.name.label("unit_name"),
            STANDING,
            hours.scalar_subquery().label("minutes"),
            declared.scalar_subquery().label("declared_minutes"),
            records.scalar_subquery().label("records"),
            cards.scalar_subquery().label("cards"),
            endings.scalar_subquery().label("ending"),
        )
        .join(Team, Team.id == Member.team_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .outerjoin(Person, Person.member_id == Member.id)
        .where(Member.volunteer_no == volunteer_no, Member.team_id.in_(list(scope)))
    )
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise MemberUnknown(volunteer_no=volunteer_no)
    return row
