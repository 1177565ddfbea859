"""Why a reader that is plugged in does not open, from what the kernel shows of the USB bus."""

import os
from pathlib import Path

from scanners.readers import Condition, Health

DEVICES, NODES = Path("/sys/bus/usb/devices"), Path("/dev/bus/usb")


def find_on_usb(known: set[tuple[int, int]], devices: Path = DEVICES, nodes: Path = NODES) -> Health | None:
    """The condition of the first device with a (vendor, product) of ``known``; None when none is there.

    One that this user may open and that did not open is held by another: a driver of the kernel, or pcscd.
    """
    for folder in sorted(devices.glob("*")):
        number = number_of(folder)
        if number in known:
            node = nodes / f"{read(folder / 'busnum', 10):03d}" / f"{read(folder / 'devnum', 10):03d}"
            is_open = os.access(node, os.R_OK | os.W_OK)
            return Health(
                Condition.BUSY if is_open else Condition.FORBIDDEN, f"{number[0]:04x}:{number[1]:04x}"
            )
    return None


def number_of(folder: Path) -> tuple[int, int]:
    """Vendor and product of a device; (0, 0) for hubs' interfaces and other entries without."""
    return read(folder / "idVendor", 16), read(folder / "idProduct", 16)


def read(path: Path, base: int) -> int:
    """A number that the kernel shows as text; 0 when it is not there."""
    try:
        return int(path.read_text("ascii").strip(), base)
    except (OSError, ValueError):
        return 0
