"""The audit: acts of people, told in words; and random samples."""

from enum import StrEnum


class SampleResult(StrEnum):
    """What a person found about a drawn entry."""

    RIGHT = "right"
    WRONG = "wrong"
    UNCLEAR = "unclear"
