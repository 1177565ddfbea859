"""What happens by itself, and whether it does."""

from flask import current_app, render_template

from volunteer.domain.roles import Capability
from volunteer.queries.jobs import list_job_states
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now


@admin.get("/jobs")
@needs(Capability.READ_JOBS)
def jobs() -> str:
    """Every job with its last and next run and its last error."""
    asked_at = now()
    states = list_job_states(asked_at, current_app.config["TIMEZONE"])
    return render_template("admin/jobs.html", states=states, now=asked_at)
