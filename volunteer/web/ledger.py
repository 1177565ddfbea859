"""A person's ledger on a page: one year of it at a time, so that ten years open as fast as one."""

from datetime import date
from typing import Any

from flask import request

from volunteer.queries.ledger import list_entries, list_ledger_years, sum_member


def read_ledger(member_id: int) -> dict[str, Any]:
    """The entries of the year asked for (else of the newest), the years there are, and the sums of all."""
    years = list_ledger_years(member_id)
    asked = request.args.get("year", type=int)
    year = asked if asked in years else next(iter(years), None)
    entries = list_entries(member_id, date(year, 1, 1), date(year, 12, 31)) if year else []
    return {"entries": entries, "sums": sum_member(member_id), "years": years, "year": year}
