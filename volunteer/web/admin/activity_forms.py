"""The form of an activity: what was typed becomes its fields, and its fields what the form shows."""

from datetime import date, datetime, time, timedelta

from flask import current_app, g, request

from volunteer.domain import days
from volunteer.domain.activities import (
    TRAINING,
    ActivityFields,
    RiskLevel,
    TimeMalformed,
    clean_places,
)
from volunteer.domain.refusals import DateMalformed, Refusal, TeamUnknown
from volunteer.domain.versions import ChangedMeanwhile
from volunteer.models.activities import Activity
from volunteer.queries.categories import list_open_codes
from volunteer.queries.stations import get_station_by_id, get_station_in, list_stations
from volunteer.queries.teams import get_team, get_team_by_id, list_teams
from volunteer.queries.training_records import list_training_names
from volunteer.web.forms import Page, chosen, show_form, typed

TEXTS = (
    "name",
    "place",
    "content",
    "organising_unit",
    "person_in_charge",
    "risk_note",
    "insurance_no",
    "training_needed",
    "uncountable_reason",
)


def read_fields() -> ActivityFields:
    """The fields as typed; refuses dates, times and numbers that are none."""
    day = read_day("held_on")
    begins, ends = _read_clock("begins"), _read_clock("ends")
    # Who stays past midnight leaves on the next day.
    last_day = day if ends > begins else day + timedelta(days=1)
    return ActivityFields(
        **{name: typed(name) for name in TEXTS},
        category=typed("category"),
        risk_level=chosen("risk_level", RiskLevel),
        starts_at=_instant(day, begins),
        ends_at=_instant(last_day, ends),
        places=clean_places(typed("places")),
        is_countable="is_uncountable" not in request.form,
    )


def read_day(name: str) -> date:
    """A date as typed; refuses one that is none."""
    day = days.read_day(typed(name), date(2000, 1, 1))
    if day.year > 2100:
        raise DateMalformed()
    return day


def read_team_id() -> int:
    """The organising team; refuses one that is not the admin's."""
    team = get_team(typed("team"))
    if team.id not in g.scope:
        raise TeamUnknown(code=team.code)
    return team.id


def read_station_id() -> int | None:
    """The station, or None for an activity elsewhere; refuses one that is not the admin's."""
    code = typed("station")
    return get_station_in(g.scope, code, g.station_ids, is_brigade=g.is_brigade).id if code else None


def show_values(activity: Activity, *, is_copy: bool = False) -> dict[str, object]:
    """What the form shows of an activity; a copy needs a new day and its own insurance."""
    zone = current_app.config["TIMEZONE"]
    starts_at, ends_at = activity.starts_at.astimezone(zone), activity.ends_at.astimezone(zone)
    values: dict[str, object] = {name: getattr(activity, name) for name in TEXTS}
    if activity.is_training:
        values["uncountable_reason"] = ""
    if is_copy:
        values["insurance_no"] = ""
    return values | {
        "category": activity.category,
        "risk_level": activity.risk_level,
        "held_on": "" if is_copy else starts_at.date().isoformat(),
        "begins": f"{starts_at:%H:%M}",
        "ends": f"{ends_at:%H:%M}",
        "places": activity.places or "",
        # Training never counts; a copy of another kind may.
        "is_uncountable": not activity.is_countable and not activity.is_training,
        "team": get_team_by_id(activity.team_id).code if activity.team_id else g.team.code,
        "station": get_station_by_id(activity.station_id).code if activity.station_id else "",
    }


def show_activity_form(
    problem: Refusal | None, values: object, back: str, title: str, *, kept: str = "", version: str = ""
) -> Page:
    """The form of a new or changed activity; one that has a category may keep it, also an ended one.

    The form of a changed one carries the version of what it shows.
    """
    codes = list_open_codes()
    return show_form(
        "admin/activities/form.html",
        problem,
        typed=values,
        back=back,
        title=title,
        teams=list_teams(g.scope),
        stations=list_stations(g.scope, g.station_ids, is_brigade=g.is_brigade),
        categories=codes + [kept] * bool(kept and kept not in codes),
        training=TRAINING,
        training_names=list_training_names(g.scope),
        levels=list(RiskLevel),
        version=version,
        is_changed_meanwhile=isinstance(problem, ChangedMeanwhile),
    )


def _read_clock(name: str) -> time:
    try:
        at = time.fromisoformat(typed(name))
    except ValueError:
        raise TimeMalformed() from None
    if at.tzinfo is not None:
        raise TimeMalformed()
    return at


def _instant(day: date, at: time) -> datetime:
    return datetime.combine(day, at, current_app.config["TIMEZONE"])
