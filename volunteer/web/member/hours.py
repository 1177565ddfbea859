"""A member's own hours; every figure leads to the records it comes from."""

from flask import g, render_template

from volunteer.domain.records import RecordState
from volunteer.queries.duty_days import find_next_duty_day, find_todays_notice
from volunteer.queries.hours import sum_minutes, summarise_hours
from volunteer.queries.records import list_chosen_records
from volunteer.web.choices import list_choice, read_choice, read_year
from volunteer.web.clock import now
from volunteer.web.dates import today
from volunteer.web.member import member
from volunteer.web.member.charts import draw_months

WAITING = (RecordState.FORGOTTEN, RecordState.LEFT)


@member.get("")
def home() -> str:
    """This year's and all hours, by month and by activity of the chosen year."""
    year = read_year() or today().year
    overview = summarise_hours(g.member.id, today().year)
    chosen = overview if year == today().year else summarise_hours(g.member.id, year)
    records = list_chosen_records(g.member.id, None, None)
    return render_template(
        "member/home.html",
        this_year=today().year,
        year=year,
        overview=overview,
        chosen=chosen,
        chart=draw_months(year, chosen.by_month),
        open_record=next((row for row in records if row.ServiceRecord.state == RecordState.OPEN), None),
        waiting=sum(row.ServiceRecord.state in WAITING for row in records),
        latest=records[:3],
        duty_day=find_next_duty_day(today()),
        notice=find_todays_notice(today()),
        now=now(),
    )


@member.get("/records")
def records() -> str:
    """The records behind a figure: of a year, a month, a day, an activity, or all."""
    choice = read_choice()
    rows = list_choice(g.member.id, choice)
    return render_template(
        "member/records.html",
        rows=rows,
        minutes=sum_minutes(g.member.id, rows),
        choice=choice,
        now=now(),
    )
