"""The member's training and commendations."""

from flask import Response, g, render_template

from volunteer.domain.access_log import AccessKind
from volunteer.queries.commendations import list_commendations
from volunteer.queries.evidence import get_own_evidence, list_own
from volunteer.queries.training_records import list_training_records
from volunteer.services.access_log import note_access
from volunteer.web.clock import now
from volunteer.web.evidence import send_evidence
from volunteer.web.member import member


@member.get("/training")
def training() -> str:
    """What the member was trained in and commended for."""
    rows, honours = list_training_records(g.member.id), list_commendations(g.member.id)
    return render_template(
        "member/training/page.html",
        rows=rows,
        honours=honours,
        minutes=sum(row.TrainingRecord.learning_minutes for row in rows),
        openable=list_own(g.member.id),
    )


@member.get("/training/evidence/<int:evidence_id>")
def evidence(evidence_id: int) -> Response:
    """An evidence file that is about this member alone; logged before it leaves."""
    response = send_evidence(get_own_evidence(g.member.id, evidence_id))
    note_access(g.member, AccessKind.OWN_DATA, [g.member.id], f"evidence {evidence_id}", now())
    return response
