"""Corrections are asked for by members, entered by admins and leaders, and taken back by who asked."""

from datetime import datetime, tzinfo
from typing import Any

from volunteer.db import db, transaction
from volunteer.domain.correction_refusals import CorrectionDecided, OtherWish, RowUnknown
from volunteer.domain.corrections import WITHOUT_ORIGINAL, CorrectionKind, due_day
from volunteer.domain.ledger import Proof
from volunteer.domain.messages import ASKED, correction_path
from volunteer.domain.paper_sheets import plain_name
from volunteer.domain.proposals import ProposalState, require_other_person
from volunteer.domain.records import snapshot
from volunteer.domain.wishes import (
    Desk,
    Judged,
    Wish,
    clean_reason,
    judge,
    require_correctable,
    require_unchanged,
    wish_of,
)
from volunteer.models.corrections import Correction
from volunteer.models.members import Admin, Member
from volunteer.models.messages import Message
from volunteer.models.records import ServiceRecord
from volunteer.queries.corrections import (
    find_original,
    find_waiting_about,
    get_correction_row,
    get_own_correction_row,
)
from volunteer.queries.members import find_member, lock_members
from volunteer.queries.messages import list_responsible
from volunteer.queries.settlements import list_persons
from volunteer.queries.wishes import get_own_record_row, get_record_row, read_facts


def ask_correction(
    member_id: int, record_id: int | None, wish: Wish, now: datetime, zone: tzinfo
) -> Correction:
    """A member asks for a change of the own record; the admins of the team are told."""
    reason = clean_reason(wish.reason)
    with transaction():
        persons = list_persons([member_id])
        person = persons[member_id]
        lock_members(persons)
        row = get_own_record_row(person, record_id) if record_id is not None else None
        correction = _make(person, row, wish, now, zone)
        correction.reason, correction.proof = reason, Proof.DECLARED
        correction.state, correction.asked_by_member = ProposalState.ASKED, True
        db.session.add(correction)
        db.session.flush()
        _tell_admins(correction, now, zone)
    return correction


def enter_correction(volunteer_no: str, record_id: int | None, wish: Wish, desk: Desk) -> Correction:
    """An admin, or the leader of the station, enters a change for somebody else; another one decides.

    About a record, or (without one) for the member with this number.
    """
    reason = clean_reason(wish.reason)
    with transaction():
        row = get_record_row(desk.team_ids, desk.station_ids, record_id) if record_id is not None else None
        member_id = row.ServiceRecord.member_id if row is not None else _find(volunteer_no).id
        _require_reach(member_id, wish, desk)
        persons = list_persons([member_id])
        person = persons[member_id]
        lock_members(persons)
        if record_id is not None:
            # Read again: it may have changed while the lock was waited for.
            row = get_record_row(desk.team_ids, desk.station_ids, record_id)
        correction = _make(person, row, wish, desk.now, desk.zone)
        correction.reason, correction.proof = reason, _proof(wish, desk)
        correction.state, correction.asked_by_member = ProposalState.PROPOSED, False
        _sign(correction, desk)
        db.session.info["reason"] = reason
        db.session.add(correction)
    return correction


def take_up(correction_id: int, changed: Wish | None, desk: Desk) -> None:
    """An admin enters what a member asked for, perhaps with other times; both stay side by side."""
    with transaction():
        found = get_correction_row(desk.team_ids, desk.station_ids, correction_id).Correction
        lock_members(list_persons([found.member_id]))
        correction = get_correction_row(desk.team_ids, desk.station_ids, correction_id).Correction
        if correction.state != ProposalState.ASKED:
            raise CorrectionDecided()
        record = find_original(correction)
        require_unchanged(correction, record)
        wish = changed or wish_of(correction)
        _require_reach(correction.member_id, wish, desk)
        if correction.kind != CorrectionKind.VOID:
            judged = judge(
                wish,
                correction.member_id,
                read_facts([(correction.member_id, wish)]),
                desk.now,
                desk.zone,
                but_record_id=record.id if record else None,
                but_wish_id=correction.id,
            )
            asked_for = _as_asked(correction)
            _fill(correction, wish, judged)
            if _as_asked(correction) != asked_for:
                correction.asked_for = asked_for
        correction.state = ProposalState.PROPOSED
        correction.proof = _proof(wish, desk)
        _sign(correction, desk)


def withdraw_own(member_id: int, correction_id: int, now: datetime) -> None:
    """The member takes the own wish back while nobody has decided."""
    with transaction():
        found = get_own_correction_row(member_id, correction_id).Correction
        lock_members(list_persons([found.member_id]))
        correction = get_own_correction_row(member_id, correction_id).Correction
        if not correction.asked_by_member:
            raise CorrectionDecided()
        _withdraw(correction, now)


def withdraw_entry(correction_id: int, desk: Desk) -> None:
    """Who entered it takes it back; what a member asked for waits for another admin again."""
    with transaction():
        found = get_correction_row(desk.team_ids, desk.station_ids, correction_id).Correction
        lock_members(list_persons([found.member_id]))
        correction = get_correction_row(desk.team_ids, desk.station_ids, correction_id).Correction
        if correction.entered_by_id != desk.admin_id or correction.state != ProposalState.PROPOSED:
            raise CorrectionDecided()
        if not correction.asked_by_member:
            _withdraw(correction, desk.now)
            return
        if isinstance(correction.asked_for, dict):
            _restore(correction, correction.asked_for)
        correction.state, correction.notice_until_on = ProposalState.ASKED, None
        correction.entered_by_id = correction.entered_person_id = correction.entered_at = None


