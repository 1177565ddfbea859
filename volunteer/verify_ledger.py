#!/usr/bin/env python3
"""Check an export of the ledger, the audit and the seals. One file; needs nothing but Python 3.9 or newer.

    python verify_ledger.py EXPORT [--key PUBLIC_KEY] [--seals EARLIER_EXPORT]

The export has one JSON object a line. The check trusts nobody: it computes every hash and every
signature itself (SHA-256; Ed25519 as in RFC 8032), and finds any changed, removed, added or
reordered entry, and any seal put in place of another. ``--key`` is the public key you wrote down on
your first visit; ``--seals`` an export you took home then: what it sealed must still be there,
so that an old copy of the database put back in place is found too.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

NO_HASH = "0" * 64
STEP = 100_000


class Check:
    """Takes the lines of an export in order; ``problems`` says in words what is wrong."""

    def __init__(self, key: str = "", kept: "dict[int, str] | None" = None) -> None:
        self.key, self.kept = key, kept or {}
        self.problems: list[str] = []
        self.entries = self.events = self.seals = 0
        self.minutes = {"metered": 0, "declared": 0}
        self.sealed = 0
        self._heads: dict[int, tuple[int, str]] = {}
        self._moved: dict[int, tuple[int, str]] = {}
        self._live: dict[int, tuple[int, int]] = {}
        self._event_hash = self._seal_hash = NO_HASH

    def take(self, line: "dict[str, Any]") -> None:
        """One line: an entry, an event or a seal."""
        content = {name: value for name, value in line.items() if name not in ("line", "hash", "signature")}
        kind = line.get("line")
        if kind == "entry":
            self._take_entry(content, str(line.get("hash")))
        elif kind == "event":
            self._take_event(content, str(line.get("hash")))
        elif kind == "seal":
            self._take_seal(content, str(line.get("hash")), str(line.get("signature")))
        else:
            self.problems.append(f"a line that is no entry, no event and no seal: {str(line)[:80]}")

    def end(self) -> "list[str]":
        """All problems, once every line was taken."""
        for number in sorted(self.kept):
            self.problems.append(f"seal {number} was there earlier and is gone: older data were put back")
        if not self.seals and self.entries:
            self.problems.append("nothing is sealed yet")
        return self.problems

    def _take_entry(self, entry: "dict[str, Any]", stated: str) -> None:
        self.entries += 1
        name, member = f"entry {entry.get('number')}", int(entry["member_id"])
        if entry.get("number") != self.entries:
            self.problems.append(
                f"{name}: entry {self.entries} was expected; one was removed, added or moved"
            )
            self.entries = int(entry.get("number") or self.entries)
        if hash_of(entry) != stated:
            self.problems.append(f"{name}: its content was changed")
        seq, end = self._heads.get(member, (0, NO_HASH))
        if entry.get("seq") != seq + 1 or entry.get("previous_hash") != end:
            self.problems.append(f"{name}: does not follow the member's entry before it")
        self._heads[member] = self._moved[member] = (int(entry.get("seq") or 0), stated)
        self._take_minutes(name, entry)

    def _take_minutes(self, name: str, entry: "dict[str, Any]") -> None:
        minutes, taken_back = int(entry.get("minutes") or 0), entry.get("reverses")
        if taken_back is None:
            self._live[entry["number"]] = (entry["member_id"], minutes)
        elif self._live.pop(taken_back, None) != (entry["member_id"], -minutes):
            self.problems.append(
                f"{name}: takes back what entry {taken_back} never credited, or not any more"
            )
        if entry.get("measure") == "declared" and not (
            entry.get("entered_by_id") and entry.get("approved_by_id") and entry.get("correction_id")
        ):
            self.problems.append(f"{name}: declared time without two people behind it")
        self.minutes[entry["measure"]] += minutes

    def _take_event(self, event: "dict[str, Any]", stated: str) -> None:
        self.events += 1
        name = f"audit event {event.get('number')}"
        if event.get("number") != self.events:
            self.problems.append(f"{name}: event {self.events} was expected; one was removed, added or moved")
            self.events = int(event.get("number") or self.events)
        if hash_of(event) != stated:
            self.problems.append(f"{name}: its content was changed")
        if event.get("previous_hash") != self._event_hash:
            self.problems.append(f"{name}: does not follow the event before it")
        self._event_hash = stated

    def _take_seal(self, seal: "dict[str, Any]", stated: str, signature: str) -> None:
        self.seals += 1
        name, number = f"seal {seal.get('number')}", seal.get("number")
        expected = {
            "number": self.seals,
            "last_entry": self.entries,
            "heads_hash": hash_heads(self._moved),
            "last_event": self.events,
            "event_hash": self._event_hash,
            "previous_hash": self._seal_hash,
        }
        for what, value in expected.items():
            if seal.get(what) != value:
                self.problems.append(f"{name}: {what} does not fit what lies before it")
        if hash_of(seal) != stated:
            self.problems.append(f"{name}: its content was changed")
        public_key = str(seal.get("public_key"))
        if self.key and public_key != self.key:
            self.problems.append(f"{name}: made with another key than the one you wrote down")
        if not is_signed(public_key, stated, signature):
            self.problems.append(f"{name}: the signature is wrong")
        earlier = self.kept.pop(number, stated) if isinstance(number, int) else stated
        if earlier != stated:
            self.problems.append(f"{name}: another one than the one you kept")
        self.seals, self._seal_hash, self._moved = int(number or self.seals), stated, {}
        self.sealed = self.entries


def hash_of(content: "dict[str, Any]") -> str:
    """SHA-256 over JSON with sorted keys, no spaces and ASCII only."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def hash_heads(moved: "dict[int, tuple[int, str]]") -> str:
    """One hash over the heads that moved since the seal before, by member."""
    lines = "".join(f"{member}:{seq}:{digest}\n" for member, (seq, digest) in sorted(moved.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


# Ed25519 (RFC 8032, section 5.1): points as x, y, z, t with x*y = z*t on the curve over GF(P).
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def _add(a: Any, b: Any) -> Any:
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, y, z, t = f - e, h - g, h + g, f + e
    return x * y % P, z * t % P, y * z % P, x * t % P


def _times(scalar: int, point: Any) -> Any:
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _read_point(data: bytes) -> Any:
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = _read_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public_key: str, message: str, signature: str) -> bool:
    """Whether the owner of the public key signed these bytes; everything hexadecimal."""
    try:
        key, text, sign = bytes.fromhex(public_key), bytes.fromhex(message), bytes.fromhex(signature)
    except ValueError:
        return False
    if len(key) != 32 or len(sign) != 64:
        return False
    point, start = _read_point(key), _read_point(sign[:32])
    scalar = int.from_bytes(sign[32:], "little")
    if point is None or start is None or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(sign[:32] + key + text).digest(), "little") % ORDER
    left, right = _times(scalar, BASE), _add(start, _times(challenge, point))
    return (
        not (left[0] * right[2] - right[0] * left[2]) % P
        and not (left[1] * right[2] - right[1] * left[2]) % P
    )


