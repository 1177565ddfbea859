"""Evidence files, each only for those who may see everybody it is about."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, exists, or_, select

from volunteer.db import db
from volunteer.domain.evidence import EvidenceUnknown
from volunteer.models.corrections import Correction
from volunteer.models.members import Member
from volunteer.models.training_records import Commendation, EvidenceFile, TrainingRecord
from volunteer.queries.merges import list_group_ids

_MODELS = (TrainingRecord, Commendation, Correction)


def get_evidence_in(scope: Iterable[int], evidence_id: int) -> EvidenceFile:
    """The file, where all members it is about belong to these teams; refuses otherwise."""
    outsiders = Member.team_id.not_in(list(scope))
    is_foreign = [
        exists().where(model.evidence_id == EvidenceFile.id, model.member_id == Member.id, outsiders)
        for model in _MODELS
    ]
    statement = select(EvidenceFile).where(EvidenceFile.id == evidence_id, *(~one for one in is_foreign))
    return _one(statement)


def get_proof_in(scope: Iterable[int], evidence_id: int, admin_id: int) -> EvidenceFile:
    """The file as above, or one that this admin brought in; refuses otherwise."""
    own = select(EvidenceFile).where(EvidenceFile.id == evidence_id, EvidenceFile.uploaded_by_id == admin_id)
    found: EvidenceFile | None = db.session.execute(own).scalar_one_or_none()
    return found or get_evidence_in(scope, evidence_id)


def get_own_evidence(member_id: int, evidence_id: int) -> EvidenceFile:
    """The file, where it is about this person and nobody else, merged rows included; refuses otherwise."""
    return _one(about_only(list_group_ids(member_id)).where(EvidenceFile.id == evidence_id))


def list_own(member_id: int) -> set[int]:
    """The files that are about this person and nobody else, merged rows included."""
    statement = about_only(list_group_ids(member_id)).with_only_columns(EvidenceFile.id)
    return set(db.session.execute(statement).scalars())


def list_proved_ids(evidence_id: int) -> list[int]:
    """The ids of the members whom the file is about."""
    found = {
        member_id
        for model in _MODELS
        for member_id in db.session.execute(
            select(model.member_id).where(model.evidence_id == evidence_id)
        ).scalars()
    }
    return sorted(found)


def list_openable(scope: Iterable[int], evidence_ids: Iterable[int]) -> set[int]:
    """Those of the files that an admin of these teams may open."""
    wanted, foreign = list(evidence_ids), set[int]()
    for model in _MODELS:
        statement = (
            select(model.evidence_id)
            .join(Member, Member.id == model.member_id)
            .where(model.evidence_id.in_(wanted), Member.team_id.not_in(list(scope)))
        )
        foreign.update(one for one in db.session.execute(statement).scalars() if one is not None)
    return set(wanted) - foreign


def about_only(member_ids: Iterable[int]) -> Select[Any]:
    """The files that are about these members and nobody else."""
    ids = list(member_ids)
    is_about, is_about_others = (
        or_(*(exists().where(model.evidence_id == EvidenceFile.id, whose) for model, whose in chosen))
        for chosen in (
            [(model, model.member_id.in_(ids)) for model in _MODELS],
            [(model, model.member_id.not_in(ids)) for model in _MODELS],
        )
    )
    return select(EvidenceFile).where(is_about, ~is_about_others)


def _one(statement: Select[Any]) -> EvidenceFile:
    found: EvidenceFile | None = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise EvidenceUnknown()
    return found
