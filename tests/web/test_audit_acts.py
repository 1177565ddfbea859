"""The audit says what somebody did: no act is called like a button, in neither language."""

import re

from flask import Flask
from flask_babel import force_locale

from tests.conftest import ROOT
from volunteer.domain.audit_acts import ACTS
from volunteer.web.audit_words import say_act

# Who did it, where it was not an admin.
_WHO = re.compile(r"^(Command: |By itself: |Member |Terminal )")
_IRREGULAR = {
    "began",
    "bound",
    "chose",
    "drew",
    "gave",
    "left",
    "made",
    "put",
    "reset",
    "set",
    "took",
    "told",
}
_IRREGULAR |= {"undid", "went", "withdrew", "wrote"}


def test_no_act_is_called_like_a_button_or_a_heading_of_a_page() -> None:
    pages = [path.read_text() for path in (ROOT / "templates").rglob("*.html")]
    called = {words for page in pages for words in re.findall(r'_\(\s*"([^"]*)"', page)}

    assert sorted(set(ACTS.values()) & called) == []


def test_every_act_says_in_english_what_was_done(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        said = {act: say_act(act) for act in ACTS}

    firsts = {act: _WHO.sub("", words).split()[0].strip(",").lower() for act, words in said.items()}
    commands = {
        act: said[act] for act, first in firsts.items() if not (first.endswith("ed") or first in _IRREGULAR)
    }
    assert commands == {}
