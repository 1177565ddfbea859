"""Corrections within an admin's scope, a member's own, and the records they are about."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from volunteer.db import db
from volunteer.domain.correction_refusals import CorrectionUnknown
from volunteer.domain.corrections import (
    NO_NOTICE,
    NOTICE_DAYS_SETTING,
    OLDEST_YEARS,
    OLDEST_YEARS_SETTING,
)
from volunteer.domain.proposals import ProposalState
from volunteer.models.activities import Activity
from volunteer.models.corrections import Correction
from volunteer.models.duty_days import Setting
from volunteer.models.members import Admin, Member
from volunteer.models.records import RecordChange, ServiceRecord
from volunteer.models.stations import Station
from volunteer.models.teams import Team
from volunteer.queries.merges import list_group_ids

WAITING = (ProposalState.ASKED, ProposalState.PROPOSED)
_Enterer, _Decider = aliased(Admin), aliased(Admin)


@dataclass(frozen=True)
class Chosen:
    """Which corrections a list shows; ``late_on`` leaves those due before that day."""

    states: Sequence[str] = WAITING
    kind: str | None = None
    late_on: date | None = None


def find_oldest_years() -> int:
    """How many years back a wish may reach."""
    return _find_number(OLDEST_YEARS_SETTING, OLDEST_YEARS)


def find_notice_days() -> int:
    """How many days a wish is on notice; 0 where the brigade does not use notices."""
    return _find_number(NOTICE_DAYS_SETTING, NO_NOTICE)


def _find_number(name: str, default: int) -> int:
    setting = db.session.get(Setting, name, populate_existing=True)
    return int(setting.value) if setting else default


def lies_in(team_ids: Iterable[int], station_ids: Iterable[int]) -> ColumnElement[bool]:
    """Corrections for members of these teams, and those at the stations led by the admin."""
    return or_(Member.team_id.in_(list(team_ids)), Correction.station_id.in_(list(station_ids)))


def _rows() -> Select[Any]:
    columns: Any = select(
        Correction,
        Member.name,
        Member.volunteer_no,
        Member.team_id,
        Member.unit_id,
        Team.name.label("team_name"),
        Station.name.label("station_name"),
        Station.code.label("station_code"),
        Activity.name.label("activity_name"),
        _Enterer.name.label("enterer_name"),
        _Decider.name.label("decider_name"),
    )
    statement: Select[Any] = (
        columns.join(Member, Member.id == Correction.member_id)
        .join(Team, Team.id == Member.team_id)
        .outerjoin(Station, Station.id == Correction.station_id)
        .outerjoin(Activity, Activity.id == Correction.activity_id)
        .outerjoin(_Enterer, _Enterer.id == Correction.entered_by_id)
        .outerjoin(_Decider, _Decider.id == Correction.decided_by_id)
    )
    return statement


def list_corrections(
    team_ids: Iterable[int],
    station_ids: Iterable[int],
    chosen: Chosen,
    *,
    offset: int = 0,
    limit: int = 50,
) -> tuple[int, list[Row[Any]]]:
    """How many such corrections there are, and a page: waiting ones by urgency, decided ones newest first."""
    where = [lies_in(team_ids, station_ids), Correction.state.in_(list(chosen.states))]
    if chosen.kind:
        where.append(Correction.kind == chosen.kind)
    if chosen.late_on:
        where += [Correction.due_on < chosen.late_on, Correction.state.in_(WAITING)]
    count = select(func.count(Correction.id)).join(Member, Member.id == Correction.member_id).where(*where)
    is_decided = Correction.decided_at.is_not(None)
    page = (
        _rows()
        .where(*where)
        .order_by(
            is_decided,
            Correction.decided_at.desc(),
            Correction.due_on.is_(None),
            Correction.due_on,
            Correction.asked_at,
            Correction.id,
        )
        .offset(offset)
        .limit(limit)
    )
    return db.session.execute(count).scalar_one(), list(db.session.execute(page))


def count_waiting_corrections(team_ids: Iterable[int], station_ids: Iterable[int]) -> int:
    """How many wishes of these members, or at these stations, wait for somebody."""
    statement = (
        select(func.count(Correction.id))
        .join(Member, Member.id == Correction.member_id)
        .where(lies_in(team_ids, station_ids), Correction.state.in_(WAITING))
    )
    return db.session.execute(statement).scalar_one()


def get_correction_row(team_ids: Iterable[int], station_ids: Iterable[int], correction_id: int) -> Row[Any]:
    """One correction with the names around it; refuses what does not lie in the scope."""
    return _one(_rows().where(Correction.id == correction_id, lies_in(team_ids, station_ids)))


def list_sheet_rows(team_ids: Iterable[int], station_ids: Iterable[int], sheet_id: int) -> list[Row[Any]]:
    """The corrections of one paper sheet within the scope, in the order they were entered."""
    statement = _rows().where(Correction.sheet_id == sheet_id, lies_in(team_ids, station_ids))
    return list(db.session.execute(statement.order_by(Correction.id)))


def list_own_corrections(member_id: int) -> list[Row[Any]]:
    """Everything that was asked for or entered for this person, the newest first."""
    statement = _rows().where(Correction.member_id.in_(list_group_ids(member_id)))
    return list(db.session.execute(statement.order_by(Correction.id.desc())))


def get_own_correction_row(member_id: int, correction_id: int) -> Row[Any]:
    """One correction about this person; refuses another's."""
    ids = list_group_ids(member_id)
    return _one(_rows().where(Correction.id == correction_id, Correction.member_id.in_(ids)))


