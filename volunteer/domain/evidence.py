"""Evidence files: what may be kept, known by its content and not by its name."""

import re

from volunteer.domain.refusals import N_, NotFound, Refusal

MAX_EVIDENCE_BYTES = 5 * 1024 * 1024
_KINDS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}


class EvidenceUnknown(NotFound):
    code = "evidence_unknown"
    msgid = N_("没有找到这个证明文件，或不在您的管理范围内。")


class EvidenceTooLarge(Refusal):
    code = "evidence_too_large"
    msgid = N_("证明文件超过 %(megabytes)s MB，请压缩后再上传。")


class EvidenceKindWrong(Refusal):
    code = "evidence_kind_wrong"
    msgid = N_("证明文件只能是 PDF、PNG 或 JPG。")


def evidence_type(data: bytes) -> str:
    """The media type that the bytes themselves show; refuses everything else and what is too large."""
    if len(data) > MAX_EVIDENCE_BYTES:
        raise EvidenceTooLarge(megabytes=MAX_EVIDENCE_BYTES >> 20)
    for start, media_type in _KINDS.items():
        if data.startswith(start):
            return media_type
    raise EvidenceKindWrong()


def clean_filename(name: str, media_type: str) -> str:
    """A name to show and to download under: no folders, no marks, the ending that fits the content."""
    stem = re.split(r"[/\\]", name)[-1].rpartition(".")[0] or "evidence"
    stem = "".join(char for char in stem if char.isprintable() and char not in '"\\;:*?<>|').strip(" .")
    return f"{stem[:80] or 'evidence'}.{ENDINGS[media_type]}"
