"""The member's own ledger."""

from datetime import date

from flask import g, render_template

from volunteer.queries.ledger import list_entries, sum_member
from volunteer.web.member import member


@member.get("/ledger")
def ledger() -> str:
    """Every entry about the member, newest first."""
    return render_template(
        "member/ledger/page.html",
        entries=list_entries(g.member.id, date.min, date.max),
        sums=sum_member(g.member.id),
    )
