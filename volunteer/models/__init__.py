"""Tables: columns, links, constraints."""

from volunteer.models import cards, duty_days, jobs, members, records, scans, stations, teams

__all__ = ["cards", "duty_days", "jobs", "members", "records", "scans", "stations", "teams"]
