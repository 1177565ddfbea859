"""QR codes before a camera: gray frames of 640 x 480, read by zxing-cpp."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any, Protocol

import zxingcpp

from scanners.readers import Condition, Health, Medium, Put
from scanners.readers.failures import Patience, explain
from scanners.readers.profiles import LONGEST, find_token

WIDTH, HEIGHT = 640, 480  # more pixels cost much time and find no more codes
QR_CODES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
ABSENT_FOR = 1.5  # seconds a code must have been out of sight before it counts again …
AGAIN_AFTER = 3.0  # … and seconds since it was last accepted


class Source(Protocol):
    """Where frames come from. ``open`` and ``read`` raise OSError when the device is lost."""

    def open(self) -> None:
        """Start."""

    def read(self) -> Any:
        """The next gray frame: an array, a two-dimensional memoryview or a picture."""

    def close(self) -> None:
        """Stop; may be called twice."""


class HeldCodes:
    """Which codes are in view, so that a code held there is accepted once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._accepted: dict[str, float] = {}

    def accepts(self, code: str) -> bool:
        """Note that ``code`` is in view; whether it counts as shown anew."""
        now = self._clock()
        for old in [name for name, when in self._seen.items() if now - when > 60]:
            del self._seen[old]
            self._accepted.pop(old, None)
        seen, accepted = self._seen.get(code), self._accepted.get(code)
        self._seen[code] = now
        if seen is not None and now - seen < ABSENT_FOR:
            return False
        if accepted is not None and now - accepted < AGAIN_AFTER:
            return False
        self._accepted[code] = now
        return True


class CameraReader:
    """Reads every QR code in view; several at once are all taken."""

    def __init__(
        self,
        name: str,
        source: Source,
        *,
        pause: float = 0.03,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._source = source
        self._pause = pause
        self._patience = patience or Patience()
        self._held = HeldCodes(clock)
        self._health = Health(Condition.OPENING)

    def health(self) -> Health:
        """The condition now."""
        return self._health

    def run(self, put: Put, stop: Event) -> None:
        """Open, look at frame after frame, and open again after a loss, until ``stop``."""
        while not stop.is_set():
            try:
                self._source.open()
                self._health = Health(Condition.READY)
                while not stop.wait(self._pause):
                    frame = self._source.read()
                    self._patience.succeed()
                    self._look(frame, put)
            except OSError as error:
                self._health = explain(error)
            finally:
                self._source.close()
            if not stop.is_set():
                self._patience.wait(stop)
        self._health = Health(Condition.CLOSED)

    def _look(self, frame: Any, put: Put) -> None:
        for text in read_codes(frame):
            code = find_token(text) or text.strip()[:LONGEST]
            if code and self._held.accepts(code):
                put(code, Medium.QR)


def read_codes(frame: Any) -> list[str]:
    """The texts of the QR codes in a frame; looking for other kinds would cost five times as much."""
    return [found.text for found in zxingcpp.read_barcodes(frame, formats=QR_CODES)]


class Camera:
    """A camera of the machine by its number, through OpenCV."""

    def __init__(self, number: int | str) -> None:
        import cv2

        self._cv2 = cv2
        self._number = number
        self._capture: Any = None

    def open(self) -> None:
        """Open the device at 640 x 480."""
        self._capture = self._cv2.VideoCapture(self._number)
        if not self._capture.isOpened():
            raise OSError(19, f"no camera {self._number}")
        self._capture.set(self._cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        self._capture.set(self._cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)

    def read(self) -> Any:
        """The next frame in gray."""
        is_good, frame = self._capture.read()
        if not is_good:
            raise OSError(19, "the camera gives no picture")
        return self._cv2.cvtColor(frame, self._cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame

    def close(self) -> None:
        """Release the device."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


class PictureFolder:
    """Pictures of a folder in the order of their names, over and over: a camera for trials without one."""

    def __init__(self, folder: Path) -> None:
        from PIL import Image

        self._image = Image
        self._folder = folder
        self._pictures: list[Path] = []
        self._next = 0

    def open(self) -> None:
        """List the pictures; OSError when there is none."""
        self._pictures = sorted(self._folder.glob("*.png"))
        if not self._pictures:
            raise FileNotFoundError(2, f"no pictures in {self._folder}")

    def read(self) -> Any:
        """The next picture in gray."""
        path = self._pictures[self._next % len(self._pictures)]
        self._next += 1
        with self._image.open(path) as picture:
            return picture.convert("L")

    def close(self) -> None:
        """Nothing is held open."""


def source_for(path: str) -> Source:
    """A folder of pictures when ``path`` names one, else the camera of that number or device file."""
    if Path(path).is_dir():
        return PictureFolder(Path(path))
    return Camera(int(path) if path.isdecimal() else path)
