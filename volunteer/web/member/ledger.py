"""The member's own ledger."""

from flask import g, render_template

from volunteer.web.ledger import read_ledger
from volunteer.web.member import member


@member.get("/ledger")
def ledger() -> str:
    """The entries about the member, a year at a time, newest first."""
    return render_template("member/ledger/page.html", **read_ledger(g.member.id))
