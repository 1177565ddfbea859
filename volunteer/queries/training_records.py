"""Training records and commendations of members, and who was at a training without a record yet."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, case, exists, func, or_, select

from volunteer.db import db
from volunteer.domain.records import GONE, RecordState
from volunteer.domain.training_records import TrainingFields, TrainingRecordUnknown
from volunteer.models.activities import Activity
from volunteer.models.members import Member
from volunteer.models.records import ServiceRecord
from volunteer.models.teams import Team
from volunteer.models.training_records import EvidenceFile, TrainingRecord
from volunteer.queries.attendances import person_of
from volunteer.queries.merges import PERSONS, list_group_ids
from volunteer.queries.settlements import list_persons

_WITH_MEMBER: Any = (
    select(
        TrainingRecord,
        Member.name.label("member_name"),
        Member.volunteer_no,
        Team.name.label("team_name"),
        EvidenceFile.name.label("evidence_name"),
    )
    .join(Member, Member.id == TrainingRecord.member_id)
    .join(Team, Team.id == Member.team_id)
    .outerjoin(EvidenceFile, EvidenceFile.id == TrainingRecord.evidence_id)
    .where(TrainingRecord.voided_at.is_(None))
)


def has_training(member_id: int, name: str) -> bool:
    """Whether the member, or a row merged with it, went through the training of this name."""
    statement = select(TrainingRecord.id).where(
        TrainingRecord.member_id.in_(list_group_ids(member_id)),
        TrainingRecord.name == name,
        TrainingRecord.voided_at.is_(None),
    )
    return db.session.execute(statement.limit(1)).first() is not None


def list_training_names(scope: Iterable[int], limit: int = 100) -> list[str]:
    """What trainings that members of these teams went through are called, the latest first."""
    statement = (
        select(TrainingRecord.name)
        .join(Member, Member.id == TrainingRecord.member_id)
        .where(Member.team_id.in_(list(scope)), TrainingRecord.voided_at.is_(None))
        .group_by(TrainingRecord.name)
        .order_by(func.max(TrainingRecord.held_on).desc(), TrainingRecord.name)
    )
    return list(db.session.execute(statement.limit(limit)).scalars())


def is_anybody_trained(scope: Iterable[int], name: str) -> bool:
    """Whether any member of these teams went through the training of this name."""
    statement = (
        select(TrainingRecord.id)
        .join(Member, Member.id == TrainingRecord.member_id)
        .where(
            TrainingRecord.name == name,
            TrainingRecord.voided_at.is_(None),
            Member.team_id.in_(list(scope)),
        )
    )
    return db.session.execute(statement.limit(1)).first() is not None


def search_training_records(
    scope: Iterable[int], text: str, *, offset: int = 0, limit: int = 50
) -> tuple[int, list[Row[Any]]]:
    """How many training records members of these teams have that fit ``text``, and a page, newest first."""
    statement = _WITH_MEMBER.where(Member.team_id.in_(list(scope)))
    if text:
        statement = statement.where(
            TrainingRecord.name.contains(text, autoescape=True)
            | Member.name.contains(text, autoescape=True)
            | Member.volunteer_no.contains(text.upper(), autoescape=True)
        )
    count = db.session.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    page = statement.order_by(TrainingRecord.held_on.desc(), TrainingRecord.id.desc())
    return count, list(db.session.execute(page.offset(offset).limit(limit)))


def list_training_records(member_id: int) -> list[Row[Any]]:
    """A member's training records in force, newest first, with their evidence; merged rows count."""
    statement = _WITH_MEMBER.where(TrainingRecord.member_id.in_(list_group_ids(member_id)))
    return list(
        db.session.execute(statement.order_by(TrainingRecord.held_on.desc(), TrainingRecord.id.desc()))
    )


def get_training_row(scope: Iterable[int], record_id: int) -> Row[Any]:
    """The training record of a member of these teams; refuses where there is none."""
    statement = _WITH_MEMBER.where(TrainingRecord.id == record_id, Member.team_id.in_(list(scope)))
    row: Row[Any] | None = db.session.execute(statement).one_or_none()
    if row is None:
        raise TrainingRecordUnknown()
    return row


def list_members_by_no(scope: Iterable[int], numbers: Iterable[str]) -> dict[str, Row[Any]]:
    """The members of these teams by volunteer number, with id and name; unknown numbers are left out."""
    statement: Any = select(Member.id, Member.name, Member.volunteer_no).where(
        Member.volunteer_no.in_(list(numbers)), Member.team_id.in_(list(scope))
    )
    return {row.volunteer_no: row for row in db.session.execute(statement)}


def list_recorded(member_ids: Iterable[int], name: str, held_on: date) -> set[int]:
    """Those of the members who have a record of this training on this day already."""
    statement = select(TrainingRecord.member_id).where(
        TrainingRecord.member_id.in_(list(member_ids)),
        TrainingRecord.name == name,
        TrainingRecord.held_on == held_on,
        TrainingRecord.voided_at.is_(None),
    )
    return set(db.session.execute(statement).scalars())


