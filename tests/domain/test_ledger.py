"""The chain, the seals, and the stand-alone check that trusts none of them."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import ROOT
from volunteer.domain.ledger import (
    NO_HASH,
    Chained,
    Entry,
    EntryKind,
    Measure,
    Proof,
    Seal,
    chain,
    content_of,
    derive_seal_key,
    hash_heads,
    reverse,
)
from volunteer.verify_ledger import check, is_signed, kept_seals

NOW = datetime(2026, 9, 16, 1, tzinfo=UTC)
KEY = derive_seal_key("a secret")
Lines = list[dict[str, Any]]


def credit(member: int, minutes: int) -> Entry:
    start = datetime(2026, 9, 15, 1, tzinfo=UTC)
    return Entry(
        member_id=member,
        kind=EntryKind.CREDIT,
        minutes=minutes,
        measure=Measure.METERED,
        proof=Proof.CARD,
        record_id=member * 100 + minutes,
        served_on=date(2026, 9, 15),
        checked_in_at=start,
        checked_out_at=start + timedelta(minutes=minutes),
        station_id=1,
        activity_id=None,
        team_id=1,
        unit_id=None,
        policy_id=1,
    )


def seal(number: int, entries: list[Chained], last_entry: int, previous_hash: str) -> dict[str, Any]:
    heads = {one.member_id: (one.member_id, one.seq, one.hash) for one in entries}
    made = Seal(
        number,
        NOW.isoformat(),
        last_entry,
        hash_heads(heads.values()),
        0,
        NO_HASH,
        previous_hash,
        KEY.public_key,
    )
    return {"line": "seal", **asdict(made), "hash": made.hash, "signature": KEY.sign(made)}


def line(one: Chained) -> dict[str, Any]:
    return {"line": "entry", **content_of(one), "hash": one.hash}


@pytest.fixture
def lines() -> Lines:
    """Three entries and a seal, a reversal with a new credit, and a second seal."""
    first = chain([credit(1, 60), credit(2, 90), credit(1, 30)], {}, 0, NOW)
    heads = {one.member_id: one for one in first}
    later = chain([reverse(first[1], "changed"), credit(2, 80)], heads, 3, NOW)  # type: ignore[arg-type]
    seals = [seal(1, first, 3, NO_HASH)]
    seals.append(seal(2, later, 5, seals[0]["hash"]))
    return [*map(line, first), seals[0], *map(line, later), seals[1]]


def problems(lines: Lines, key: str = "", kept: Lines | None = None) -> list[str]:
    return check(lines, key, kept_seals(kept or []), lambda _: None).problems


def test_what_nobody_touched_fits(lines: Lines) -> None:
    assert problems(lines, KEY.public_key, lines) == []


@pytest.mark.parametrize("place", [0, 1, 2, 4, 5])
def test_every_field_of_every_entry_is_covered(lines: Lines, place: int) -> None:
    for name, value in lines[place].items():
        if name == "line":
            continue
        changed = value + 1 if isinstance(value, int) else f"{value}x"
        assert problems([*lines[:place], {**lines[place], name: changed}, *lines[place + 1 :]]), name


@pytest.mark.parametrize("place", [3, 6])
def test_every_field_of_a_seal_is_covered(lines: Lines, place: int) -> None:
    for name, value in lines[place].items():
        if name == "line":
            continue
        changed = value + 1 if isinstance(value, int) else value[:-1] + ("0" if value[-1] != "0" else "1")
        assert problems([*lines[:place], {**lines[place], name: changed}, *lines[place + 1 :]]), name


@pytest.mark.parametrize("place", range(6))
def test_a_line_that_is_gone_is_missed(lines: Lines, place: int) -> None:
    assert problems([*lines[:place], *lines[place + 1 :]])


def test_an_entry_put_in_is_found(lines: Lines) -> None:
    forged = chain([credit(3, 300)], {}, 2, NOW)
    assert problems([*lines[:2], line(forged[0]), *lines[2:]])


@pytest.mark.parametrize("place", range(6))
def test_two_lines_that_changed_places_are_found(lines: Lines, place: int) -> None:
    swapped = lines[:]
    swapped[place], swapped[place + 1] = swapped[place + 1], swapped[place]
    assert problems(swapped)


def test_a_whole_forged_ledger_has_another_key_or_other_seals(lines: Lines) -> None:
    # given somebody who rewrites everything, and even signs it
    first = chain([credit(1, 360)], {}, 0, NOW)
    forged = [line(first[0]), seal(1, first, 1, NO_HASH)]

    # then it fits in itself, but not with what an auditor took home
    assert problems(forged) == []
    assert problems(forged, kept=lines)
    assert problems(forged, key=derive_seal_key("another secret").public_key)


def test_an_old_copy_put_back_lacks_a_seal_that_was_there(lines: Lines) -> None:
    assert problems(lines[:4], kept=lines) == [
        "seal 2 was there earlier and is gone: older data were put back"
    ]


def test_declared_time_needs_two_people_behind_it() -> None:
    alone = Entry(
        **vars(credit(1, 300)) | {"measure": Measure.DECLARED, "correction_id": 1, "entered_by_id": 1}
    )
    assert any("two people" in one for one in problems([line(one) for one in chain([alone], {}, 0, NOW)]))


def test_minutes_are_taken_back_once(lines: Lines) -> None:
    first = chain([credit(1, 60)], {}, 0, NOW)
    twice = chain([reverse(first[0], ""), reverse(first[0], "")], {1: first[0]}, 1, NOW)  # type: ignore[dict-item]
    assert any("takes back" in one for one in problems([line(one) for one in [*first, *twice]]))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.integers(0, 63))
def test_signatures_made_by_the_library_are_checked_by_the_script(
    secret: bytes, message: bytes, place: int
) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(secret)
    public, signature = private.public_key().public_bytes_raw().hex(), private.sign(message)
    wrong = bytearray(signature)
    wrong[place] ^= 1
    assert is_signed(public, message.hex(), signature.hex())
    assert not is_signed(public, message.hex(), wrong.hex())
    assert not is_signed(public, message.hex() + "00", signature.hex())


@pytest.mark.parametrize("rubbish", ["", "xyz", "00", "ff" * 32, "ff" * 64])
def test_rubbish_is_no_signature(rubbish: str) -> None:
    assert not is_signed(KEY.public_key, "00", rubbish)
    assert not is_signed(rubbish, "00", "00" * 64)


def test_the_script_runs_alone_on_a_file(lines: Lines, tmp_path: Path) -> None:
    # given nothing but Python, without the packages of this installation
    script = tmp_path / "verify_ledger.py"
    script.write_text((ROOT / "volunteer/verify_ledger.py").read_text())
    run: Callable[[Lines], Any] = lambda found: subprocess.run(  # noqa: E731
        [sys.executable, "-I", "-S", script, _write(found, tmp_path), "--key", KEY.public_key],
        capture_output=True,
        text=True,
        check=False,
    )

    # then it says whether everything fits
    good = run(lines)
    bad = run([*lines[:2], {**lines[2], "minutes": 31}, *lines[3:]])
    assert (good.returncode, good.stdout.splitlines()[-1]) == (0, "EVERYTHING FITS")
    assert bad.returncode == 1
    assert "entry 3: its content was changed" in bad.stdout


def _write(lines: Lines, folder: Path) -> Path:
    path = folder / "export.ndjson"
    path.write_text("\n".join(json.dumps(one) for one in lines) + "\n")
    return path


def test_a_line_that_is_no_json_is_a_problem_and_no_crash(lines: Lines, tmp_path: Path) -> None:
    path = tmp_path / "broken"
    path.write_text(json.dumps(lines[0]) + "\n{broken\n[1]\n")
    from volunteer.verify_ledger import read_lines

    assert len(problems(list(read_lines(str(path))))) >= 2
