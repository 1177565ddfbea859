"""Asking before something is done that cannot simply be taken back."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Refusal
from volunteer.web.forms import Page, show_form


@dataclass(frozen=True)
class Question:
    """What the page asks: a title, what will happen (and what ``more``), the button's words, the way back."""

    title: str
    consequence: str
    button: str
    back: str
    is_grave: bool = True
    more: str = ""


def confirm(question: Question, act: Callable[[], object], done: str) -> Page | AnyResponse:
    """On GET ask; on POST act, say that it is done, and go back. A refusal is shown where it was asked."""
    problem = None
    if request.method == "POST":
        try:
            act()
            flash(done)
            return redirect(question.back)
        except Refusal as refusal:
            problem = refusal
    return show_form("admin/confirm.html", problem, question=question)