def read_lines(path: str) -> "Iterator[dict[str, Any]]":
    """The lines of an export."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                found = json.loads(line)
            except ValueError:
                found = {"line": f"unreadable line {number}"}
            yield found if isinstance(found, dict) else {"line": f"unreadable line {number}"}


def kept_seals(lines: "Iterable[dict[str, Any]]") -> "dict[int, str]":
    """The seals of an earlier export: number and hash."""
    return {line["number"]: line["hash"] for line in lines if line.get("line") == "seal"}


def check(lines: "Iterable[dict[str, Any]]", key: str, kept: "dict[int, str]", say: Any = print) -> Check:
    """Take all lines, saying now and then how far it is."""
    found = Check(key, kept)
    for count, line in enumerate(lines, 1):
        try:
            found.take(line)
        except (KeyError, TypeError, ValueError) as error:
            found.problems.append(f"line {count} has not the shape of its kind: {error}")
        if count % STEP == 0:
            say(f"... {count} lines, {len(found.problems)} problems")
    found.end()
    return found


def report(found: Check) -> "list[str]":
    """The result in words, ending in one verdict."""
    hours = {name: minutes / 60 for name, minutes in found.minutes.items()}
    lines = [
        f"{found.entries} entries ({found.entries - found.sealed} of them after the last seal), "
        f"{found.events} audit events, {found.seals} seals",
        f"{hours['metered']:.1f} hours metered, {hours['declared']:.1f} hours declared",
        *(f"PROBLEM: {problem}" for problem in found.problems[:100]),
    ]
    if len(found.problems) > 100:
        lines.append(f"... and {len(found.problems) - 100} more problems")
    return [*lines, f"FOUND {len(found.problems)} PROBLEMS" if found.problems else "EVERYTHING FITS"]


def main() -> int:
    """The command line; 0 where everything fits, 1 where not."""
    parser = argparse.ArgumentParser(description="Check an export of the ledger.")
    parser.add_argument("export")
    parser.add_argument("--key", default="", help="the public key you wrote down")
    parser.add_argument("--seals", default="", help="an earlier export you kept")
    asked = parser.parse_args()
    kept = kept_seals(read_lines(asked.seals)) if asked.seals else {}
    found = check(read_lines(asked.export), asked.key.lower(), kept)
    print("\n".join(report(found)))
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
