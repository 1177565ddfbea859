"""Refusals: what one noun refuses stands with that noun."""

from tests.conftest import ROOT
from volunteer.domain import refusals

SHARED = ROOT / "volunteer/domain/refusals.py"
NOUNS = (
    "Admin", "Card", "DutyDay", "Merge", "Passkey", "Password", "Registration", "Role",
    "Setup", "Station", "Term", "Transfer", "Unit",
)  # fmt: skip


def test_what_several_nouns_share_is_short_and_no_nouns_own() -> None:
    named = [name for name in vars(refusals) if name.startswith(NOUNS)]

    assert named == []
    assert len(SHARED.read_text().splitlines()) < 200
