"""Arrivals: what scans, terminals and cards themselves tell that needs a person's eyes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta, tzinfo
from typing import Any

from volunteer.domain.policies import MINUTE, ReviewLevel
from volunteer.domain.reviews import Finding, ReviewKind

# A tap takes seconds, the network up to a minute: only more than that is a number that went backwards.
SEQ_TOLERANCE = timedelta(minutes=1)
# Nobody walks from one station to another within five minutes; a copied card does.
WALK = timedelta(minutes=5)
# From here on a clock is wrong, not slow; said in steps, so that a drifting one is not news every day.
WRONG_CLOCK_MINUTES = (5, 60, 24 * 60)
# So many ids of scans are kept with an item; the figures count them all.
MOST_ROWS = 50


def suspect_scans(day: date, scans: Iterable[Any], records: Mapping[Any, int], brigade: int) -> list[Finding]:
    """Terminals of whose scans, arrived on ``day`` and counted, the time is only reckoned; one item each."""
    kind = ReviewKind.SUSPECT_CLOCK
    found = []
    for terminal_id, rows in _by(scans, "terminal_id"):
        touched = {records[key] for row in rows for key in ((row.id, 0), (row.id, 1)) if key in records}
        found.append(
            Finding(
                kind,
                f"{kind}:{terminal_id}:{day}",
                None,
                rows[0].team_id or brigade,
                ReviewLevel.NONE,
                {"day": day.isoformat(), "scans": len(rows)},
                tuple(touched),
                day,
                rows[0].station_id,
                terminal_id,
                {"scans": _ids(rows)},
            )
        )
    return found


def clock_key(terminal_id: int) -> str:
    """The key of a terminal's wrong clock."""
    return f"clock:{terminal_id}"


def wrong_clocks(today: date, terminals: Iterable[Any], brigade: int) -> list[Finding]:
    """Terminals whose clock is minutes, hours or days away from the server's, as last measured."""
    found = []
    for one in terminals:
        offset = abs(timedelta(milliseconds=one.clock_offset_ms or 0)) // MINUTE
        passed = [step for step in WRONG_CLOCK_MINUTES if offset >= step]
        if passed:
            found.append(
                Finding(
                    ReviewKind.SUSPECT_CLOCK,
                    clock_key(one.id),
                    None,
                    one.team_id or brigade,
                    ReviewLevel.NONE,
                    {"offset_minutes": passed[-1]},
                    (),
                    today,
                    one.station_id,
                    one.id,
                )
            )
    return found


def late_scans(changes: Iterable[Any], zone: tzinfo) -> list[Finding]:
    """Every scan that came after its answer had been given by others, and changed records already shown."""
    kind = ReviewKind.LATE_SCAN
    found = []
    for scan_id, rows in _by(changes, "scan_id"):
        first = rows[0]
        day = first.at.astimezone(zone).date()
        found.append(
            Finding(
                kind,
                f"{kind}:{scan_id.hex}",
                first.person_id,
                first.team_id,
                ReviewLevel.NONE,
                {
                    "day": day.isoformat(),
                    "late_minutes": max(timedelta(0), first.received_at - first.at) // MINUTE,
                    "before": sum(row.before["minutes"] for row in rows),
                    "after": sum(row.after["minutes"] for row in rows),
                },
                tuple({row.record_id for row in rows}),
                day,
                first.station_id,
                first.terminal_id,
                {"scans": [scan_id.hex]},
            )
        )
    return found


def repeated_seqs(day: date, scans: Iterable[Any], brigade: int) -> list[Finding]:
    """Terminals that used a number twice, or a lower one later, within one start; one item for each start.

    A terminal numbers its scans and never does that by itself.
    """
    kind = ReviewKind.REPEATED_SEQ
    return [
        Finding(
            kind,
            f"{kind}:{rows[0].terminal_id}:{boot.hex}:{day}",
            None,
            rows[0].team_id or brigade,
            ReviewLevel.NONE,
            {"day": day.isoformat(), "scans": len(rows)},
            (),
            day,
            rows[0].station_id,
            rows[0].terminal_id,
            {"scans": _ids(rows)},
        )
        for boot, rows in _by(scans, "boot")
    ]


def quarantined(rows: Iterable[Any], zone: tzinfo, brigade: int) -> list[Finding]:
    """Scans that the server could not take, one item for a terminal and a day."""
    by_day: dict[tuple[int, date], list[Any]] = defaultdict(list)
    for row in rows:
        by_day[row.terminal_id, row.received_at.astimezone(zone).date()].append(row)
    kind = ReviewKind.QUARANTINED
    return [
        Finding(
            kind,
            f"{kind}:{terminal_id}:{day}",
            None,
            group[0].team_id or brigade,
            ReviewLevel.NONE,
            {"day": day.isoformat(), "scans": len(group)},
            (),
            day,
            group[0].station_id,
            terminal_id,
            {"quarantined_scans": sorted(row.id for row in group)[:MOST_ROWS]},
        )
        for (terminal_id, day), group in by_day.items()
    ]


def hurried_cards(day: date, scans: Iterable[Any]) -> list[Finding]:
    """Cards held at two stations within a time in which nobody gets from one to the other."""
    kind = ReviewKind.IDENTITY_CLASH
    found = []
    for card_id, rows in _by(scans, "card_id"):
        nearest = min(row.at - row.at_before for row in rows)
        found.append(
            Finding(
                kind,
                f"{kind}:card:{card_id}:{day}",
                rows[0].person_id,
                rows[0].member_team_id,
                ReviewLevel.NONE,
                {"day": day.isoformat(), "minutes": nearest // MINUTE},
                (),
                day,
                rows[0].station_id,
                rows[0].terminal_id,
                {"scans": _ids(rows), "cards": [card_id]},
            )
        )
    return found


def shared_identities(cards: Iterable[Any], zone: tzinfo) -> list[Finding]:
    """Identities that were bound for good to one person and then to another; rows of cards, oldest first."""
    kind = ReviewKind.IDENTITY_CLASH
    found = []
    for identity_hash, rows in _by(cards, "identity_hash"):
        people = {row.person_id for row in rows}
        if len(people) > 1:
            last = max(rows, key=lambda row: (row.issued_at, row.id))
            found.append(
                Finding(
                    kind,
                    f"{kind}:{identity_hash}",
                    last.person_id,
                    last.team_id,
                    ReviewLevel.NONE,
                    {"people": len(people)},
                    (),
                    last.issued_at.astimezone(zone).date(),
                    rows={"cards": sorted(row.id for row in rows), "members": sorted(people)},
                )
            )
    return found


def _by(rows: Iterable[Any], name: str) -> list[tuple[Any, list[Any]]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[getattr(row, name)].append(row)
    return list(groups.items())


def _ids(rows: Sequence[Any]) -> list[str]:
    return sorted(row.id.hex for row in rows)[:MOST_ROWS]
