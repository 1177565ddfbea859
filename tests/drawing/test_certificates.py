"""Certificates on paper: what stands there, a symbol that reads, long tables, and a signature that holds."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.drawing.rasters import facts, pages, texts
from volunteer.domain.certificates import Served, freeze
from volunteer.domain.signatures import KeyFile, make_key_file
from volunteer.drawing.certificates import certificate_pdf
from volunteer.drawing.signatures import KeyUnreadable, sign_pdf

CODE = "K7QM-2X9D-PT4R-8VWZ"
LINE = Served(
    "清晨文明劝导", "civil_travel", "龙城广场U站", "法院服务中队", "李主任",
    date(2026, 1, 5), date(2026, 3, 9), 12, 1446, 90,
)  # fmt: skip


def frozen(lines: int = 1, **values: Any) -> dict[str, Any]:
    usual = {
        "serial": "2026-48317-72506-3", "issued_on": date(2026, 11, 22), "name": "李𬭎明",
        "volunteer_no": "LG440307001025", "team": "法院服务中队", "first_on": date(2026, 1, 1),
        "last_on": date(2026, 11, 15), "metered_minutes": 1446, "declared_minutes": 90, "times": 12,
        "document": {"kind": "resident_id", "number": "440***********1025"}, "replaces": "",
        "issuer": "龙岗区机关志愿服务大队", "recording_unit": "机关工委", "handler": "王芳",
        "responsible_person": "陈建国", "contact": "0755-28900000",
        "verify_url": "https://volunteers.example/verify",
    }  # fmt: skip
    return freeze(usual | values, [LINE] * lines)


@cache
def key() -> KeyFile:
    return make_key_file("龙岗区机关志愿服务大队", b"a passphrase", datetime.now(UTC))


def signed(pdf: bytes) -> bytes:
    return sign_pdf(pdf, key().content, key().passphrase, "大队", "证明")


def test_the_paper_says_all_that_the_law_asks_for_in_both_languages(tmp_path: Path) -> None:
    (page,) = texts(certificate_pdf(frozen(), CODE), tmp_path)

    plain = page.replace(" ", "").replace("\n", "")
    for words in (
        "志愿服务记录证明", "CertificateofVolunteerServiceRecord", "李𬭎明", "LG440307001025", "居民身份证",
        "440***********1025", "2026年1月1日至2026年11月15日", "25.6", "24.1", "1.5", "1536分钟",
        "清晨文明劝导", "文明出行", "龙城广场U站", "2026-01-05", "2026-03-09", "法院服务中队", "李主任",
        "机关工委", "王芳", "陈建国", "0755-28900000", "2026-48317-72506-3", "2026年11月22日", "盖章处", CODE,
        "https://volunteers.example/verify", "龙岗区机关志愿服务大队根据其记录出具", "fromitsrecord",
        "只计入截至出具之日已结算的服务",
    ):  # fmt: skip
        assert words in plain, words
    assert 0 < plain.index("兹证明") < plain.index("Thiscertifies")


def test_the_symbol_brings_serial_and_code_to_the_page_that_verifies(tmp_path: Path) -> None:
    (page,) = pages(certificate_pdf(frozen(), CODE), tmp_path)

    read = [symbol.text for symbol in zxingcpp.read_barcodes(page)]

    assert read == [f"https://volunteers.example/verify/2026-48317-72506-3?c={CODE}"]


def test_a_usual_certificate_is_one_a4_page_and_a_long_one_repeats_the_head_of_its_table(
    tmp_path: Path,
) -> None:
    assert len(texts(certificate_pdf(frozen(5), CODE), tmp_path)) == 1

    pdf = certificate_pdf(frozen(120), CODE)

    assert "(A4)" in facts(pdf, tmp_path)
    found = texts(pdf, tmp_path)
    assert len(found) > 2
    assert all("组织单位" in page for page in found[:-1])
    assert sum(page.count("清晨文明劝导") for page in found) == 120
    assert f"共 {len(found)} 页" in found[0]
    assert "盖章处" in found[-1]


def test_a_name_that_cannot_be_printed_has_a_box_and_its_code_point_and_other_texts_the_code_point(
    tmp_path: Path,
) -> None:
    (page,) = texts(certificate_pdf(frozen(name="张𪚥"), CODE), tmp_path)
    assert "兹证明张□" in page.replace(" ", "")
    assert "□=U+2A6A5" in page.replace(" ", "")

    (page,) = texts(certificate_pdf(frozen(contact="\ue000 12345"), CODE), tmp_path)
    assert "[U+E000] 12345" in page


def test_texts_of_people_are_printed_and_never_executed(tmp_path: Path) -> None:
    (page,) = texts(certificate_pdf(frozen(handler="#panic()", issuer="*大队* $x$"), CODE), tmp_path)

    assert "#panic()" in page
    assert "*大队*" in page


def test_very_long_texts_stay_on_the_paper(tmp_path: Path) -> None:
    content = frozen(name="阿卜杜热合曼·买买提艾力", issuer="深圳市龙岗区机关" * 14, team="服务中队" * 30)

    found = texts(certificate_pdf(content, CODE), tmp_path)

    assert len(found) <= 2
    assert "盖章处" in found[-1]
    assert "".join(found[0].split()).count("服务中队") >= 30


def status_of(pdf: bytes) -> Any:
    (signature,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    root = x509.Certificate.load(key().certificate.public_bytes(Encoding.DER))
    # Nothing is fetched: the root is known, and there is nothing else to ask for.
    context = ValidationContext(trust_roots=[root], allow_fetching=False)
    # In a thread: the library starts an event loop, and a browser's may be running in this one.
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(validate_pdf_signature, signature, context).result()


def test_the_signature_holds_and_covers_everything() -> None:
    status = status_of(signed(certificate_pdf(frozen(), CODE)))

    assert status.intact
    assert status.valid
    assert status.trusted
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"


def test_one_changed_byte_breaks_the_signature() -> None:
    pdf = bytearray(signed(certificate_pdf(frozen(), CODE)))
    pdf[len(pdf) // 3] ^= 1

    status = status_of(bytes(pdf))

    assert not status.intact
    assert not status.bottom_line


def test_what_is_added_after_signing_is_seen() -> None:
    from pyhanko.pdf_utils.generic import NameObject, pdf_string
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(BytesIO(signed(certificate_pdf(frozen(), CODE))))
    writer.root[NameObject("/Added")] = pdf_string("999.9")
    writer.update_root()
    out = BytesIO()
    writer.write(out)

    assert not status_of(out.getvalue()).bottom_line


def test_another_key_is_not_trusted() -> None:
    other = make_key_file("大队", b"x", datetime.now(UTC))
    pdf = sign_pdf(certificate_pdf(frozen(), CODE), other.content, other.passphrase, "大队", "证明")

    status = status_of(pdf)

    assert status.intact
    assert not status.trusted


def test_a_key_under_another_passphrase_is_refused() -> None:
    with pytest.raises(KeyUnreadable):
        sign_pdf(certificate_pdf(frozen(), CODE), key().content, b"wrong", "大队", "证明")
