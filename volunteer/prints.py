"""The process that draws a print run: ``python -m volunteer.prints FOLDER RUN``, its items as JSON on stdin.

It leaves a child behind and ends at once, so that a web worker neither waits for the
drawing nor keeps a dead process in its table.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from volunteer.drawing.cards import CardFace, card_pdf, sheet_pdf
from volunteer.drawing.letters import CardLetter, letter_pdf
from volunteer.services.prints import PrintKind, PrintState, load_run, pdf_path, save_run, write_whole

Progress = Callable[[int, int], object]


def main() -> None:
    """Take the items, then draw them in a child of its own session."""
    folder, run_id = Path(sys.argv[1]), sys.argv[2]
    items = json.load(sys.stdin)
    if os.fork() == 0:
        os.setsid()
        draw_run(folder, run_id, items)


def draw_run(folder: Path, run_id: str, items: list[dict[str, Any]]) -> None:
    """Draw the PDF of a run and tell every hundredth; a failure ends the run and is reported."""
    run = load_run(folder, run_id)
    if run is None:
        return
    run = replace(run, pid=os.getpid())
    save_run(folder, run)
    try:
        pdf = draw_items(run.kind, items, lambda done, _total: save_run(folder, replace(run, done=done)))
        write_whole(pdf_path(folder, run), pdf)
        save_run(folder, replace(run, done=run.total, state=PrintState.DONE))
    except Exception:
        traceback.print_exc()
        save_run(folder, replace(run, state=PrintState.FAILED))


def draw_items(kind: str, items: list[dict[str, Any]], progress: Progress) -> bytes:
    """The PDF of these card faces or letters."""
    if kind == PrintKind.LETTERS:
        letters = [CardLetter(**item | {"face": CardFace(**item["face"])}) for item in items]
        return letter_pdf(letters, progress)
    draw = sheet_pdf if kind == PrintKind.SHEETS else card_pdf
    return draw([CardFace(**item) for item in items], progress)


if __name__ == "__main__":
    main()
