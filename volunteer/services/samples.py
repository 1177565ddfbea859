"""Auditors draw entries of the ledger at random, look into each, and finish with a protocol."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from volunteer.db import db, transaction
from volunteer.domain.audit import SampleResult
from volunteer.domain.samples import (
    NothingToDraw,
    SampleFinished,
    SampleUnchecked,
    clean_conclusion,
    clean_note,
    draw,
)
from volunteer.models.audit import AuditSample, AuditSampleEntry
from volunteer.queries.samples import (
    count_unchecked,
    find_last_entry,
    get_drawn,
    list_population,
    lock_sample,
)
from volunteer.queries.teams import get_team_in, list_subtree_ids


@dataclass(frozen=True)
class Auditor:
    """Who looks into it, within which teams, and when."""

    admin_id: int
    scope: frozenset[int]
    now: datetime


def draw_sample(team_code: str, first_on: date, last_on: date, size: int, auditor: Auditor) -> AuditSample:
    """Draw so many credits of the team and those below it, served in these days.

    The seed is random and kept, and so is every draw: who draws again until it pleases is seen.
    """
    seed = secrets.token_hex(32)
    with transaction():
        team = get_team_in(auditor.scope, team_code)
        team_ids = sorted(set(list_subtree_ids(team.id)) & auditor.scope)
        last_entry = find_last_entry()
        population = list_population(team_ids, first_on, last_on, last_entry)
        if not population:
            raise NothingToDraw()
        sample = AuditSample(
            drawn_at=auditor.now,
            drawn_by_id=auditor.admin_id,
            team_id=team.id,
            first_on=first_on,
            last_on=last_on,
            seed=seed,
            team_ids=team_ids,
            last_entry=last_entry,
            population=len(population),
        )
        db.session.add(sample)
        db.session.flush()
        drawn = draw(seed, population, size)
        db.session.add_all(AuditSampleEntry(sample_id=sample.id, entry_number=number) for number in drawn)
    return sample


def note_result(sample_id: int, number: int, result: SampleResult, note: str, auditor: Auditor) -> None:
    """Write down what was found about one drawn entry; it can be changed until the sample is finished."""
    note = clean_note(result, note)
    with transaction():
        if lock_sample(auditor.scope, sample_id).finished_at is not None:
            raise SampleFinished()
        drawn = get_drawn(sample_id, number)
        drawn.result, drawn.note = result, note
        drawn.checked_at, drawn.checked_by_id = auditor.now, auditor.admin_id


def finish_sample(sample_id: int, conclusion: str, auditor: Auditor) -> None:
    """End the protocol with a conclusion; nothing in it changes any more."""
    conclusion = clean_conclusion(conclusion)
    with transaction():
        sample = lock_sample(auditor.scope, sample_id)
        if sample.finished_at is not None:
            raise SampleFinished()
        if unchecked := count_unchecked(sample_id):
            raise SampleUnchecked(count=unchecked)
        sample.finished_at, sample.conclusion = auditor.now, conclusion
