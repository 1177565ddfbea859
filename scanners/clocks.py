"""The three clocks of a terminal: the wall, the time since the machine started, and which start that was."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_name() -> str:
    """The kernel's name for this start of the machine; a new name for this process where there is none.

    With the kernel's name the age of a scan stays known when only the program
    was started again.
    """
    try:
        return str(uuid.UUID(BOOT_ID.read_text("ascii").strip()))
    except (OSError, ValueError):
        return str(uuid.uuid4())


def since_boot() -> float:
    """Seconds since the start of the machine; goes on during sleep, never jumps with the wall clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def wall() -> datetime:
    """The wall clock with its zone, right or wrong."""
    return datetime.now().astimezone()


@dataclass(frozen=True)
class Clocks:
    """Where the program asks for time; tests put their own in."""

    now: Callable[[], datetime] = wall
    monotonic: Callable[[], float] = since_boot
    boot: str = field(default_factory=boot_name)
