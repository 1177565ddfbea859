"""Reviews: what needs a person's eyes before, or although, it counts."""

from enum import StrEnum


class ReviewKind(StrEnum):
    """Why something needs a person."""

    LONG_DAY = "long_day"
    FORGOTTEN = "forgotten"
    LEFT = "left"
    TWO_PLACES = "two_places"
    IMPOSSIBLE_TOTAL = "impossible_total"
    MANY_PAIRS = "many_pairs"
    OFFICE_HOURS = "office_hours"
    SUSPECT_CLOCK = "suspect_clock"
    LATE_SCAN = "late_scan"
    REPEATED_SEQ = "repeated_seq"
    QUARANTINED = "quarantined"
    IDENTITY_CLASH = "identity_clash"


class ReviewState(StrEnum):
    """What became of it. ``gone``: the cause went away by itself before anybody decided."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MUTED = "muted"
    GONE = "gone"


# Records named by an item of these kinds credit nothing until it is accepted.
HOLDING = frozenset(
    {
        ReviewKind.LONG_DAY,
        ReviewKind.TWO_PLACES,
        ReviewKind.IMPOSSIBLE_TOTAL,
    }
)
