"""Wishes as they are typed into forms, the same for members and admins."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo

from flask import abort, current_app, request

from volunteer.domain.correction_refusals import StationMissing, TimesMissing
from volunteer.domain.corrections import CorrectionKind
from volunteer.domain.days import EARLIEST, read_day
from volunteer.domain.paper_sheets import read_time, span_on
from volunteer.domain.records import RecordState
from volunteer.domain.wishes import UNFINISHED, Wish
from volunteer.models.corrections import Correction
from volunteer.models.records import ServiceRecord
from volunteer.models.stations import Station
from volunteer.web.forms import typed, typed_id

ONE_DAY = timedelta(days=1)


def list_kinds(record: ServiceRecord | None) -> list[CorrectionKind]:
    """What can be wished for about this record; without one, only a new one."""
    if record is None:
        return [CorrectionKind.MAKEUP_RECORD]
    if record.state in UNFINISHED:
        return [CorrectionKind.CHECK_OUT, CorrectionKind.CORRECTION, CorrectionKind.VOID]
    return [CorrectionKind.CORRECTION, CorrectionKind.VOID] if record.state == RecordState.CLOSED else []


def read_kind(record: ServiceRecord | None) -> CorrectionKind:
    """What was chosen; 400 where the form never offered it."""
    kinds = list_kinds(record)
    wanted = request.form.get("kind", str(kinds[0]) if kinds else "")
    if wanted not in kinds:
        abort(400)
    return CorrectionKind(wanted)


def read_wish(kind: CorrectionKind, record: ServiceRecord | None, stations: Iterable[Station]) -> Wish:
    """The wish as typed; times that were left as shown stay exactly what was recorded."""
    if record is not None and kind is CorrectionKind.VOID:
        return Wish(kind, typed("reason"), record.station_id)
    if record is not None and kind is CorrectionKind.CHECK_OUT:
        return read_check_out(record, typed("left"), typed("reason"))
    station_id, activity_id = typed_id("station"), typed_id("activity")
    if station_id not in {station.id for station in stations}:
        raise StationMissing()
    day, came, left = read_day(typed("day"), EARLIEST), typed("came"), typed("left")
    start, end = span_on(day, came, left, _zone())
    if record is not None:
        start = _exactly(record.checked_in_at, start)
        end = _exactly(record.checked_out_at, end)
    return Wish(kind, typed("reason"), station_id, start, end, activity_id)


def read_check_out(record: ServiceRecord, left: str, reason: str) -> Wish:
    """When somebody left who forgot to check out: the first such time after the check-in."""
    if not left:
        raise TimesMissing()
    came_on = record.checked_in_at.astimezone(_zone()).date()
    end = datetime.combine(came_on, read_time(left), _zone())
    if end <= record.checked_in_at:
        end = datetime.combine(came_on + ONE_DAY, read_time(left), _zone())
    return Wish(
        CorrectionKind.CHECK_OUT, reason, record.station_id, record.checked_in_at, end, record.activity_id
    )


def show_values(record: ServiceRecord | Correction | None, today: date) -> dict[str, object]:
    """What the form shows before anything is typed."""
    if record is None or record.checked_in_at is None:
        return {"day": today.isoformat()}
    start, end = record.checked_in_at.astimezone(_zone()), record.checked_out_at
    is_known = end is not None and getattr(record, "state", "") not in UNFINISHED
    return {
        "day": start.date().isoformat(),
        "came": f"{start:%H:%M}",
        "left": f"{end.astimezone(_zone()):%H:%M}" if end is not None and is_known else "",
        "station": str(record.station_id),
        "activity": str(record.activity_id or ""),
    }


def _exactly(recorded: datetime | None, wished: datetime) -> datetime:
    """The recorded instant where the same minute was typed."""
    if recorded is not None and recorded.astimezone(_zone()).replace(second=0, microsecond=0) == wished:
        return recorded
    return wished


def _zone() -> tzinfo:
    zone: tzinfo = current_app.config["TIMEZONE"]
    return zone
