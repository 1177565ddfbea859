"""Finding what needs a person: the job that puts it on the review desk, and takes off what is over."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from typing import Any

from volunteer.db import db, transaction
from volunteer.domain.arrivals import (
    hurried_cards,
    late_scans,
    quarantined,
    repeated_seqs,
    shared_identities,
    suspect_scans,
    wrong_clocks,
)
from volunteer.domain.detectors import (
    impossible_months,
    many_pairs,
    merged_hours,
    month_key,
    office_hours,
    unfinished,
)
from volunteer.domain.jobs import UNCLAIMED, Claim, start_of
from volunteer.domain.months import month_of, span_of
from volunteer.domain.reviews import (
    HOLDING,
    ReviewKind,
    ReviewState,
    holding_items,
)
from volunteer.models.duty_days import Setting
from volunteer.models.reviews import ReviewItem
from volunteer.queries.arrivals import (
    find_first_arrival,
    list_clock_items,
    list_hurried_scans,
    list_late_changes,
    list_open_clashes,
    list_quarantined,
    list_record_ids_by_scan,
    list_repeated_scans,
    list_scanned,
    list_shared_cards,
    list_suspect_scans,
    list_terminal_clocks,
)
from volunteer.queries.detectors import (
    Working,
    find_last_ids,
    find_policy_on,
    find_setting,
    list_changed_without_scan,
    list_day,
    list_day_items,
    list_items,
    list_large_months,
    list_members_on,
    list_merges,
    list_open_items,
    list_open_merges,
    list_served_on,
)
from volunteer.queries.duty_days import find_calendar, list_confirmed_days
from volunteer.queries.settlements import list_persons
from volunteer.queries.teams import find_brigade
from volunteer.writes.reviews import write_findings

# Until when the last run has looked, and the newest ids it saw.
SEEN_SETTING = "reviews_seen"
ONE_DAY = timedelta(days=1)
# The first run of a day looks at a month again: whatever slipped by is found then.
DAYS_AGAIN = 31
# A scan is stored with the instant at which its request began; its transaction ends a little later.
MARGIN = timedelta(minutes=5)
IDS_MARGIN = 500
# Small enough that a scan on SQLite never waits long.
AT_ONCE = 500

Part = Callable[[], int]


@dataclass(frozen=True)
class Seen:
    """How far the last run has looked; the ids are those of the newest rows.

    ``again_on`` is the local day on which the last month was looked at again, to the end.
    """

    at: datetime
    again_on: date | None = None
    record: int = 0
    quarantined: int = 0
    card: int = 0


def find_reviews(now: datetime, zone: tzinfo, claim: Claim = UNCLAIMED) -> int:
    """Put what is new on the desk and take off what is over; how many items that were.

    Looks at what changed since the last run, and at the first run of a local day at the last
    month again. Safe to repeat, and to interrupt: it only counts as looked at when all is done.
    """
    parts: list[Part] | None = None
    today, done = now.astimezone(zone).date(), 0
    while True:
        with transaction():
            if not claim.take():
                return done
            if parts is None:
                seen, last_ids = _find_seen(now), find_last_ids()
                is_again = claim.is_first or seen.again_on != today
                parts = _plan(seen, now, zone, is_again=is_again)
            found = parts.pop(0)()
            if not parts:
                _keep_seen(now, today, last_ids)
            claim.note(found)
        done += found
        if not parts:
            return done


def _find_seen(now: datetime) -> Seen:
    kept = find_setting(SEEN_SETTING)
    if kept is None:
        return Seen(max(now - DAYS_AGAIN * ONE_DAY, find_first_arrival() or now))
    values = json.loads(kept)
    at, again_on = datetime.fromisoformat(values.pop("at")), date.fromisoformat(values.pop("again_on"))
    return Seen(
        at - MARGIN, again_on, **{name: max(0, newest - IDS_MARGIN) for name, newest in values.items()}
    )


def _keep_seen(now: datetime, today: date, last_ids: dict[str, int]) -> None:
    value = json.dumps({"at": now.isoformat(), "again_on": today.isoformat(), **last_ids})
    setting = db.session.get(Setting, SEEN_SETTING)
    if setting is None:
        db.session.add(Setting(name=SEEN_SETTING, value=value))
    else:
        setting.value = value


def _plan(seen: Seen, now: datetime, zone: tzinfo, *, is_again: bool) -> list[Part]:
    """What to look at, in parts of one transaction each."""
    today = now.astimezone(zone).date()
    changed = _changed_days(seen, today, zone)
    if is_again:
        for day in (today - back * ONE_DAY for back in range(DAYS_AGAIN)):
            if there := list_members_on(day):
                changed[day] |= set(there)
    working = Working(zone, find_calendar(), frozenset(list_confirmed_days()))
    first = seen.at.astimezone(zone).date()
    days = [first + count * ONE_DAY for count in range((today - first).days + 1)]
    parts: list[Part] = [partial(_look_at_rows, seen, days[0], now, zone)]
    parts += [partial(_look_at_arrivals, day, now, zone) for day in days[1:]]
    months: dict[str, set[int]] = defaultdict(set)
    for day, members in sorted(changed.items()):
        months[month_of(day)] |= members
        ordered = sorted(members)
        for start in range(0, len(ordered), AT_ONCE):
            parts.append(partial(_look_at_day, day, ordered[start : start + AT_ONCE], working, now))
        parts.append(partial(_look_at_office_hours, day, working, now))
    for month, members in months.items():
        parts.append(partial(_look_at_month, month, members, now))
    return parts


def _changed_days(seen: Seen, today: date, zone: tzinfo) -> defaultdict[date, set[int]]:
    changed: defaultdict[date, set[int]] = defaultdict(set)
    for row in list_scanned(seen.at):
        day = row.at.astimezone(zone).date()
        # A night's service belongs to the evening before.
        for one in (day - ONE_DAY, day):
            changed[one].add(row.member_id)
    for row in list_changed_without_scan(seen.record, seen.at, today - ONE_DAY):
        changed[row.served_on].add(row.member_id)
    # What begins in the evening may be in two places at once with what begins after midnight.
    for day, members in list(changed.items()):
        if day < today:
            changed[day + ONE_DAY] |= members
    return changed


def _look_at_day(day: date, member_ids: Sequence[int], working: Working, now: datetime) -> int:
    persons = list_persons(member_ids)
    policy = find_policy_on(day)
    records, stays = list_day(day, persons, policy, working)
    findings = [
        *holding_items(day, records, policy),
        *unfinished(day, stays),
        *many_pairs(day, stays, policy),
    ]
    before = [one for one in list_day_items(day, persons) if one.kind in _OF_DAYS and not _is_month(one)]
    return write_findings(findings, before, now)


def _look_at_office_hours(day: date, working: Working, now: datetime) -> int:
    # A day whose kind is unknown is taken for no workday.
    is_free = day in working.duty_days or not working.calendar.is_workday(day)
    findings = [] if is_free else office_hours(day, list_served_on(day), working.zone)
    return write_findings(findings, list_open_items(ReviewKind.OFFICE_HOURS, day), now)


def _look_at_month(month: str, member_ids: Iterable[int], now: datetime) -> int:
    first_on, last_on = span_of(month)
    persons = list_persons(member_ids)
    findings = impossible_months(first_on, list_large_months(first_on, last_on, persons))
    before = list_items(month_key(one, first_on) for one in set(persons.values()))
    return write_findings(findings, before, now)


def _look_at_arrivals(day: date, now: datetime, zone: tzinfo) -> int:
    times = start_of(day, zone), start_of(day + ONE_DAY, zone)
    desk = find_brigade()
    if desk is None:
        return 0
    suspect, changes = list_suspect_scans(*times), list_late_changes(*times)
    late = late_scans(changes, zone)
    undone = {one.key for one in late_scans((row for row in changes if row.undone), zone)}
    findings = [
        *suspect_scans(day, suspect, list_record_ids_by_scan(row.id for row in suspect), desk.id),
        *(one for one in late if one.key not in undone),
        *repeated_seqs(day, list_repeated_scans(*times), desk.id),
        *hurried_cards(day, list_hurried_scans(*times)),
    ]
    open_ones = list_open_items(ReviewKind.SUSPECT_CLOCK, day)
    before = [one for one in open_ones if one.key.startswith("suspect_clock:")]
    before += list_items(one.key for one in late)
    return write_findings(findings, before, now)


def _look_at_rows(seen: Seen, day: date, now: datetime, zone: tzinfo) -> int:
    """What is seen by its own row (quarantine, clocks of terminals, cards), and the first day's arrivals."""
    desk = find_brigade()
    if desk is None:
        return 0
    clocks = wrong_clocks(now.astimezone(zone).date(), list_terminal_clocks(), desk.id)
    wrong = {one.key for one in clocks}
    for item in list_clock_items():
        # A clock that was put right is news again when it goes wrong, whatever was decided before.
        if item.key not in wrong:
            item.state = ReviewState.GONE
    clashes = list_open_clashes()
    identities = (one.key.rpartition(":")[2] for one in clashes)
    findings = [
        *quarantined(list_quarantined(seen.quarantined, start_of(day, zone)), zone, desk.id),
        *shared_identities(list_shared_cards(seen.card, identities), zone),
        *clocks,
    ]
    changed = write_findings(findings, clashes, now) + _look_at_merges(seen, now, zone)
    return changed + _look_at_arrivals(day, now, zone)


def _look_at_merges(seen: Seen, now: datetime, zone: tzinfo) -> int:
    open_ones = list_open_merges()
    merges = list_merges(seen.at, (one for item in open_ones for one in _merges_of(item)))
    return write_findings(merged_hours(merges, zone), open_ones, now)


def _merges_of(item: ReviewItem) -> list[int]:
    rows: Any = item.rows
    return list(rows["merges"])


# Found by looking at all of a person's day.
_OF_DAYS = HOLDING | {
    ReviewKind.FORGOTTEN,
    ReviewKind.LEFT,
    ReviewKind.MANY_PAIRS,
}


def _is_month(item: ReviewItem) -> bool:
    return item.key.startswith("month_total:")
