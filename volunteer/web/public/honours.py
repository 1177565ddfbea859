"""The honour board: stars of members who agreed to stand on it, by name, without hours."""

from flask import render_template, request

from volunteer.domain.star_rules import MOST_STARS
from volunteer.queries.honours import count_honours, list_honours
from volunteer.web.forms import asked_number
from volunteer.web.public import public

PAGE_SIZE = 100


@public.get("/honours")
def honours() -> str:
    """One page of the board; the most stars unless the address asks for others."""
    counts, page = count_honours(), asked_number("page", 1)
    highest = next(iter(counts), MOST_STARS)
    stars = asked_number("stars", highest, most=MOST_STARS) if "stars" in request.args else highest
    return render_template(
        "public/honours.html",
        counts=counts,
        stars=stars,
        rows=list_honours(stars, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE),
        page=page,
        pages=-(-counts.get(stars, 0) // PAGE_SIZE),
    )
