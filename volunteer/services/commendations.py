"""Commendations: entered for one member or many, voided when wrong."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime

from volunteer.db import db, transaction
from volunteer.domain.commendations import CommendationFields, CommendationUnknown, check_commendation
from volunteer.models.training_records import Commendation
from volunteer.queries.commendations import list_commended


def add_commendations(
    member_ids: Iterable[int], fields: CommendationFields, admin_id: int, today: date, now: datetime
) -> list[Commendation]:
    """Enter one commendation for these members; who has it already is left out."""
    check_commendation(fields, today)
    wanted = list(member_ids)
    with transaction():
        known = list_commended(wanted, fields.name, fields.granted_on)
        made = [
            Commendation(**asdict(fields), member_id=one, entered_by_id=admin_id, entered_at=now)
            for one in wanted
            if one not in known
        ]
        db.session.add_all(made)
    return made


def void_commendation(commendation_id: int, admin_id: int, now: datetime) -> None:
    """Take an entry back; it stays in the table with who took it back and when."""
    with transaction():
        found = db.session.get(Commendation, commendation_id, populate_existing=True)
        if found is None or found.voided_at is not None:
            raise CommendationUnknown()
        found.voided_at, found.voided_by_id = now, admin_id
