"""Random samples of the ledger: anybody can draw again from the stored seed and get the same entries.

The population are the credits in the sample's teams served in its days, up to the last entry
there was. The order is that of HMAC-SHA256 with the seed as key over the entry's number, and the
sample are the first so many. With an export of the ledger, outside of this software:

    import hmac, json
    entries = [json.loads(line) for line in open("ledger.ndjson")]
    numbers = [e["number"] for e in entries if e["line"] == "entry" and e["kind"] == "credit"
               and e["team_id"] in TEAMS and FIRST <= e["served_on"] <= LAST and e["number"] <= LAST_ENTRY]
    key = bytes.fromhex(SEED)
    print(sorted(numbers, key=lambda n: hmac.digest(key, str(n).encode(), "sha256"))[:SIZE])
"""

import hmac
from collections.abc import Iterable

from volunteer.domain.audit import SampleResult
from volunteer.domain.refusals import N_, NotFound, Refusal, TextTooLong

LEAST, MOST = 1, 200
LONGEST_NOTE, LONGEST_CONCLUSION = 300, 500


class SampleUnknown(NotFound):
    """There is no such sample, or it lies outside the scope."""

    code = "sample_unknown"
    msgid = N_("没有这份抽查，或不在您的管理范围内。")


class SampleSizeWrong(Refusal):
    """Too few or too many entries."""

    code = "sample_size_wrong"
    msgid = N_("抽查条数应为 %(least)s 到 %(most)s。")


class NothingToDraw(Refusal):
    """The population is empty."""

    code = "nothing_to_draw"
    msgid = N_("这些队伍在这段时间没有已入账的时长，无法抽查。")


class NoteMissing(Refusal):
    """What was found wrong or unclear needs words."""

    code = "note_missing"
    msgid = N_("结果为“有误”或“不清楚”时，请写明情况。")


class SampleFinished(Refusal):
    """The protocol stands."""

    code = "sample_finished"
    msgid = N_("这份抽查已经完成，结果不能再改。")


class SampleUnchecked(Refusal):
    """Some entries were not looked into yet."""

    code = "sample_unchecked"
    msgid = N_("还有 %(count)s 条没有填写结果，填完才能完成抽查。")


class ConclusionMissing(Refusal):
    """A protocol ends with a conclusion."""

    code = "conclusion_missing"
    msgid = N_("请写明抽查结论。")


def draw(seed: str, population: Iterable[int], size: int) -> list[int]:
    """The first ``size`` numbers of the population in the order that the seed (hexadecimal) gives them."""
    key = bytes.fromhex(seed)
    return sorted(population, key=lambda number: hmac.digest(key, str(number).encode(), "sha256"))[:size]


def read_size(text: str) -> int:
    """How many entries to draw, as typed."""
    size = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    if not LEAST <= size <= MOST:
        raise SampleSizeWrong(least=LEAST, most=MOST)
    return size


def clean_note(result: SampleResult, note: str) -> str:
    """The note beside a result; what is not right is explained."""
    note = note.strip()
    if not note and result is not SampleResult.RIGHT:
        raise NoteMissing()
    if len(note) > LONGEST_NOTE:
        raise TextTooLong(maximum=LONGEST_NOTE)
    return note


def clean_conclusion(text: str) -> str:
    """The conclusion of a protocol."""
    text = text.strip()
    if not text:
        raise ConclusionMissing()
    if len(text) > LONGEST_CONCLUSION:
        raise TextTooLong(maximum=LONGEST_CONCLUSION)
    return text
