"""What was read and has not been answered: kept on disk until the server has named its id."""

import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

MOST_JOURNALLED = 2000  # refusals kept for whoever looks after the station; older ones go

SCHEMA = """
CREATE TABLE IF NOT EXISTS scans (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,   -- AUTOINCREMENT: a number is never used twice, gaps mean loss
    id TEXT NOT NULL UNIQUE,
    token TEXT NOT NULL,
    medium TEXT NOT NULL,
    at TEXT NOT NULL,
    boot TEXT NOT NULL,
    monotonic_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS refusals (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    seq INTEGER,
    token_end TEXT NOT NULL,
    at TEXT NOT NULL,
    status TEXT NOT NULL,
    outcome TEXT NOT NULL,
    message TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Scan:
    """One card held to this terminal. ``monotonic_ms`` counts from the start named ``boot``."""

    id: str
    token: str
    medium: str
    at: datetime
    boot: str
    monotonic_ms: int
    seq: int = 0


@dataclass(frozen=True)
class Answer:
    """What the server said about one scan."""

    id: str
    status: str
    outcome: str
    message: str
    name: str | None = None
    remark: str = ""


class Outbox:
    """The file of unanswered scans; may be used from several threads of one program.

    A scan that ``keep`` has returned survives the end of the program and of
    the power: the journal is truncated after a full sync. The write-ahead mode
    is left alone, because SQLite before 3.51.3 can lose committed rows in it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        try:
            self._db.execute("PRAGMA journal_mode=TRUNCATE")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")  # answered card numbers do not linger in the file
            self._db.executescript(SCHEMA)
        except sqlite3.DatabaseError:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def keep(self, scan: Scan) -> int:
        """Store a scan; when this returns it is on disk. Returns its number in the terminal's sequence."""
        with self._lock:
            cursor = self._db.execute(
                "INSERT INTO scans (id, token, medium, at, boot, monotonic_ms) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    scan.id,
                    scan.token,
                    scan.medium,
                    scan.at.isoformat(timespec="milliseconds"),
                    scan.boot,
                    scan.monotonic_ms,
                ),
            )
            return int(cursor.lastrowid or 0)

    def list_pending(self, limit: int, after: int = 0) -> list[Scan]:
        """Unanswered scans with a number above ``after``, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id, token, medium, at, boot, monotonic_ms, seq FROM scans"
                " WHERE seq > ? ORDER BY seq LIMIT ?",
                (after, limit),
            ).fetchall()
        return [Scan(row[0], row[1], row[2], datetime.fromisoformat(row[3]), *row[4:]) for row in rows]

    def count_pending(self) -> int:
        """How many scans wait for an answer."""
        with self._lock:
            return int(self._db.execute("SELECT count(*) FROM scans").fetchone()[0])

    def settle(self, answers: Iterable[Answer], sent: Sequence[Scan]) -> int:
        """Forget the scans that were sent and are named by an answer; note those refused. How many went.

        An answer about something that was not sent changes nothing.
        """
        known = {scan.id: scan for scan in sent}
        answered = {answer.id: answer for answer in answers if answer.id in known}
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for answer in answered.values():
                    self._db.execute("DELETE FROM scans WHERE id = ?", (answer.id,))
                    if answer.status in ("refused", "quarantined"):
                        self._note_refusal(known[answer.id], answer)
                self._db.execute(
                    "DELETE FROM refusals WHERE number <= (SELECT max(number) FROM refusals) - ?",
                    (MOST_JOURNALLED,),
                )
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
        return len(answered)

    def _note_refusal(self, scan: Scan, answer: Answer) -> None:
        # the last characters are enough to recognise a card, and too few to copy one
        self._db.execute(
            "INSERT INTO refusals (id, seq, token_end, at, status, outcome, message)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                scan.id,
                scan.seq,
                scan.token[-4:],
                scan.at.isoformat(),
                answer.status,
                answer.outcome,
                answer.message,
            ),
        )

    def list_refusals(self, limit: int = 50) -> list[tuple[str, str, str, str, str]]:
        """The newest refusals: time, end of the token, status, reason, message."""
        with self._lock:
            return self._db.execute(
                "SELECT at, token_end, status, outcome, message FROM refusals ORDER BY number DESC LIMIT ?",
                (limit,),
            ).fetchall()

    def remember(self, name: str, value: str) -> None:
        """Note a fact that should be known before the server is reached, such as the station's name."""
        with self._lock:
            self._db.execute(
                "INSERT INTO notes VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

    def recall(self, name: str) -> str | None:
        """A fact noted before, or None."""
        with self._lock:
            row = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def is_sound(self) -> bool:
        """Whether SQLite finds the file whole."""
        with self._lock:
            return bool(self._db.execute("PRAGMA quick_check").fetchone()[0] == "ok")


def open_outbox(path: Path, now: datetime) -> tuple[Outbox, Path | None]:
    """The outbox, and where a damaged one was put aside: a station on duty must be able to go on."""
    try:
        return Outbox(path), None
    except sqlite3.OperationalError:
        raise  # locked, full, read-only: the file itself is good
    except sqlite3.DatabaseError:
        aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}")
        path.rename(aside)
        return Outbox(path), aside
