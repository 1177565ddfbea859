"""Certificates for a whole team: begun here, made by a job, taken along as one file."""

import zipfile
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import Response, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.access_log import AccessKind
from volunteer.domain.certificates import CertificateUnknown
from volunteer.domain.refusals import Refusal, Sentence, TeamUnknown
from volunteer.domain.roles import Capability
from volunteer.models.teams import Team
from volunteer.queries.certificate_batches import (
    count_batch_documents,
    get_batch_in,
    list_batch_documents,
    list_batches,
    list_entitled,
    list_members,
)
from volunteer.queries.certificates import find_letterhead
from volunteer.queries.teams import get_team, list_subtree_ids, list_teams
from volunteer.services.access_log import note_access
from volunteer.services.certificates import Wish, start_batch
from volunteer.web.admin import admin
from volunteer.web.admin.certificates import chosen_letterhead, offered_issuers
from volunteer.web.admin.guards import needs
from volunteer.web.certificates import asked_period, read_period, verify_address
from volunteer.web.clock import now
from volunteer.web.downloads import attachment
from volunteer.web.forms import Page, asked_number, show_form, typed

# So many papers in one file: it is put together in memory, and some 75 kB each.
AT_ONCE = 300


@admin.get("/certificates/batches")
@needs(Capability.READ_CERTIFICATES)
def certificate_batches() -> Page:
    """Choose a team and a period, see for how many people; below, what was begun before."""
    return _show()


@admin.post("/certificates/batches")
@needs(Capability.ISSUE_CERTIFICATES)
def begin_certificates() -> Page | AnyResponse:
    """Begin to issue for everybody of the team; pressed twice it is one batch."""
    team, within = _read_team(typed("team"), is_only=bool(typed("only")))
    try:
        first_on, last_on = read_period(request.form)
        wish = Wish(0, first_on, last_on, chosen_letterhead(), verify_address())
        batch = start_batch(team.id, within, wish, g.admin, now(), current_app.config["TIMEZONE"])
    except Refusal as refusal:
        return _show(refusal)
    members = [row.id for row in list_entitled(within, first_on, last_on)]
    note_access(g.admin, AccessKind.CERTIFIED, members, team.name, now())
    return redirect(url_for("admin.certificate_batch", certificate_batch_id=batch.id))


def _show(problem: Refusal | None = None) -> Page:
    asked = request.form if request.method == "POST" else request.args
    team, entitled = None, []
    first_on, last_on = asked_period()
    if asked.get("team"):
        team, within = _read_team(asked["team"], is_only=bool(asked.get("only")))
        if request.method == "GET":
            entitled = list_entitled(within, first_on, last_on)
    return show_form(
        "admin/certificates/batches.html",
        problem,
        teams=list_teams(g.scope),
        team=team,
        is_only=bool(asked.get("only")),
        first_on=asked.get("first_on") or first_on,
        last_on=asked.get("last_on") or last_on,
        entitled=entitled,
        letterhead=find_letterhead(),
        issuers=offered_issuers(),
        batches=list_batches(g.scope),
        typed=request.form,
    )


def _read_team(code: str, *, is_only: bool) -> tuple[Team, list[int]]:
    team, scope = get_team(code), set(g.scope)
    if team.id not in scope:
        raise TeamUnknown(code=code)
    return team, [team.id] if is_only else [one for one in list_subtree_ids(team.id) if one in scope]


@admin.get("/certificates/batches/<int:certificate_batch_id>")
@needs(Capability.READ_CERTIFICATES)
def certificate_batch(certificate_batch_id: int) -> str:
    """How far a batch is; the page refreshes itself until it is complete."""
    row = get_batch_in(g.scope, certificate_batch_id)
    batch = row.CertificateBatch
    return render_template(
        "admin/certificates/batch.html",
        row=row,
        batch=batch,
        percent=batch.done * 100 // batch.total if batch.total else 100,
        skipped=_explained(batch.skipped),
        parts=-(-count_batch_documents(batch.id, g.scope) // AT_ONCE),
    )


def _explained(skipped: Sequence[Any]) -> list[tuple[str, str, Sentence]]:
    members = list_members(one["member_id"] for one in skipped)
    return [
        (members[one["member_id"]].name, members[one["member_id"]].volunteer_no, _sentence(one))
        for one in skipped
        if members[one["member_id"]].team_id in set(g.scope)
    ]


def _sentence(one: dict[str, Any]) -> Sentence:
    return Sentence(one["msgid"], one["params"])


@admin.get("/certificates/batches/<int:certificate_batch_id>/certificates.zip")
@needs(Capability.READ_CERTIFICATES)
def certificate_batch_zip(certificate_batch_id: int) -> Response:
    """A part of the signed papers of a complete batch as one file; logged before it leaves."""
    row = get_batch_in(g.scope, certificate_batch_id)
    part = asked_number("part", 1)
    papers = list_batch_documents(certificate_batch_id, g.scope, offset=(part - 1) * AT_ONCE, limit=AT_ONCE)
    if row.CertificateBatch.finished_at is None or not papers:
        raise CertificateUnknown()
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for certificate, member in papers:
            name = f"{member.volunteer_no}-{_plain(member.name)}-{certificate.serial}.pdf"
            archive.writestr(name, certificate.document)
    name = f"{_('志愿服务记录证明')}-{row.team_name}-{part}.zip"
    members = [member.id for _certificate, member in papers]
    note_access(g.admin, AccessKind.TOOK_CERTIFICATE, members, row.team_name, now())
    headers = {"Cache-Control": "no-store", "Content-Disposition": attachment(name)}
    return Response(packed.getvalue(), mimetype="application/zip", headers=headers)


def _plain(name: str) -> str:
    """A name that every system takes as part of a file's name."""
    return "".join("_" if one in '/\\:*?"<>|' or not one.isprintable() else one for one in name)
