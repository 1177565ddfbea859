"""A list of sixty thousand people imported beside one of 2,565: what each takes in time and memory."""

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.services.test_import_memory import peaks, write_list

SHORT, LONG = 2565, 60_000
MEGABYTE = 1 << 20


def measure() -> dict[str, Any]:
    """Seconds, and most megabytes of the upload and of the work behind it, for each list, on SQLite."""
    found: dict[str, Any] = {"short_rows": SHORT, "long_rows": LONG}
    with tempfile.TemporaryDirectory() as folder:
        for ending in ("xlsx", "csv"):
            found[ending] = _compare(Path(folder), ending)
    return found


def _compare(folder: Path, ending: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, count in (("short", SHORT), ("long", LONG)):
        path = folder / f"{name}.{ending}"
        write_list(path, count)
        began = time.perf_counter()
        most = peaks(path, folder / f"{name}-{ending}")
        assert most.made == count
        found[f"{name}_seconds"] = round(time.perf_counter() - began, 1)
        found[f"{name}_upload_megabytes"] = round(most.upload / MEGABYTE)
        found[f"{name}_work_megabytes"] = round(most.work / MEGABYTE)
    found["memory_ratio"] = round(found["long_work_megabytes"] / found["short_work_megabytes"], 2)
    found["seconds_ratio"] = round(found["long_seconds"] / found["short_seconds"], 1)
    return found


if __name__ == "__main__":
    os.environ.setdefault("VOLUNTEER_SECRET_KEY", "benchmark")
    print(json.dumps(measure(), indent=1))
