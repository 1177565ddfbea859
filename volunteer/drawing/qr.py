"""QR symbols (ISO/IEC 18004): a token becomes modules, a picture or an SVG.

Error correction Q (a quarter of the symbol may be scratched) and the quiet
zone of four modules that the standard demands, in every form.
"""

from html import escape
from io import BytesIO

from PIL import Image
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.main import QRCode

MARGIN_MODULES = 4
Modules = tuple[tuple[bool, ...], ...]


def qr_modules(text: str) -> Modules:
    """The rows of dark (true) and light modules, without the quiet zone.

    A card token (28 characters from digits, capitals and ``-``) is written in
    alphanumeric mode and makes version 2: 25 by 25 modules. Text with other
    characters falls back to byte mode. Raises ``ValueError`` on empty or overlong text.
    """
    if not text:
        raise ValueError("nothing to write into a QR symbol")
    symbol = QRCode(error_correction=ERROR_CORRECT_Q, border=0)
    symbol.add_data(text, optimize=0)
    symbol.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in symbol.modules)


def qr_image(text: str, module_px: int = 10) -> Image.Image:
    """A black and white picture with the quiet zone; each module is ``module_px`` pixels wide."""
    modules = qr_modules(text)
    side = len(modules)
    picture = Image.new("1", (side, side), 1)
    picture.putdata([not dark for row in modules for dark in row])
    framed = Image.new("1", (side + 2 * MARGIN_MODULES,) * 2, 1)
    framed.paste(picture, (MARGIN_MODULES, MARGIN_MODULES))
    return framed.resize((framed.width * module_px,) * 2, Image.Resampling.NEAREST)


def qr_png(text: str, module_px: int = 10) -> bytes:
    """The picture of ``qr_image`` as a PNG file."""
    out = BytesIO()
    qr_image(text, module_px).save(out, "PNG", optimize=True)
    return out.getvalue()


def qr_path(modules: Modules) -> str:
    """The dark modules as one SVG path in module units, runs of a row joined."""
    return "".join(
        f"M{start} {y}h{length}v1h-{length}z" for y, row in enumerate(modules) for start, length in _runs(row)
    )


def qr_svg(text: str, label: str = "") -> str:
    """An SVG element with white ground and quiet zone, sized by the page; ``label`` is read aloud."""
    modules = qr_modules(text)
    side = len(modules) + 2 * MARGIN_MODULES
    named = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" {named} '
        f'shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/>'
        f'<path transform="translate({MARGIN_MODULES} {MARGIN_MODULES})" d="{qr_path(modules)}"/></svg>'
    )


def _runs(row: tuple[bool, ...]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    start = 0
    for x, dark in enumerate((*row, False)):
        if not dark:
            if x > start:
                runs.append((start, x - start))
            start = x + 1
    return runs
