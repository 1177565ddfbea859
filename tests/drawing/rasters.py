"""What a printer and a reader would see of a PDF: its pages as pictures, its text as text."""

import subprocess
from pathlib import Path

from PIL import Image


def pages(pdf: bytes, directory: Path, dpi: int = 300) -> list[Image.Image]:
    """Every page as a picture, in order."""
    file = _saved(pdf, directory)
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", str(file), str(directory / "page")], check=True)
    return [Image.open(page) for page in sorted(directory.glob("page-*.png"))]


def texts(pdf: bytes, directory: Path) -> list[str]:
    """The text of every page, as somebody would copy it."""
    file = _saved(pdf, directory)
    run = subprocess.run(["pdftotext", "-layout", str(file), "-"], check=True, capture_output=True)
    return run.stdout.decode().split("\f")[:-1]


def facts(pdf: bytes, directory: Path, program: str = "pdfinfo") -> str:
    """What ``pdfinfo`` or ``pdffonts`` says about the file."""
    run = subprocess.run([program, str(_saved(pdf, directory))], check=True, capture_output=True)
    return run.stdout.decode()


def _saved(pdf: bytes, directory: Path) -> Path:
    file = directory / "document.pdf"
    file.write_bytes(pdf)
    return file
