"""Signing a PDF with a key of the installation (ISO 32000, PAdES): nothing is asked of anybody outside."""

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from io import BytesIO
from typing import Any


class KeyUnreadable(ValueError):
    """The passphrase does not open the file, or there is no key in it."""


def sign_pdf(pdf: bytes, key_file: bytes, passphrase: bytes, name: str, reason: str) -> bytes:
    """The PDF with an invisible signature that allows no change afterwards.

    ``key_file`` is PKCS#12. Every byte of the document is covered; a reader shows who
    signed, and that nothing was changed since.
    """
    # Half a second to import, and only who issues needs it: not at the start of every process.
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    metadata = signers.PdfSignatureMetadata(
        field_name="Certificate",
        md_algorithm="sha256",
        name=name,
        reason=reason,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    signer = _signer(key_file, passphrase)
    written = IncrementalPdfFileWriter(BytesIO(pdf))
    # In a thread: the library starts an event loop, and there may be one running in this one.
    with ThreadPoolExecutor(1) as aside:
        signed = aside.submit(signers.sign_pdf, written, metadata, signer=signer).result()
    return bytes(signed.getvalue())


@lru_cache(1)
def _signer(key_file: bytes, passphrase: bytes) -> Any:
    # Opening the file takes longer than signing with it.
    from pyhanko.sign import signers

    try:
        return signers.SimpleSigner.load_pkcs12_data(key_file, other_certs=[], passphrase=passphrase)
    except ValueError as error:
        raise KeyUnreadable("the key file does not open") from error
