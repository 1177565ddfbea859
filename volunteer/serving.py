"""The web server and the scheduler as two processes that live and end together."""

import os
import signal
import subprocess
import sys
from types import FrameType

from volunteer.config import ROOT


def serve_until_stopped(host: str, port: str) -> None:
    """Run both until Ctrl-C or SIGTERM, or until one of them ends; then end the other."""
    commands = [
        [sys.executable, "-m", "gunicorn", "-c", "volunteer/gunicorn.py", "-b", f"{host}:{port}", "app:app"],
        [sys.executable, "-m", "flask", "--app", "app", "jobs"],
    ]
    # Sessions of their own: Ctrl-C reaches only this process, which then ends both in order.
    processes = [subprocess.Popen(command, cwd=ROOT, start_new_session=True) for command in commands]

    def stop(_signal: int, _frame: FrameType | None) -> None:
        for process in processes:
            if process.poll() is None:
                process.terminate()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    first, _ = os.wait()
    stop(signal.SIGTERM, None)
    for process in processes:
        if process.pid != first:
            process.wait(timeout=30)
