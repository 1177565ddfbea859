"""Corrections are approved or rejected by a third person; approving changes the records at once."""

from collections.abc import Collection, Mapping
from types import SimpleNamespace
from typing import Any

from volunteer.db import db, transaction
from volunteer.domain.correction_refusals import (
    CorrectionDecided,
    CorrectionUnknown,
    NobodyTicked,
    NoticeRunning,
)
from volunteer.domain.corrections import CorrectionKind
from volunteer.domain.messages import APPROVED, REJECTED, correction_path
from volunteer.domain.proposals import (
    ProposalState,
    SamePerson,
    require_other_person,
    require_three_people,
)
from volunteer.domain.records import RecordState, snapshot
from volunteer.domain.refusals import Refusal
from volunteer.domain.wishes import (
    Desk,
    Facts,
    Judged,
    clean_reason,
    judge,
    require_correctable,
    require_unchanged,
    wish_of,
)
from volunteer.models.corrections import Correction
from volunteer.models.members import Admin, Member
from volunteer.models.messages import Message
from volunteer.models.records import RecordChange, ServiceRecord
from volunteer.queries.corrections import find_original, list_corrections_by_id
from volunteer.queries.members import lock_members
from volunteer.queries.settlements import list_persons
from volunteer.queries.wishes import read_facts


class RowRefused(Exception):
    """Which correction could not be approved, and why; nothing was changed."""

    def __init__(self, correction_id: int, why: Refusal) -> None:
        self.correction_id, self.why = correction_id, why
        super().__init__(str(why))


def approve_correction(correction_id: int, reply: str, desk: Desk) -> None:
    """Take the original out of account and put the declared record in its place, all in one transaction.

    Three different people stand behind it: who enters, who approves, and whose hours they are.
    """
    try:
        approve_corrections([correction_id], reply, desk)
    except RowRefused as refused:
        raise refused.why from None


def approve_corrections(ids: Collection[int], reply: str, desk: Desk) -> None:
    """Approve all of them or none; what stands in the way is told with its correction (``RowRefused``)."""
    if not ids:
        raise NobodyTicked()
    with transaction():
        corrections, persons, approver = _lock(ids, desk)
        db.session.info["reason"] = reply or corrections[0].reason
        facts = read_facts([(one.member_id, wish_of(one)) for one in corrections])
        for correction in corrections:
            try:
                _approve(correction, persons, approver, facts, desk)
            except Refusal as why:
                raise RowRefused(correction.id, why) from why
            _decide(correction, ProposalState.APPROVED, reply, approver, persons, desk)


def reject_correction(correction_id: int, reply: str, desk: Desk) -> None:
    """Turn a wish down with a sentence; the record stays as it is."""
    reply = clean_reason(reply)
    with transaction():
        (correction,), persons, approver = _lock([correction_id], desk)
        if correction.state not in (ProposalState.ASKED, ProposalState.PROPOSED):
            raise CorrectionDecided()
        person = _person(approver, persons)
        require_other_person(person, persons[correction.member_id])
        if correction.entered_person_id is not None:
            require_three_people(persons[correction.entered_person_id], person, persons[correction.member_id])
        db.session.info["reason"] = reply
        _decide(correction, ProposalState.REJECTED, reply, approver, persons, desk)


def _lock(ids: Collection[int], desk: Desk) -> tuple[list[Correction], Mapping[int, int], Admin]:
    """The corrections as they are once nobody else can change them, the persons behind all, who decides."""
    found = list_corrections_by_id(ids)
    lock_members(list_persons(one.member_id for one in found))
    corrections = list_corrections_by_id(ids)
    approver = db.session.get_one(Admin, desk.admin_id, populate_existing=True)
    involved = [one.member_id for one in corrections]
    involved += [one.entered_person_id for one in corrections if one.entered_person_id is not None]
    involved += [approver.member_id] if approver.member_id is not None else []
    members = {one: db.session.get_one(Member, one) for one in {c.member_id for c in corrections}}
    is_within = all(members[one.member_id].team_id in desk.team_ids for one in corrections)
    if len(corrections) != len(set(ids)) or not is_within:
        raise CorrectionUnknown()
    return corrections, list_persons(involved), approver


