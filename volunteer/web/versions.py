"""Versions in forms: what a form showed, and what it shows after somebody else has saved meanwhile."""

from flask import request

from volunteer.domain.refusals import Refusal
from volunteer.domain.versions import ChangedMeanwhile
from volunteer.web.forms import typed

FIELD = "version"


def typed_version() -> str | None:
    """The version that the form carried; None where it carried none."""
    return typed(FIELD) if FIELD in request.form else None


def version_to_show(problem: Refusal | None, current: str) -> str:
    """What the form carries next: what it showed first, until its reader was told of what stands now."""
    is_told = isinstance(problem, ChangedMeanwhile)
    return current if is_told else typed_version() or current
