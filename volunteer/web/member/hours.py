"""A member's own hours; every figure leads to the records it comes from."""

from datetime import timedelta

from flask import g, render_template

from volunteer.domain.consents import Purpose
from volunteer.domain.corrections import OLDEST_YEARS, oldest_day
from volunteer.domain.totals import Sum
from volunteer.queries.consents import find_consent
from volunteer.queries.duty_days import find_next_duty_day, find_todays_notice
from volunteer.queries.hours import summarise_hours
from volunteer.queries.messages import count_unread
from volunteer.queries.notices import find_unread_version
from volunteer.queries.records import count_unconfirmed, find_open_record, list_chosen_records
from volunteer.queries.unsettled import list_standings
from volunteer.queries.wishes import find_forgotten
from volunteer.web.charts import draw_months
from volunteer.web.choices import read_choice, read_chosen, read_year
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.member import member

LATEST = 3
# For how long somebody is asked when an unfinished service ended.
REMEMBERED = timedelta(days=31)


@member.get("")
def home() -> str:
    """This year's and all hours, by month and by activity of the chosen year."""
    year = read_year() or today().year
    overview = summarise_hours(g.member.id, year)
    latest = list_chosen_records(g.member.id, None, None, limit=LATEST)
    # What is older nobody may correct any more.
    since = now() - (today() - oldest_day(today(), OLDEST_YEARS) + timedelta(days=1))
    return render_template(
        "member/home.html",
        this_year=today().year,
        this_years=overview.by_year.get(today().year, Sum()),
        year=year,
        overview=overview,
        chart=draw_months(year, overview.by_month),
        open_record=find_open_record(g.member.id),
        unconfirmed=count_unconfirmed(g.member.id, since),
        latest=latest,
        standings=list_standings(row.ServiceRecord for row in latest),
        duty_day=find_next_duty_day(today()),
        notice=find_todays_notice(today()),
        unread=count_unread(g.member),
        new_notice=find_unread_version(g.member.id),
        recording=find_consent(g.member.id, Purpose.RECORDING),
        forgotten=find_forgotten(g.member.id, today() - REMEMBERED),
        now=now(),
    )


@member.get("/records")
def records() -> str:
    """The records behind a figure: of a year, a month, a day, an activity, or all."""
    choice = read_choice()
    return render_template(
        "member/records.html", choice=choice, chosen=read_chosen(g.member.id, choice), now=now()
    )
