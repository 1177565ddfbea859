"""Evidence files: kept under a random name outside of everything the web serves."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import update

from volunteer.db import db, transaction
from volunteer.domain.evidence import EvidenceUnknown, clean_filename, evidence_type
from volunteer.models.corrections import Correction, PaperSheet
from volunteer.models.training_records import Commendation, EvidenceFile, TrainingRecord

Proved = TrainingRecord | Commendation | Correction | PaperSheet


def keep_evidence(
    folder: Path,
    data: bytes,
    filename: str,
    entries: Iterable[Proved],
    admin_id: int | None,
    now: datetime,
    *,
    member_id: int | None = None,
) -> None:
    """Keep the file that proves these entries; the content says what it is, not its name.

    It was brought in by an admin, or by the member whose entry it is.
    """
    media_type = evidence_type(data)
    ids: dict[type[Proved], list[int]] = {}
    for entry in entries:
        ids.setdefault(type(entry), []).append(entry.id)
    stored_name = secrets.token_hex(16)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / stored_name
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(data)
        os.fsync(file.fileno())
    try:
        with transaction():
            kept = EvidenceFile(
                stored_name=stored_name,
                name=clean_filename(filename, media_type),
                media_type=media_type,
                size=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                uploaded_by_id=admin_id,
                uploaded_by_member_id=member_id,
                uploaded_at=now,
            )
            db.session.add(kept)
            db.session.flush()
            for model, chosen in ids.items():
                statement = update(model).where(model.id.in_(chosen)).values(evidence_id=kept.id)
                db.session.execute(statement)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def read_evidence(folder: Path, kept: EvidenceFile) -> bytes:
    """The bytes as they were kept; refuses a file that is gone or no longer the same."""
    try:
        data = (folder / kept.stored_name).read_bytes()
    except OSError:
        raise EvidenceUnknown() from None
    if hashlib.sha256(data).hexdigest() != kept.sha256:
        raise EvidenceUnknown()
    return data
