"""Paper sheets: all their rows are entered together, or none; a second person approves them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from volunteer.db import db, transaction
from volunteer.domain.correction_refusals import RowsWrong, SheetEmpty
from volunteer.domain.corrections import CorrectionKind, due_day
from volunteer.domain.ledger import Proof
from volunteer.domain.paper_sheets import ReadRow, SheetRow, plain_name, read_rows
from volunteer.domain.proposals import ProposalState, require_other_person
from volunteer.domain.refusals import Refusal
from volunteer.domain.wishes import Desk, Facts, Wish, judge
from volunteer.models.corrections import Correction, PaperSheet
from volunteer.models.members import Admin
from volunteer.queries.members import lock_members
from volunteer.queries.paper_sheets import list_named
from volunteer.queries.settlements import list_persons
from volunteer.queries.wishes import read_facts


@dataclass(frozen=True)
class Sheet:
    """What the sheet is about: a day at a station, perhaps an activity. ``reason`` stands with every row."""

    station_id: int
    served_on: date
    activity_id: int | None
    reason: str


def enter_sheet(sheet: Sheet, rows: Sequence[SheetRow], desk: Desk) -> tuple[PaperSheet, list[Correction]]:
    """Enter every row as a proposal of its own; where any is wrong, none is kept (``RowsWrong``)."""
    is_leader = sheet.station_id in desk.station_ids
    texts = {plain_name(row.who) for row in rows if not row.is_empty}
    with transaction():
        known = list_named(desk.team_ids, texts, is_leader=is_leader)
        good, problems = read_rows(rows, known, sheet.served_on, desk.zone)
        if not good and not problems:
            raise SheetEmpty()
        admin = db.session.get_one(Admin, desk.admin_id, populate_existing=True)
        own = [admin.member_id] if admin.member_id is not None else []
        persons = list_persons([row.member_id for row in good] + own)
        lock_members(persons)
        enterer = persons[admin.member_id] if admin.member_id is not None else None
        wishes = {row.number: _wish(sheet, row) for row in good}
        facts = read_facts([(row.member_id, wishes[row.number]) for row in good])
        made = []
        for row in good:
            try:
                require_other_person(enterer, persons[row.member_id])
                made.append(_enter(row, wishes[row.number], persons[row.member_id], facts, desk))
            except Refusal as problem:
                problems[row.number] = problem
        if problems:
            raise RowsWrong(problems)
        kept = _keep(sheet, desk)
        for correction in made:
            correction.sheet_id, correction.entered_by_id = kept.id, admin.id
            correction.entered_person_id = enterer
        db.session.info["reason"] = sheet.reason
        db.session.add_all(made)
    return kept, made


def _wish(sheet: Sheet, row: ReadRow) -> Wish:
    return Wish(
        CorrectionKind.PAPER, sheet.reason, sheet.station_id, row.starts_at, row.ends_at, sheet.activity_id
    )


def _enter(row: ReadRow, wish: Wish, person: int, facts: Facts, desk: Desk) -> Correction:
    judged = judge(wish, row.member_id, facts, desk.now, desk.zone)
    return Correction(
        kind=wish.kind,
        member_id=person,
        station_id=wish.station_id,
        activity_id=judged.activity_id,
        checked_in_at=wish.checked_in_at,
        checked_out_at=wish.checked_out_at,
        served_on=judged.served_on,
        proof=Proof.PAPER,
        reason=wish.reason,
        asked_by_member=False,
        asked_at=desk.now,
        due_on=due_day(desk.now.astimezone(desk.zone).date(), facts.calendar),
        state=ProposalState.PROPOSED,
        entered_at=desk.now,
        reply="",
    )


def _keep(sheet: Sheet, desk: Desk) -> PaperSheet:
    kept = PaperSheet(
        activity_id=sheet.activity_id,
        station_id=sheet.station_id,
        served_on=sheet.served_on,
        entered_by_id=desk.admin_id,
        entered_at=desk.now,
    )
    db.session.add(kept)
    db.session.flush()
    return kept
