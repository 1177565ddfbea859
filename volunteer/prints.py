"""The process that draws a print run: ``python -m volunteer.prints FOLDER RUN``, cards as JSON on stdin.

It leaves a child behind and ends at once, so that a web worker neither waits for the
drawing nor keeps a dead process in its table.
"""

import json
import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path

from volunteer.drawing.cards import CardFace, card_pdf
from volunteer.services.prints import PrintState, load_run, pdf_path, save_run, write_whole


def main() -> None:
    """Take the cards, then draw them in a child of its own session."""
    folder, run_id = Path(sys.argv[1]), sys.argv[2]
    faces = [CardFace(**face) for face in json.load(sys.stdin)]
    if os.fork() == 0:
        os.setsid()
        draw_run(folder, run_id, faces)


def draw_run(folder: Path, run_id: str, faces: list[CardFace]) -> None:
    """Draw the PDF of a run and tell every hundredth; a failure ends the run and is reported."""
    run = load_run(folder, run_id)
    if run is None:
        return
    run = replace(run, pid=os.getpid())
    save_run(folder, run)
    try:
        pdf = card_pdf(faces, lambda done, _total: save_run(folder, replace(run, done=done)))
        write_whole(pdf_path(folder, run), pdf)
        save_run(folder, replace(run, done=run.total, state=PrintState.DONE))
    except Exception:
        traceback.print_exc()
        save_run(folder, replace(run, state=PrintState.FAILED))


if __name__ == "__main__":
    main()
