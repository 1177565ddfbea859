"""Evidence files as downloads: never shown inside a page of ours."""

from pathlib import Path

from flask import Response, current_app, request

from volunteer.domain.evidence import evidence_type
from volunteer.models.training_records import EvidenceFile
from volunteer.services.evidence import read_evidence
from volunteer.web.downloads import attachment


def evidence_folder() -> Path:
    """Where the files lie: beside the database, outside of everything the web serves."""
    return Path(current_app.config.get("EVIDENCE_FOLDER") or Path(current_app.instance_path) / "evidence")


def uploaded_evidence() -> tuple[bytes, str] | None:
    """The file that came with the form, or None; refuses what may not be kept before anything is done."""
    file = request.files.get("evidence")
    if file is None or not file.filename:
        return None
    data = file.stream.read()
    file.close()
    evidence_type(data)
    return data, file.filename


def send_evidence(kept: EvidenceFile) -> Response:
    """The file under the name it was given, to be saved and not opened here."""
    headers = {"Cache-Control": "no-store", "Content-Disposition": attachment(kept.name)}
    return Response(read_evidence(evidence_folder(), kept), mimetype=kept.media_type, headers=headers)
