"""What a contactless card says about itself: its identity bytes and the token in its NDEF message.

Works on what nfcpy hands over without importing it, so that it can be tested with plain values.
"""

from typing import Any

import ndef

from scanners.readers.profiles import find_token

CLASSIC = 0x08  # SAK bit of MIFARE Classic (NXP AN10833): memory needs a key, there is no NDEF to read
ISO_DEP = 0x20  # SAK bit of an ISO 14443-4 card


def identity_bytes(target: Any) -> bytes:
    """UID (type A), PUPI (type B) or IDm (type F) of a discovered target."""
    if target.brty.endswith("A"):
        return bytes(target.sdd_res or target.rid_res or b"")
    if target.brty.endswith("B"):
        return bytes(target.sensb_res[1:5])
    return bytes(target.sensf_res[1:9])


def identity(target: Any) -> str:
    """The identity as it is sent: upper-case hex; a PUPI is marked, for it identifies nobody."""
    digits = identity_bytes(target).hex().upper()
    return f"PUPI-{digits}" if target.brty.endswith("B") else digits


def is_random(identity: str) -> bool:
    """Whether a type A identity is drawn anew at each start of the field (ISO 14443-3: first byte 08)."""
    return len(identity) == 8 and identity.startswith("08")


def is_peer(target: Any) -> bool:
    """Whether this is another reader looking for a peer (NFCID2 beginning 01FE), not a card."""
    return target.brty.endswith("F") and bytes(target.sensf_res[1:3]) == b"\x01\xfe"


def has_only_identity(target: Any) -> bool:
    """Whether nothing but the UID can be read without a key, as with MIFARE Classic."""
    return (
        target.brty.endswith("A")
        and bool(target.sel_res)
        and target.sel_res[0] & (CLASSIC | ISO_DEP) == CLASSIC
    )


def full_ats(answer: bytes) -> bytes:
    """An answer to select with all interface bytes written out (defaults of ISO 14443-4, 5.2).

    A card may leave them out; nfcpy takes the fourth byte for TB in any case
    and fails on a short answer.
    """
    if len(answer) < 2 or answer[0] < 2:
        return bytes((5, 0x72, 0x00, 0x40, 0x00))
    form, rest = answer[1], list(answer[2:])
    values = [
        rest.pop(0) if form & bit and rest else default
        for bit, default in ((0x10, 0x00), (0x20, 0x40), (0x40, 0x00))
    ]
    body = bytes((0x70 | form & 0x0F, *values, *rest))
    return bytes((len(body) + 1,)) + body


def token_of(octets: bytes) -> str | None:
    """The card token in an NDEF message, from a text or an address record; None when there is none."""
    try:
        records = list(ndef.message_decoder(octets, errors="relax"))
    except (ndef.DecodeError, ValueError):
        return None
    for record in records:
        # .iri and not .uri: the latter percent-encodes characters of the address
        text = record.iri if isinstance(record, ndef.UriRecord) else getattr(record, "text", "")
        token = find_token(text)
        if token:
            return token
    return None
