"""A list of sixty thousand people imported beside one of 2,565: what each takes in time and memory."""

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.services.test_import_memory import peak, write_list

SHORT, LONG = 2565, 60_000
MEGABYTE = 1 << 20


def measure() -> dict[str, Any]:
    """Seconds and most megabytes of a process that uploads, judges and writes each list, on SQLite."""
    found: dict[str, Any] = {"short_rows": SHORT, "long_rows": LONG}
    with tempfile.TemporaryDirectory() as folder:
        for name, count in (("short", SHORT), ("long", LONG)):
            path = Path(folder, f"{name}.xlsx")
            write_list(path, count)
            began = time.perf_counter()
            most, made = peak(path, Path(folder, name))
            assert made == count
            found[f"{name}_seconds"] = round(time.perf_counter() - began, 1)
            found[f"{name}_megabytes"] = round(most / MEGABYTE)
    found["memory_ratio"] = round(found["long_megabytes"] / found["short_megabytes"], 2)
    found["seconds_ratio"] = round(found["long_seconds"] / found["short_seconds"], 1)
    return found


if __name__ == "__main__":
    os.environ.setdefault("VOLUNTEER_SECRET_KEY", "benchmark")
    print(json.dumps(measure(), indent=1))