def _withdraw(correction: Correction, now: datetime) -> None:
    if correction.state not in (ProposalState.ASKED, ProposalState.PROPOSED):
        raise CorrectionDecided()
    correction.state, correction.decided_at = ProposalState.WITHDRAWN, now


def _find(volunteer_no: str) -> Member:
    member = find_member(plain_name(volunteer_no))
    if member is None:
        raise RowUnknown(text=volunteer_no.strip()[:40])
    return member


def _require_reach(member_id: int, wish: Wish, desk: Desk) -> None:
    """Admins enter for the members of their teams; a leader for anybody, at the own stations."""
    member = db.session.get_one(Member, member_id)
    if member.team_id not in desk.team_ids and wish.station_id not in desk.station_ids:
        raise RowUnknown(text=member.volunteer_no)


def _make(person: int, row: Any, wish: Wish, now: datetime, zone: tzinfo) -> Correction:
    """The correction to be, judged; ``row`` is the record it is about with its names."""
    record: ServiceRecord | None = row.ServiceRecord if row is not None else None
    if (wish.kind in WITHOUT_ORIGINAL) is not (record is None):
        raise ValueError(f"{wish.kind} with record {record}")
    if record is not None:
        require_correctable(record, wish)
        if find_waiting_about(record) is not None:
            raise OtherWish()
    today = now.astimezone(zone).date()
    facts = read_facts([(person, wish)])
    correction = Correction(
        kind=wish.kind,
        member_id=person,
        scan_id=record.opening_scan_id if record else None,
        corrects_id=record.correction_id if record else None,
        original=_shown(row) if row is not None else None,
        asked_at=now,
        due_on=due_day(today, facts.calendar),
        reply="",
    )
    if wish.kind is CorrectionKind.VOID and record is not None:
        correction.station_id, correction.served_on = record.station_id, record.served_on
        correction.activity_id = record.activity_id
    else:
        but_id = record.id if record else None
        _fill(correction, wish, judge(wish, person, facts, now, zone, but_record_id=but_id))
    return correction


def _fill(correction: Correction, wish: Wish, judged: Judged) -> None:
    correction.station_id, correction.activity_id = wish.station_id, judged.activity_id
    correction.checked_in_at, correction.checked_out_at = wish.checked_in_at, wish.checked_out_at
    correction.served_on = judged.served_on


def _shown(row: Any) -> dict[str, Any]:
    names = {"station": row.station_name, "activity": row.activity_name}
    return {**snapshot(row.ServiceRecord), **names}


def _as_asked(correction: Correction) -> dict[str, Any]:
    start, end = correction.checked_in_at, correction.checked_out_at
    return {
        "station_id": correction.station_id,
        "activity_id": correction.activity_id,
        "checked_in_at": start.isoformat() if start else None,
        "checked_out_at": end.isoformat() if end else None,
        "served_on": correction.served_on.isoformat() if correction.served_on else None,
    }


def _restore(correction: Correction, asked_for: dict[str, Any]) -> None:
    correction.station_id, correction.activity_id = asked_for["station_id"], asked_for["activity_id"]
    correction.checked_in_at = datetime.fromisoformat(asked_for["checked_in_at"])
    correction.checked_out_at = datetime.fromisoformat(asked_for["checked_out_at"])
    correction.served_on = datetime.fromisoformat(asked_for["served_on"]).date()
    correction.asked_for, correction.proof = None, Proof.DECLARED


def _proof(wish: Wish, desk: Desk) -> Proof:
    return Proof.LEADER if wish.station_id in desk.station_ids else Proof.DECLARED


def _sign(correction: Correction, desk: Desk) -> None:
    """Write down who enters it; refuses whoever enters hours for themselves, or is unknown."""
    admin = db.session.get_one(Admin, desk.admin_id, populate_existing=True)
    wanted = [correction.member_id] + ([admin.member_id] if admin.member_id else [])
    persons = list_persons(wanted)
    person = persons[admin.member_id] if admin.member_id else None
    require_other_person(person, persons[correction.member_id])
    correction.entered_by_id, correction.entered_person_id = admin.id, person
    correction.entered_at = desk.now


def _tell_admins(correction: Correction, now: datetime, zone: tzinfo) -> None:
    member = db.session.get_one(Member, correction.member_id)
    params = {
        "name": member.name,
        "number": member.volunteer_no,
        "day_on": correction.served_on.isoformat() if correction.served_on else "",
    }
    told = list_responsible([member.team_id], now.astimezone(zone).date())[member.team_id]
    db.session.add_all(
        Message(
            key=f"correction:{correction.id}:asked:{admin_id}",
            admin_id=admin_id,
            sentence={"msgid": ASKED, "params": params},
            path=correction_path(correction.id, is_admin=True),
            sent_at=now,
        )
        for admin_id in told
    )
