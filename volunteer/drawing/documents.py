"""Typesetting: a template of ours and values become a PDF.

Values travel as JSON data. A name is never made part of a template's source,
so whatever people are called, it is printed and not executed.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import typst

from volunteer.drawing.fonts import FAMILY, font_file

TEMPLATES = Path(__file__).parent / "templates"


def typeset(template: str, values: Mapping[str, object], is_tagged: bool = False) -> bytes:
    """The PDF that ``template`` makes of ``values``; the same values give the same pages.

    ``is_tagged`` adds the structure that screen readers use: for documents to
    read, not for sheets that are only printed. Fonts of the host are not used.
    """
    pdf = typst.compile(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        font_paths=[str(Path(font_file()).parent)],
        ignore_system_fonts=True,
        sys_inputs={"values": json.dumps(values, ensure_ascii=False), "family": FAMILY},
        pdf_tags=is_tagged,
    )
    return bytes(pdf)
