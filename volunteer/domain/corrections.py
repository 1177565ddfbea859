"""Corrections: what a person may wish to have changed in the record, and by whom it is decided."""

from enum import StrEnum


class CorrectionKind(StrEnum):
    """What is wished for.

    Each takes the original out of account (but for those that have none) and puts a
    declared record in its place (but for a void).
    """

    CORRECTION = "correction"
    MAKEUP_RECORD = "makeup_record"
    VOID = "void"
    # When somebody left who forgot to check out.
    CHECK_OUT = "check_out"
    PAPER = "paper"
