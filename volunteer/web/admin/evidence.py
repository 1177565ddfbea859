"""Evidence files: taken in with a form, and opened by who may see everybody they are about."""

from collections.abc import Iterable

from flask import Response, flash, g
from flask_babel import gettext as _

from volunteer.domain.access_log import AccessKind
from volunteer.domain.roles import Capability
from volunteer.queries.evidence import get_evidence_in, list_proved_ids
from volunteer.services.access_log import note_access
from volunteer.services.evidence import Proved, keep_evidence
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.evidence import evidence_folder, send_evidence, uploaded_evidence

__all__ = ["attach", "evidence", "uploaded_evidence"]


@admin.get("/training/evidence/<int:evidence_id>")
@needs(Capability.READ_TRAINING)
def evidence(evidence_id: int) -> Response:
    """One evidence file as a download; logged before it leaves."""
    response = send_evidence(get_evidence_in(g.scope, evidence_id))
    about = list_proved_ids(evidence_id)
    note_access(g.admin, AccessKind.VIEWED_FILE, about, f"evidence {evidence_id}", now())
    return response


def attach(file: tuple[bytes, str] | None, entries: Iterable[Proved]) -> None:
    """Keep the file as evidence of these entries; where there are none, say that it was not kept."""
    chosen = list(entries)
    if file is None:
        return
    if not chosen:
        flash(_("没有新登记的内容，证明文件没有保存。"))
    else:
        keep_evidence(evidence_folder(), file[0], file[1], chosen, g.admin.id, now())