def _one(statement: Select[Any]) -> Row[Any]:
    row = db.session.execute(statement.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise CorrectionUnknown()
    return row


def list_corrections_by_id(ids: Collection[int]) -> list[Correction]:
    """These corrections as they are now, in order."""
    statement = select(Correction).where(Correction.id.in_(list(ids))).order_by(Correction.id)
    return list(db.session.execute(statement.execution_options(populate_existing=True)).scalars())


def list_related(correction: Correction) -> list[Row[Any]]:
    """What else was ever wished for about the same record, the oldest first."""
    about = [Correction.corrects_id == correction.id]
    if correction.scan_id is not None:
        about.append(Correction.scan_id == correction.scan_id)
    if correction.corrects_id is not None:
        about += [Correction.id == correction.corrects_id, Correction.corrects_id == correction.corrects_id]
    statement = _rows().where(or_(*about), Correction.id != correction.id).order_by(Correction.id)
    return list(db.session.execute(statement))


def find_original(correction: Correction) -> ServiceRecord | None:
    """The record that the correction is about, as it is now; None for one that makes a new record."""
    if correction.scan_id is not None:
        where = ServiceRecord.opening_scan_id == correction.scan_id
    elif correction.corrects_id is not None:
        where = ServiceRecord.correction_id == correction.corrects_id
    else:
        return None
    statement = select(ServiceRecord).where(where).execution_options(populate_existing=True)
    return db.session.execute(statement).scalar_one_or_none()


def list_record_changes(record_id: int) -> list[RecordChange]:
    """How the record came to be what it is, the oldest change first."""
    statement = select(RecordChange).where(RecordChange.record_id == record_id).order_by(RecordChange.id)
    return list(db.session.execute(statement).scalars())


def find_waiting_about(record: ServiceRecord) -> int | None:
    """The id of the wish about this record that waits, or None."""
    is_about = (
        Correction.scan_id == record.opening_scan_id
        if record.opening_scan_id is not None
        else Correction.corrects_id == record.correction_id
    )
    statement = select(Correction.id).where(and_(is_about, Correction.state.in_(WAITING)))
    return db.session.execute(statement).scalar_one_or_none()
