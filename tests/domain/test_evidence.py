"""Evidence files by content and name: values only."""

import pytest

from volunteer.domain.evidence import (
    MAX_EVIDENCE_BYTES,
    EvidenceKindWrong,
    EvidenceTooLarge,
    clean_filename,
    evidence_type,
)

PDF = b"%PDF-1.7\n"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("签到表.pdf", "签到表.pdf"),
        ("证书.html", "证书.pdf"),
        ("../../../../etc/passwd", "evidence.pdf"),
        ("..\\..\\app.py", "app.pdf"),
        ("/etc/cron.d/x.pdf", "x.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ('a"\r\nX-Evil: 1.pdf', "aX-Evil 1.pdf"),
        ("\u202efdp.exe", "fdp.pdf"),
        ("...", "evidence.pdf"),
        ("", "evidence.pdf"),
        ("长" * 300 + ".pdf", "长" * 80 + ".pdf"),
    ],
)
def test_a_name_keeps_what_people_read_and_nothing_that_a_system_would_obey(name: str, shown: str) -> None:
    assert clean_filename(name, "application/pdf") == shown


def test_size_is_counted_to_the_byte() -> None:
    assert evidence_type(PDF.ljust(MAX_EVIDENCE_BYTES)) == "application/pdf"
    with pytest.raises(EvidenceTooLarge):
        evidence_type(PDF.ljust(MAX_EVIDENCE_BYTES + 1))


@pytest.mark.parametrize(
    "data", [b"", b"%PDF", b"<html>", b" %PDF-1.7", b"PK\x03\x04", b"\xff\xd8", b"\x89PNG"]
)
def test_what_does_not_begin_like_a_document_or_a_picture_is_refused(data: bytes) -> None:
    with pytest.raises(EvidenceKindWrong):
        evidence_type(data)
