"""``make bench``: measure everything in one run, print it as JSON, and write docs/performance.md."""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("VOLUNTEER_SECRET_KEY", "benchmark")

from benchmarks import card_sheets, hours, imports, ledger, members, scans
from tests.postgresql import start_cluster

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
# Redeemed tickets a second of a peer ticketing system on two cores and the same database (see the page).
PEER = 35
SEARCHES = {
    "name": "whole name",
    "pinyin": "pinyin",
    "number": "part of the number",
    "phone": "the last four digits of the telephone",
}


def main() -> None:
    """Run every benchmark on one private PostgreSQL with durable settings."""
    for cluster in start_cluster():
        if cluster is None:
            sys.exit("PostgreSQL is not installed: sudo apt-get install postgresql")
        found = {
            "scans": scans.measure(cluster),
            "hours": hours.measure(cluster),
            "members": members.measure(cluster),
        }
    found |= {"cards": card_sheets.measure(), "ledger": ledger.measure(), "imports": imports.measure()}
    print(json.dumps(found, indent=1, ensure_ascii=False))
    PAGE.write_text(write_page(found))


def write_page(found: dict[str, Any]) -> str:
    """The page: one table, every figure with its ratio inside this run."""
    one, look, cards = found["scans"], found["hours"], found["cards"]
    small, large = look["ten_thousand"], look["ten_million"]
    people, lists = found["members"], found["imports"]
    rows = [
        (
            "single scans over HTTP, 8 connections",
            f"{one['single_scans_per_second']}/s, p50 {one['single_p50_ms']} ms, p99 {one['single_p99_ms']} ms",
            f"{one['single_to_raw']} of the raw database doing the same transaction "
            f"({one['raw_transactions_per_second']}/s); {one['single_scans_per_second'] / PEER:.0f} × the peer",
        ),
        (
            "batches of 500 scans over HTTP",
            f"{one['batch_scans_per_second']} scans/s",
            f"{one['batch_to_raw']} of the raw database's single transactions",
        ),
        (
            "batches that come days late, between records already counted",
            f"{one['late_batch_scans_per_second']} scans/s",
            f"{one['late_batch_to_raw']} of the raw database's single transactions",
        ),
        (
            "a member's hours, 10 million records",
            f"{large['hours_ms']} ms",
            f"{look['hours_ratio']} of the same with 10 thousand ({small['hours_ms']} ms)",
        ),
        (
            "a member's month table, 10 million records",
            f"{large['months_ms']} ms",
            f"{look['months_ratio']} of the same with 10 thousand ({small['months_ms']} ms)",
        ),
        *(
            (
                f"searching {people['members']:,} members by {words}",
                f"{people[f'{what}_ms']} ms",
                f"{people[f'{what}_ratio']} of a bare look-up by the unique number ({people['bare_ms']} ms)",
            )
            for what, words in SEARCHES.items()
        ),
        (
            f"importing a dirty list of {people['import_rows']:,} rows: read, judged, repaired, written",
            f"{people['import_seconds']} s",
            f"{people['import_ratio']} of bare INSERTs of the {people['import_made']:,} members that it made "
            f"({people['import_bare_seconds']} s)",
        ),
        *(
            (
                f"importing {lists['long_rows']:,} rows of a .{ending} file, start of the processes included",
                f"{one['long_seconds']} s, {one['long_work_megabytes']} MB at most",
                f"{one['memory_ratio']} of the memory and {one['seconds_ratio']} of the time of "
                f"{lists['short_rows']:,} rows ({one['short_work_megabytes']} MB, {one['short_seconds']} s)",
            )
            for ending, one in ((ending, lists[ending]) for ending in ("xlsx", "csv"))
        ),
        (
            "2,565 cards as one PDF",
            f"{cards['pdf_seconds']} s, {cards['pdf_megabytes']} MB",
            f"{cards['pdf_to_qr_ratio']} of making the bare QR symbols ({cards['qr_seconds']} s)",
        ),
    ]
    checked = found["ledger"]
    rows.append(
        (
            f"checking an exported ledger of {checked['entries']:,} entries, {checked['megabytes']} MB, by the stand-alone script",
            f"{checked['seconds']} s",
            f"{checked['ratio']} of merely reading and hashing the same lines once ({checked['bare_seconds']} s)",
        )
    )
    lines = "\n".join(f"| {what} | {figure} | {ratio} |" for what, figure, ratio in rows)
    return TEXT.format(rows=lines, cores=os.cpu_count(), python=platform.python_version())


TEXT = """# Performance

Written by `make bench`: {cores} cores, Python {python}, a private PostgreSQL with its durable default settings (`fsync`,
`synchronous_commit`), server, load generator and database on the same machine. Figures of two machines cannot be compared; the
ratios inside one run can.

| what | figure | ratio inside this run |
|---|---|---|
{rows}

The peer is the ticketing system pretix: 35 redemptions a second (p50 220 ms) on two cores with PostgreSQL 15 and durable settings,
measured earlier on a machine of this size and not in this run.

## Where the time of a scan goes

The measured brigade has four thousand members who served on thirty days before; then everybody comes and goes each day.

One scan is one HTTP request and one transaction, for which the server waits for the database three times: who the terminal is; then four
statements sent together – the card with the plans of the station, locking its member; the scans of these days; the records they may touch; the
sums of older ones –; then the record and the scan with its answer, sent together with the COMMIT, which waits for the disk. Statements are
planned once (`plan_cache_mode=force_generic_plan`): planning them anew cost more than running them. Of the processor's time about three fifths are
Python's in the server (carrying statements first, HTTP next, the rules themselves less than a tenth), a quarter the database's.

In batches the statements are the same for five hundred scans: lists travel as one array and rows as one JSON text. Python's
collector is told that the loaded program stays (it took a sixth of a batch looking through it), and rows become JSON by orjson (another
sixth). Scans that come late cost more: every later record of the member up to the next long pause is derived anew.

Nothing is given up for it: the fold is the same order-free one, every scan is answered after its commit, and `synchronous_commit` stays on.
"""

if __name__ == "__main__":
    main()
