"""The outbox: what is kept stays kept until it is answered."""

import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from scanners import outbox as outboxes
from scanners.outbox import Answer, Outbox, Scan, open_outbox
from tests.scanners.terminals import ROOT

NOW = datetime(2026, 11, 15, 8, 3, 10, tzinfo=UTC)


def scan(identity: str = "04A2B3C4D5E680") -> Scan:
    return Scan(str(uuid4()), identity, "nfc", NOW, "boot-1", 1000)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(tmp_path / "outbox.db")
    yield outbox
    outbox.close()


def test_a_kept_scan_is_there_after_the_program_was_killed(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import os, pathlib, signal, sys
        from datetime import UTC, datetime
        from scanners.outbox import Outbox, Scan
        outbox = Outbox(pathlib.Path(sys.argv[1]))
        outbox.keep(Scan("id-1", "token", "nfc", datetime.now(UTC), "boot", 5))
        os.kill(os.getpid(), signal.SIGKILL)
    """)

    subprocess.run([sys.executable, "-c", program, str(tmp_path / "outbox.db")], cwd=ROOT, check=False)

    outbox = Outbox(tmp_path / "outbox.db")
    assert [kept.id for kept in outbox.list_pending(10)] == ["id-1"]
    outbox.close()


def test_the_file_is_synced_at_each_commit_and_closed_to_others(outbox: Outbox, tmp_path: Path) -> None:
    assert outbox._db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert outbox._db.execute("PRAGMA journal_mode").fetchone()[0] == "truncate"
    assert (tmp_path / "outbox.db").stat().st_mode & 0o777 == 0o600


def test_numbers_go_on_after_the_outbox_was_emptied(outbox: Outbox) -> None:
    kept = [scan(), scan()]
    numbers = [outbox.keep(one) for one in kept]
    outbox.settle([Answer(one.id, "accepted", "checked_in", "") for one in kept], kept)

    assert numbers == [1, 2]
    assert outbox.count_pending() == 0
    assert outbox.keep(scan()) == 3


def test_an_answer_about_something_that_was_not_sent_removes_nothing(outbox: Outbox) -> None:
    first, second = scan(), scan()
    outbox.keep(first)
    outbox.keep(second)

    settled = outbox.settle([Answer(second.id, "accepted", "checked_in", "")], [first])

    assert settled == 0
    assert outbox.count_pending() == 2


def test_refusals_are_noted_without_the_whole_card_number(outbox: Outbox) -> None:
    kept = scan("04A2B3C4D5E680")
    outbox.keep(kept)
    outbox.settle([Answer(kept.id, "refused", "card_unknown", "未登记的卡")], [kept])

    assert outbox.list_refusals() == [(NOW.isoformat(), "E680", "refused", "card_unknown", "未登记的卡")]


def test_the_journal_of_refusals_does_not_grow_without_end(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outboxes, "MOST_JOURNALLED", 5)
    for number in range(12):
        kept = scan(f"token-{number:04d}")
        outbox.keep(kept)
        outbox.settle([Answer(kept.id, "quarantined", "malformed", "")], [kept])

    assert [row[1] for row in outbox.list_refusals()] == ["0011", "0010", "0009", "0008", "0007"]


def test_answered_card_numbers_do_not_linger_in_the_file(outbox: Outbox, tmp_path: Path) -> None:
    kept = scan("SECRETCARDNUMBER")
    outbox.keep(kept)
    assert b"SECRETCARDNUMBER" in (tmp_path / "outbox.db").read_bytes()

    outbox.settle([Answer(kept.id, "accepted", "checked_in", "")], [kept])

    assert b"SECRETCARDNUMBER" not in (tmp_path / "outbox.db").read_bytes()


def test_a_damaged_file_is_put_aside_and_the_station_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "outbox.db"
    path.write_bytes(b"this is not a database" * 100)

    outbox, aside = open_outbox(path, NOW)

    assert aside is not None
    assert aside.read_bytes().startswith(b"this is not")
    assert outbox.keep(scan()) == 1
    outbox.close()


def test_a_scan_that_cannot_be_written_is_an_error_not_a_silence(outbox: Outbox) -> None:
    outbox._db.execute("PRAGMA query_only=ON")

    with pytest.raises(sqlite3.Error):
        outbox.keep(scan())


def test_notes_are_remembered(outbox: Outbox) -> None:
    outbox.remember("station_name", "龙城U站")
    outbox.remember("station_name", "东门I城")

    assert outbox.recall("station_name") == "东门I城"
    assert outbox.recall("nothing") is None
