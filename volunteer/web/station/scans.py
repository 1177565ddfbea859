"""Scans over HTTP: parse, hand over, answer."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, abort, current_app, jsonify, request
from pydantic import BaseModel, ValidationError

from volunteer.domain.refusals import N_, Sentence
from volunteer.domain.scans import Answer, Reading, Unreadable
from volunteer.services.card_enrolments import bind_tap
from volunteer.services.scans import Installation, take_scans, undo_scan
from volunteer.services.terminals import note_contact
from volunteer.web.clock import now
from volunteer.web.languages import translate
from volunteer.web.station import station_api
from volunteer.web.station.contracts import ScanIn, ScansIn
from volunteer.web.station.guards import current_sender, current_terminal, drain

# What stands for a wall clock that shows no year a person could live in.
NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
FULL_STOP = Sentence(N_("。"))
Contract = TypeVar("Contract", bound=BaseModel)


@station_api.post("/scans")
def post_scans() -> Response:
    """Take up to 500 scans and answer each; safe to send again."""
    received_at = now()
    parsed = read_json(ScansIn)
    offset = received_at - parsed.sent_at if parsed.sent_at and is_date(parsed.sent_at) else timedelta(0)
    terminal = current_terminal()
    entries = [read_entry(content) for content in parsed.scans]
    sender = current_sender(offset)
    answers = take_scans(sender, entries, installation(), received_at, bind_tap) if entries else []
    report = parsed.terminal
    # The terminal counted the scans of this very request as waiting; they no longer are.
    pending = report.pending if report else None
    note_contact(
        terminal.id,
        terminal.last_contact_at,
        terminal.pending,
        max(0, pending - len(entries)) if pending is not None else None,
        report.version if report else None,
        offset,
        received_at,
    )
    shown = [{**show(answer), "id": id_of(sent)} for answer, sent in zip(answers, parsed.scans, strict=True)]
    return jsonify(received_at=received_at.isoformat(), answers=shown)


@station_api.post("/scans/<uuid:scan_id>/undo")
def post_undo(scan_id: UUID) -> Response:
    """Take back a scan of this station within a minute of its answer."""
    return jsonify(show(undo_scan(current_sender(), scan_id, installation(), now())))


def read_json(contract: type[Contract]) -> Contract:
    """The body as its contract: 415 for another type, 400 for another shape, 413 for too much."""
    if (request.content_length or 0) > current_app.config["MAX_CONTENT_LENGTH"]:
        drain()
        abort(413)
    if not request.is_json:
        abort(415)
    try:
        # Not the stricter parser of the contract: half a character in one token is that scan's trouble only.
        return contract.model_validate(json.loads(request.get_data()))
    except ValidationError as error:
        if any(one["type"] == "too_long" and one["loc"] == ("scans",) for one in error.errors()):
            abort(413)
        abort(400)
    except (ValueError, RecursionError):
        abort(400)


def read_entry(content: Any) -> Reading | Unreadable:
    """One scan of the request, or why it is none."""
    try:
        scan = ScanIn.model_validate(content)
        scan.token.encode()
        if scan.age_ms is None and not is_date(scan.at):
            raise OverflowError("at: year out of range")
    except (ValidationError, OverflowError, UnicodeEncodeError) as error:
        return Unreadable(_id_of(content), _why(error), content)
    age = timedelta(milliseconds=scan.age_ms) if scan.age_ms is not None else None
    # With an age the wall clock decides nothing, and may show any year.
    claimed_at = scan.at if is_date(scan.at) else NO_DATE
    return Reading(scan.id, scan.token, scan.medium, claimed_at, age, scan.seq, scan.boot)


def is_date(at: datetime) -> bool:
    """Whether a clock may show this. Far-off dates of a broken one would overflow when an offset is added."""
    return 1970 <= at.year <= 2200


def id_of(content: Any) -> str | int | None:
    """The id as it was sent, in the terminal's own spelling, so that it knows it again."""
    found = content.get("id") if isinstance(content, dict) else None
    return found if isinstance(found, str | int) else None


def _id_of(content: Any) -> str | None:
    found = id_of(content)
    return None if found is None else str(found)


def _why(error: ValidationError | OverflowError | UnicodeEncodeError) -> str:
    if not isinstance(error, ValidationError):
        return "token: half a character" if isinstance(error, UnicodeEncodeError) else str(error)
    told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    # PostgreSQL keeps no NUL in a text.
    return told.replace("\0", "")


def show(answer: Answer) -> dict[str, Any]:
    """An answer as JSON, its sentence in the language asked for."""
    return {
        "id": answer.id,
        "status": answer.status,
        "outcome": answer.outcome,
        "message": translate(FULL_STOP).join(map(translate, answer.sentences)),
        "member": answer.member,
        "record": answer.record,
        "totals": answer.totals,
        "forgotten_on": answer.forgotten_on,
        "remark": answer.remark,
    }


def installation() -> Installation:
    """The keys and zone of this installation."""
    here: Installation = current_app.extensions["installation"]
    return here