def _person(admin: Admin, persons: Mapping[int, int]) -> int | None:
    return persons[admin.member_id] if admin.member_id is not None else None


def _approve(
    correction: Correction, persons: Mapping[int, int], approver: Admin, facts: Facts, desk: Desk
) -> None:
    if correction.state != ProposalState.PROPOSED or correction.entered_person_id is None:
        raise CorrectionDecided()
    require_three_people(
        persons[correction.entered_person_id], _person(approver, persons), persons[correction.member_id]
    )
    if correction.entered_by_id == approver.id:
        # The same account, linked to somebody else since.
        raise SamePerson()
    today = desk.now.astimezone(desk.zone).date()
    if correction.notice_until_on is not None and today < correction.notice_until_on:
        raise NoticeRunning(day=correction.notice_until_on.isoformat())
    record, wish = find_original(correction), wish_of(correction)
    require_unchanged(correction, record)
    if record is not None:
        require_correctable(record, wish)
    judged = None
    if wish.kind is not CorrectionKind.VOID:
        judged = judge(
            wish,
            correction.member_id,
            facts,
            desk.now,
            desk.zone,
            but_record_id=record.id if record else None,
            is_final=True,
        )
    if record is not None:
        _void(record, correction, desk)
        person = persons[correction.member_id]
        facts.records[person] = [one for one in facts.records[person] if one.id != record.id]
    if judged is not None:
        _declare(correction, record, judged, facts, persons)


def _void(record: ServiceRecord, correction: Correction, desk: Desk) -> None:
    """The original keeps its times; what it was stays to be seen."""
    before = snapshot(record)
    record.state, record.minutes, record.voided_by_id = RecordState.VOID, 0, correction.id
    record.is_settled = False
    change = RecordChange(record_id=record.id, before=before, after=snapshot(record), changed_at=desk.now)
    db.session.add(change)
    db.session.flush()


def _declare(
    correction: Correction,
    original: ServiceRecord | None,
    judged: Judged,
    facts: Facts,
    persons: Mapping[int, int],
) -> None:
    record = ServiceRecord(
        # On the row it was recorded on: a merge that is taken back takes its hours along.
        member_id=original.member_id if original is not None else correction.member_id,
        station_id=correction.station_id,
        activity_id=judged.activity_id,
        checked_in_at=correction.checked_in_at,
        checked_out_at=correction.checked_out_at,
        limit_at=correction.checked_out_at,
        served_on=judged.served_on,
        minutes=judged.minutes,
        state=RecordState.CLOSED,
        duty_on=judged.duty_on,
        proof=correction.proof,
        is_settled=False,
        correction_id=correction.id,
    )
    db.session.add(record)
    db.session.flush()
    correction.activity_id = judged.activity_id
    # What is approved next in the same press must leave room for this one.
    facts.records[persons[correction.member_id]].append(
        SimpleNamespace(
            id=record.id,
            checked_in_at=record.checked_in_at,
            checked_out_at=record.checked_out_at,
            limit_at=record.limit_at,
            station_name="",
        )
    )


def _decide(
    correction: Correction,
    state: ProposalState,
    reply: str,
    approver: Admin,
    persons: Mapping[int, int],
    desk: Desk,
) -> None:
    correction.state, correction.reply = state, reply
    correction.decided_by_id, correction.decided_person_id = approver.id, _person(approver, persons)
    correction.decided_at = desk.now
    params: dict[str, Any] = {
        "day_on": correction.served_on.isoformat() if correction.served_on else "",
        "reply": reply,
    }
    db.session.add(
        Message(
            key=f"correction:{correction.id}:decided",
            member_id=correction.member_id,
            sentence={
                "msgid": APPROVED if state is ProposalState.APPROVED else REJECTED,
                "params": params,
            },
            path=correction_path(correction.id, is_admin=False),
            sent_at=desk.now,
        )
    )
