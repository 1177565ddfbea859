"""Service stations and the terminals standing in them."""

import re
import unicodedata
from enum import StrEnum

from volunteer.domain.station_refusals import StationCodeMalformed

STATION_CODE = re.compile(r"[0-9A-Z][0-9A-Z-]{0,31}")


class StationKind(StrEnum):
    """U站 and I城 are kiosks in the street; organ stations stand inside institutions."""

    U_STATION = "u_station"
    I_CITY = "i_city"
    ORGAN_STATION = "organ_station"


class Direction(StrEnum):
    """What a terminal's scans may mean: both ways, only in, only out."""

    BOTH = "both"
    IN = "in"
    OUT = "out"


class ReaderProfile(StrEnum):
    """How a USB keyboard reader types a card's UID (see docs/stations.md)."""

    HEX = "hex"
    HEX_REVERSED = "hex_reversed"
    DECIMAL10 = "decimal10"
    DECIMAL10_REVERSED = "decimal10_reversed"
    SIX_H_EIGHT_D = "6h8d"
    TWO_H_FOUR_H = "2h4h"


class TerminalKind(StrEnum):
    """The browser kiosk, or the scanners program."""

    KIOSK = "kiosk"
    SCANNER = "scanner"


def clean_station_code(text: str) -> str:
    """The code in half-width upper case without spaces; it stands in addresses, so only plain characters."""
    code = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if not STATION_CODE.fullmatch(code):
        raise StationCodeMalformed()
    return code
