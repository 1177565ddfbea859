"""What is drawn: as wide as Chinese characters are, and harmless whatever a name contains."""

import io
import os
import pty
import re
import wave
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanners import sounds as all_sounds
from scanners.display import Display, between, centre, compose, cut, fold, plain_line, width
from scanners.screens import Result, Screen, Tone
from scanners.sounds import MELODIES, RATE, Sounds

NOW = datetime(2026, 11, 15, 8, 3, 10, tzinfo=UTC)
ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[a-zA-Z]|#[345])")


def screen(message: str = "张*，签到成功", tone: Tone = Tone.OK, **changes: object) -> Screen:
    values: dict[str, object] = {
        "station": "龙城U站",
        "now": NOW,
        "connection": "已连接",
        "is_connected": True,
        "pending": 3,
        "result": Result(tone, message),
        "warnings": (),
        **changes,
    }
    return Screen(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("签到", 4), ("，", 2), ("U站", 3), ("e\u0301", 1), ("", 0)]
)
def test_a_chinese_character_takes_two_columns(text: str, columns: int) -> None:
    assert width(text) == columns


def test_texts_are_cut_folded_and_centred_by_columns() -> None:
    assert cut("签到成功", 5) == "签到"
    assert fold("签到成功", 4) == ["签到", "成功"]
    assert fold("Hold your card here", 10) == ["Hold your", "card here"]
    assert centre("签", 6) == "  签  "
    assert between("左左左", "右", 7) == "左左 右"


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (120, 40), (20, 6)])
@pytest.mark.parametrize("has_big_letters", [False, True])
def test_the_screen_fills_the_window_exactly(size: tuple[int, int], has_big_letters: bool) -> None:
    lines = compose(
        screen("欧阳**，签退成功，本次服务 2 小时 30 分钟", warnings=("nfc usb：没有找到设备",)),
        *size,
        has_big_letters,
    )

    assert len(lines) == size[1]
    assert all(width(ESCAPE.sub("", line)) <= size[0] for line in lines)


def test_the_screen_shows_station_clock_connection_queue_and_result() -> None:
    text = "\n".join(compose(screen(), 80, 24))

    for part in ("龙城U站", "2026-11-15 08:03:10", "● 已连接", "待上传 3 条", "√ 张*，签到成功"):
        assert part in text


def test_results_differ_by_sign_and_not_by_colour_alone() -> None:
    signs = {
        ESCAPE.sub("", plain_line(screen(tone=tone)))
        for tone in (Tone.OK, Tone.REPEAT, Tone.ERROR, Tone.TAKEN)
    }

    assert len(signs) == 4


def test_a_name_cannot_steer_the_terminal() -> None:
    for line in (*compose(screen("\x1b[2J\x07张*"), 80, 24), plain_line(screen("\x1b]0;x\x07张*"))):
        assert "\x1b[2J" not in line
        assert "\x07" not in line
        assert "\x1b]" not in line


def test_a_plain_terminal_gets_a_line_only_when_something_changed() -> None:
    out = io.StringIO()
    display = Display(out)
    display.open()
    for _ in range(3):
        display.show(screen())
    display.show(screen(pending=4))
    display.close()

    assert out.getvalue().count("\n") == 2
    assert "\x1b" not in out.getvalue()


def test_a_window_is_taken_over_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as out:
        display = Display(out)
        display.open()
        display.show(screen())
        display.close()
        raw = b""
        while not raw.endswith(b"\x1b[?1049l"):
            raw += os.read(ours, 65536)
    os.close(ours)
    drawn = raw.decode("utf-8")

    assert drawn.startswith("\x1b[?1049h")
    assert "签到成功" in drawn


def test_a_closed_window_does_not_stop_the_station() -> None:
    out = io.StringIO()
    display = Display(out)
    out.close()

    display._write("text")


def test_each_result_has_a_sound_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    player = tmp_path / "aplay"
    player.write_text(f'#!/bin/sh\ncp "$2" {tmp_path}/played.wav\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    sounds = Sounds(lambda: None)
    for tone in MELODIES:
        sounds.play(tone)
        assert sounds._playing is not None
        sounds._playing.wait(5)
        with wave.open(str(tmp_path / "played.wav")) as file:
            length = sum(seconds for _frequency, seconds in MELODIES[tone])
            assert file.getnframes() == pytest.approx(length * RATE, abs=3)
    sounds.close()


def test_without_a_player_the_bell_rings_and_switched_off_nothing_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(all_sounds, "PLAYERS", (("no-such-player",),))
    rung: list[int] = []

    Sounds(lambda: rung.append(1)).play(Tone.OK)
    Sounds(lambda: rung.append(2), is_on=False).play(Tone.OK)

    assert rung == [1]
