"""The OpenAPI 3.1 document of the terminal API, made from the contract's types."""

from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from volunteer.domain.scans import ACCEPTED, QUARANTINED, REFUSED
from volunteer.web.station.contracts import (
    AnswerOut,
    AnswersOut,
    EnrolIn,
    EnrolledOut,
    ErrorOut,
    ScanIn,
    ScansIn,
    StationAnswer,
)

REFERENCE = "#/components/schemas/{model}"


@cache
def describe() -> dict[str, Any]:
    """The document; the same for everybody."""
    requests: list[type[BaseModel]] = [ScanIn, ScansIn, EnrolIn]
    answers: list[type[BaseModel]] = [AnswersOut, AnswerOut, StationAnswer, EnrolledOut, ErrorOut]
    models = [(model, "validation") for model in requests] + [(model, "serialization") for model in answers]
    _, schemas = models_json_schema(models, ref_template=REFERENCE)  # type: ignore[arg-type]
    components = schemas["$defs"]
    components["ScansIn"]["properties"]["scans"]["items"] = _reference(ScanIn)
    components["AnswerOut"]["properties"]["outcome"]["enum"] = [*ACCEPTED, *REFUSED, *QUARANTINED]
    key: list[Any] = [{"terminalKey": []}]
    return {
        "openapi": "3.1.0",
        "info": {"title": "志愿钟 Volunteer Clock: terminals", "version": "1"},
        "paths": {
            "/api/v1/scans": {
                "post": _post("Send scans", ScansIn, 200, AnswersOut, key, [400, 401, 409, 413, 415])
            },
            "/api/v1/scans/{scan_id}/undo": {
                "post": _post("Undo a scan", None, 200, AnswerOut, key, [401, 404, 422]),
                "parameters": [
                    {
                        "name": "scan_id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "format": "uuid"},
                    }
                ],
            },
            "/api/v1/terminals/enrol": {
                "post": _post(
                    "Exchange a one-time code for a key", EnrolIn, 201, EnrolledOut, [], [400, 415, 422, 429]
                )
            },
            "/api/v1/station": {"get": _operation("Who this terminal is", 200, StationAnswer, key, [401])},
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"terminalKey": {"type": "http", "scheme": "bearer"}},
        },
    }


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"schema": _reference(model)}}


def _operation(
    summary: str, status: int, answer: type[BaseModel], security: list[Any], errors: list[int]
) -> dict[str, Any]:
    return {
        "summary": summary,
        "security": security,
        "responses": {
            str(status): {"description": summary, "content": _content(answer)},
            **{str(error): {"description": "Refused", "content": _content(ErrorOut)} for error in errors},
        },
    }


def _post(
    summary: str,
    body: type[BaseModel] | None,
    status: int,
    answer: type[BaseModel],
    security: list[Any],
    errors: list[int],
) -> dict[str, Any]:
    operation = _operation(summary, status, answer, security, errors)
    if body:
        operation["requestBody"] = {"required": True, "content": _content(body)}
    return operation
