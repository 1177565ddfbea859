"""How long the cards of a whole brigade take: 2,565 cards as one PDF, against bare QR symbols.

The ratio of the two, taken in one run on one machine, is the figure to watch;
the seconds only say what this machine did.
"""

import hashlib
import json
import sys
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from volunteer.drawing.cards import CardFace, card_pdf
from volunteer.drawing.qr import qr_modules

CARDS = 2565
TEAMS = 54
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"


def faces(count: int = CARDS) -> list[CardFace]:
    """``count`` cards of invented people; the same on every run."""
    return [_face(number) for number in range(1, count + 1)]


def measure(count: int = CARDS) -> dict[str, float | int]:
    """Seconds for ``count`` bare QR symbols and for the PDF of as many cards, and their ratio."""
    cards = faces(count)
    reports: list[int] = []
    start = perf_counter()
    for card in cards:
        qr_modules(card.token)
    symbols_done = perf_counter()
    pdf = card_pdf(cards, lambda done, _total: reports.append(done))
    pdf_done = perf_counter()
    return {
        "cards": count,
        "qr_seconds": round(symbols_done - start, 2),
        "pdf_seconds": round(pdf_done - symbols_done, 2),
        "pdf_to_qr_ratio": round((pdf_done - symbols_done) / (symbols_done - start), 2),
        "pdf_megabytes": round(len(pdf) / 1e6, 2),
        "progress_reports": len(reports),
    }


def _face(number: int) -> CardFace:
    digest = hashlib.sha256(str(number).encode()).digest()
    token = "VC1-" + "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:24])
    name = SURNAMES[digest[24] % 20] + GIVEN[digest[25] % 20] + GIVEN[digest[26] % 20]
    return CardFace(name, f"LG{number:06}", f"第{number % TEAMS + 1}服务中队", token, "机关志愿服务大队")


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=2))
