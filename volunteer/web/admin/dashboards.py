"""The admin's first page, and who is on duty now."""

from datetime import timedelta

from flask import g, render_template

from volunteer.domain.records import RecordState
from volunteer.domain.roles import Capability
from volunteer.domain.totals import By, Per, add_up, period_of
from volunteer.queries.admins import count_teams_without_admin
from volunteer.queries.append_only import list_missing_triggers
from volunteer.queries.consents import count_withdrawn
from volunteer.queries.corrections import count_waiting_corrections
from volunteer.queries.duty_days import find_next_duty_day, find_todays_notice
from volunteer.queries.erasures import list_erasures
from volunteer.queries.member_changes import count_waiting_transfers
from volunteer.queries.members import count_members_by_team, count_members_without_card
from volunteer.queries.messages import count_unread
from volunteer.queries.own_persons import count_confirmable
from volunteer.queries.records import count_states, list_on_duty
from volunteer.queries.registrations import count_waiting_registrations
from volunteer.queries.reviews import count_open_reviews
from volunteer.queries.stations import list_stations
from volunteer.queries.teams import list_teams
from volunteer.queries.terminals import count_missing_scans, list_terminals
from volunteer.queries.totals import Chosen, sum_totals
from volunteer.web.admin import admin
from volunteer.web.admin.duty_days import list_undecided_months
from volunteer.web.admin.guards import allows, needs
from volunteer.web.clock import now
from volunteer.web.dates import today

# A terminal reports at least every minute; three silent ones are no accident.
SILENT_AFTER = timedelta(minutes=3)


@admin.get("")
@needs(Capability.READ_OVERVIEW)
def home() -> str:
    """Figures of today, and what waits for this admin."""
    states = count_states(g.scope, station_ids=g.station_ids)
    todays = count_states(g.scope, today(), g.station_ids)
    stations = list_stations(g.scope, g.station_ids, is_brigade=g.is_brigade)
    terminals = [one for one in list_terminals(station.id for station in stations) if one.key_hash]
    seen_since = now() - SILENT_AFTER
    unconfirmed = sum(states.get(state, 0) for state in (RecordState.FORGOTTEN, RecordState.LEFT))
    tasks = {
        "reviews": count_open_reviews(g.scope) if allows("read_reviews") else 0,
        "unconfirmed": unconfirmed if allows("read_records") else 0,
        "without_card": count_members_without_card(g.scope) if allows("read_cards") else 0,
        "silent": [one for one in terminals if one.last_contact_at and one.last_contact_at < seen_since],
        "pending": sum(one.pending or 0 for one in terminals),
        "missing": sum(count_missing_scans(one.id for one in terminals).values()),
        "undecided": list_undecided_months() if allows("decide_duty_days") else [],
        "unread": count_unread(g.admin) if allows("read_messages") else 0,
        "corrections": count_waiting_corrections(g.scope, g.station_ids) if allows("read_corrections") else 0,
        "registrations": count_waiting_registrations(g.scope) if allows("edit_members") else 0,
        "transfers": count_waiting_transfers(g.scope) if allows("edit_members") else 0,
        "erasures": list_erasures(g.scope, is_waiting=True, limit=1)[0] if allows("edit_members") else 0,
        "withdrawn": count_withdrawn(g.scope) if allows("edit_members") else 0,
        "links": count_confirmable(g.admin.id, g.scope, today()) if allows("approve_hours") else 0,
        "without_admin": count_teams_without_admin(g.scope, today()) if allows("read_admins") else 0,
    }
    month = period_of(Per.MONTH, today())
    hours = sum_totals(Chosen(tuple(g.scope), month), By.TEAM) if allows("read_records") else {}
    return render_template(
        "admin/home.html",
        month_on=month.first_on,
        hours=add_up(hours.values()),
        on_duty=states.get(RecordState.OPEN, 0),
        checked_in_today=sum(todays.values()),
        members=sum(count_members_by_team(g.scope).values()),
        stations=stations,
        duty_day=find_next_duty_day(today()),
        notice=find_todays_notice(today()),
        tasks=tasks,
        today=today(),
        missing_triggers=[one.name for one in list_missing_triggers()],
    )


@admin.get("/on-duty")
@needs(Capability.READ_RECORDS)
def on_duty() -> str:
    """Members on duty now by station, longest first; the page refreshes itself."""
    rows = list_on_duty(g.scope, g.station_ids)
    by_station: dict[str, list[object]] = {}
    for row in rows:
        by_station.setdefault(row.Station.name, []).append(row)
    # A station's leader sees people of any team there.
    team_ids = list({row.Member.team_id for row in rows})
    teams = {team.id: team.name for team in list_teams(team_ids, with_dissolved=True)}
    return render_template(
        "admin/on_duty.html", by_station=by_station, count=len(rows), teams=teams, now=now()
    )
