"""Forms: what was typed, and the page that says no above it."""

from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from flask import abort, render_template, request

from volunteer.domain.refusals import NotFound, Refusal
from volunteer.web.errors import status_of
from volunteer.web.guards import LARGEST_ID
from volunteer.web.languages import translate

Choice = TypeVar("Choice", bound=StrEnum)
Page = tuple[str, int]


def show_form(template: str, problem: Refusal | str | None = None, **values: object) -> Page:
    """The page of a form; a problem stands above the form in words and makes the status 422.

    What is not there at all is no problem of the form: it goes on to be a 404.
    """
    if isinstance(problem, NotFound):
        raise problem
    if isinstance(problem, Refusal):
        return render_template(template, problem=translate(problem.sentence), **values), status_of(problem)
    return render_template(template, problem=problem, **values), 422 if problem else 200


def typed(name: str) -> str:
    """The text typed into a field, without surrounding spaces; empty where there is none."""
    return request.form.get(name, "").strip()


def typed_id(name: str) -> int | None:
    """The id sent in a field; None where the field is empty, and an id that nothing has where it is none."""
    return id_in(typed(name)) if typed(name) else None


def id_in(text: str) -> int:
    """The id that a text is; 0, which nothing has, where it is none or larger than any id can be."""
    # Nineteen digits hold the largest; more are not even read.
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 19 else 0
    return number if number <= LARGEST_ID else 0


def chosen(name: str, kind: type[Choice]) -> Choice:
    """The choice made in a list; 400 where the list never offered it."""
    try:
        return kind(request.form.get(name, ""))
    except ValueError:
        abort(400)


def asked_number(name: str, default: int, least: int = 1, most: int = 1_000_000) -> int:
    """A number in the address, kept within its bounds."""
    return max(least, min(most, request.args.get(name, default, int)))


def local_path(address: str | None, below: str) -> str | None:
    """The address where it is a path of ours at or below ``below``, else None: nobody is led elsewhere."""
    if not address or "\\" in address or any(char < " " for char in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    is_ours = not parts.scheme and not parts.netloc
    is_below = parts.path == below or parts.path.startswith(below + "/")
    return address.removesuffix("?") if is_ours and is_below and "/." not in parts.path else None
