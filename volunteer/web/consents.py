"""Taking back a consent with which something is erased: first it is said what goes, on paper's way too."""

from collections.abc import Sequence

from flask import render_template, request

from volunteer.domain.consents import TEXTS, Purpose
from volunteer.domain.erasures import ERASED_WITH
from volunteer.web.forms import typed


def must_ask(purpose: Purpose, *, is_given: bool) -> bool:
    """Whether what was sent still lacks the yes of somebody who knows what will be erased."""
    return not is_given and purpose in ERASED_WITH and typed("confirmed") != "yes"


def ask_to_withdraw(frame: str, purpose: Purpose, names: Sequence[str], back: str) -> str:
    """The page that says what goes; it sends the fields of these names once more."""
    return render_template(
        "consents/withdraw.html",
        frame=frame,
        purpose=purpose,
        text=TEXTS[purpose],
        parts=ERASED_WITH[purpose],
        action=request.path,
        fields={name: typed(name) for name in names},
        back=back,
    )
