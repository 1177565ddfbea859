"""A camera for Chromium made of one file that is rewritten in place.

Chromium plays a Y4M file of one picture in a loop and sees a change of the file at once, as long as its
size stays the same; so one browser serves a whole test run.
"""

from __future__ import annotations

from pathlib import Path

import qrcode
from PIL import Image

WIDTH, HEIGHT = 1280, 720
GREY = 150


class Camera:
    """What the browser's camera sees."""

    def __init__(self, path: Path) -> None:
        self.path = path
        header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F15:1 Ip A1:1 C420jpeg\nFRAME\n"
        self.header = header.encode("ascii")
        path.write_bytes(self._picture(()))

    @property
    def flags(self) -> list[str]:
        """What Chromium must be started with to see this camera."""
        return [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={self.path}",
        ]

    def show(self, *contents: str) -> None:
        """Hold these QR codes up, side by side; nothing at all takes them away."""
        with self.path.open("r+b") as file:
            file.write(self._picture(contents))

    def show_card(self, printed: Path) -> None:
        """Hold a printed card up, so that it fills most of the picture."""
        with Image.open(printed) as card:
            scale = min(WIDTH / card.width, HEIGHT / card.height) * 0.8
            size = (round(card.width * scale), round(card.height * scale))
            held = card.convert("L").resize(size)
        with self.path.open("r+b") as file:
            file.write(self._film([held]))

    def _picture(self, contents: tuple[str, ...]) -> bytes:
        return self._film([draw_code(content) for content in contents])

    def _film(self, things: list[Image.Image]) -> bytes:
        picture = Image.new("L", (WIDTH, HEIGHT), GREY)
        for index, thing in enumerate(things):
            left = WIDTH * (2 * index + 1) // (2 * len(things)) - thing.width // 2
            picture.paste(thing, (left, (HEIGHT - thing.height) // 2))
        colourless = b"\x80" * (WIDTH * HEIGHT // 2)
        return self.header + picture.tobytes() + colourless


def draw_code(content: str) -> Image.Image:
    """The QR code as it is printed on a card: error correction Q, quiet zone of four modules."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, box_size=8, border=4)
    code.add_data(content)
    code.make()
    picture: Image.Image = code.make_image().get_image().convert("L")
    return picture
