"""Three short sounds, made here and played by whatever player the machine has; else the terminal's bell."""

import math
import shutil
import struct
import subprocess
import tempfile
import wave
from collections.abc import Callable
from pathlib import Path

from scanners.screens import Tone

RATE = 22050  # samples a second
# (frequency in hertz, length in seconds), one after the other
MELODIES = {
    Tone.OK: ((880, 0.09), (1320, 0.14)),
    Tone.REPEAT: ((880, 0.09), (0, 0.06), (880, 0.09)),
    Tone.WARNED: ((880, 0.09), (0, 0.06), (587, 0.09), (0, 0.06), (587, 0.14)),
    Tone.ERROR: ((220, 0.35),),
    Tone.TAKEN: ((880, 0.09),),
}
PLAYERS = (("aplay", "-q"), ("paplay",))


def samples(notes: tuple[tuple[int, float], ...]) -> bytes:
    """16-bit mono samples; each note fades in and out, which keeps small speakers from clicking."""
    parts = []
    for frequency, seconds in notes:
        count = int(RATE * seconds)
        for n in range(count):
            fade = min(1.0, n / 200, (count - n) / 200)
            parts.append(struct.pack("<h", int(12000 * fade * math.sin(2 * math.pi * frequency * n / RATE))))
    return b"".join(parts)


class Sounds:
    """Plays a sound without waiting for it; never fails for want of a loudspeaker."""

    def __init__(self, bell: Callable[[], None], is_on: bool = True) -> None:
        self._bell = bell
        self._is_on = is_on
        self._player = next((player for player in PLAYERS if shutil.which(player[0])), None)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._playing: subprocess.Popen[bytes] | None = None
        if is_on and self._player:
            self._folder = tempfile.TemporaryDirectory(prefix="volunteer-station-")
            for tone, notes in MELODIES.items():
                with wave.open(str(Path(self._folder.name) / f"{tone}.wav"), "wb") as file:
                    file.setparams((1, 2, RATE, 0, "NONE", ""))
                    file.writeframes(samples(notes))

    def play(self, tone: Tone) -> None:
        """Start the sound of a result; a sound still playing is cut off by the newer one."""
        if not self._is_on or tone not in MELODIES:
            return
        if not self._player or not self._folder:
            self._bell()
            return
        self._end()
        try:
            self._playing = subprocess.Popen(
                [*self._player, str(Path(self._folder.name) / f"{tone}.wav")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            self._bell()

    def close(self) -> None:
        """Stop playing and remove the sound files."""
        self._end()
        if self._folder:
            self._folder.cleanup()

    def _end(self) -> None:
        if self._playing:
            self._playing.kill()
            self._playing.wait()
            self._playing = None