def list_recorded_fields(
    member_ids: Iterable[int], names: Iterable[str], days: Iterable[date]
) -> dict[tuple[int, str, date], TrainingFields]:
    """What these members have on record of trainings with these names on these days; merged rows count."""
    persons = list_persons(member_ids)
    rows: dict[int, list[int]] = defaultdict(list)
    for member_id, person_id in persons.items():
        rows[person_id].append(member_id)
    statement = select(TrainingRecord).where(
        TrainingRecord.member_id.in_(persons),
        TrainingRecord.name.in_(list(names)),
        TrainingRecord.held_on.in_(list(days)),
        TrainingRecord.voided_at.is_(None),
    )
    return {
        (member_id, one.name, one.held_on): TrainingFields(
            one.name, one.content, one.learning_minutes, one.organiser, one.held_on
        )
        for one in db.session.execute(statement).scalars()
        for member_id in rows[persons[one.member_id]]
    }


def lock_training_records(record_ids: Iterable[int]) -> dict[int, TrainingRecord]:
    """These records by id, read again and locked to the end of the transaction."""
    statement = select(TrainingRecord).where(TrainingRecord.id.in_(list(record_ids)))
    locked = statement.order_by(TrainingRecord.id).with_for_update()
    found = db.session.execute(locked.execution_options(populate_existing=True)).scalars()
    return {one.id: one for one in found}


def list_training_words(scope: Iterable[int]) -> tuple[list[str], list[str]]:
    """What trainings of members of these teams were called, and who organised them; the newest first."""
    scope = list(scope)
    return list_training_names(scope), words_of(scope, TrainingRecord, TrainingRecord.organiser)


def words_of(scope: Iterable[int], model: Any, column: Any, most: int = 200) -> list[str]:
    """The different texts in a column of entries in force about members of these teams, the newest first."""
    statement = (
        select(column)
        .join(Member, Member.id == model.member_id)
        .where(Member.team_id.in_(list(scope)), model.voided_at.is_(None))
        .group_by(column)
        .order_by(func.max(model.id).desc())
        .limit(most)
    )
    return list(db.session.execute(statement).scalars())


_OWN = PERSONS.alias("own")
_PERSON = func.coalesce(_OWN.c.person_id, ServiceRecord.member_id)


def _present(scope: Iterable[int], *columns: Any) -> Select[Any]:
    """Records of trainings of persons of these teams without a training record of it; merged rows are one."""
    is_recorded = exists().where(
        TrainingRecord.activity_id == Activity.id,
        TrainingRecord.voided_at.is_(None),
        person_of(TrainingRecord.member_id) == Member.id,
    )
    return (
        select(*columns)
        .select_from(ServiceRecord)
        .join(Activity, Activity.id == ServiceRecord.activity_id)
        .outerjoin(_OWN, _OWN.c.member_id == ServiceRecord.member_id)
        .join(Member, Member.id == _PERSON)
        .where(ServiceRecord.state.not_in(GONE), Member.team_id.in_(list(scope)), ~is_recorded)
    )


def list_attendance(scope: Iterable[int], activity_id: int, now: datetime) -> list[Row[Any]]:
    """The members of these teams who checked in at a training activity and have no record of it yet.

    Each with whether it ``is_finished`` for them: they checked out last, or the activity is over.
    A person stands there once, as the kept row, whichever merged rows came.
    """
    has_left = or_(ServiceRecord.state == RecordState.CLOSED, Activity.ends_at <= now)
    is_there = and_(ServiceRecord.state == RecordState.OPEN, Activity.ends_at > now)
    checked_in_at = func.min(ServiceRecord.checked_in_at).label("checked_in_at")
    # Who came back after a break is still there.
    is_finished = func.max(case((has_left, 1), else_=0)) > func.max(case((is_there, 1), else_=0))
    statement = (
        _present(
            scope,
            Member.id,
            Member.name,
            Member.volunteer_no,
            checked_in_at,
            is_finished.label("is_finished"),
        )
        .where(Activity.id == activity_id)
        .group_by(Member.id, Member.name, Member.volunteer_no)
        .order_by(Member.volunteer_no)
    )
    return list(db.session.execute(statement))


def list_training_activities(scope: Iterable[int], now: datetime, *, is_brigade: bool) -> list[Row[Any]]:
    """These teams' trainings that have begun and where somebody checked in without having a record yet."""
    organised = Activity.team_id.in_(list(scope))
    statement = (
        _present(scope, Activity, func.count(Member.id.distinct()).label("people"))
        .where(
            Activity.is_training,
            Activity.starts_at <= now,
            organised | Activity.team_id.is_(None) if is_brigade else organised,
        )
        .group_by(Activity.id)
        .order_by(Activity.starts_at.desc())
    )
    return list(db.session.execute(statement))
