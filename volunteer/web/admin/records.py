"""Service records of the admin's members."""

from datetime import date

from flask import abort, g, render_template, request

from volunteer.domain.ledger import Measure
from volunteer.domain.records import RecordState
from volunteer.domain.roles import Capability
from volunteer.queries.records import list_team_records
from volunteer.queries.unsettled import list_standings
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.clock import now
from volunteer.web.forms import asked_number

PAGE_SIZE = 50
SHOWN = [state for state in RecordState if state is not RecordState.SUPERSEDED]


@admin.get("/records")
@needs(Capability.READ_RECORDS)
def records() -> str:
    """Records by day, state, measure, and whether they are settled; newest first."""
    try:
        day = date.fromisoformat(request.args["day"]) if request.args.get("day") else None
        states = [RecordState(state) for state in request.args.getlist("state") if state]
        measure = Measure(request.args["measure"]) if request.args.get("measure") else None
    except ValueError:
        abort(400)
    page, settled = asked_number("page", 1), request.args.get("settled", "")
    count, rows = list_team_records(
        g.scope,
        day,
        states or SHOWN,
        g.station_ids,
        measure=measure,
        is_settled={"yes": True, "no": False}.get(settled),
        offset=(page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    return render_template(
        "admin/records.html",
        rows=rows,
        standings=list_standings(row.ServiceRecord for row in rows),
        count=count,
        page=page,
        pages=-(-count // PAGE_SIZE),
        day=day,
        states=states,
        all_states=SHOWN,
        measure=measure,
        measures=list(Measure),
        settled=settled,
        now=now(),
    )
