"""The access log: who looked at, changed or took along whose personal data."""

from datetime import timedelta
from enum import StrEnum

LONGEST_DETAIL = 200
# Pages are opened again and again: within this time the same look is one line.
ONE_LOOK = timedelta(hours=1)


class AccessKind(StrEnum):
    """What was done with personal data."""

    VIEWED_FILE = "viewed_file"
    VIEWED_CONTACT = "viewed_contact"
    VIEWED_NATIONAL_ID = "viewed_national_id"
    CHANGED_FILE = "changed_file"
    VIEWED_CONSENTS = "viewed_consents"
    RECORDED_CONSENT = "recorded_consent"
    EXPORTED = "exported"
    IMPORTED = "imported"
    PRINTED_CARD = "printed_card"
    PRINTED_LETTER = "printed_letter"
    OWN_DATA = "own_data"
    ERASED = "erased"
    CERTIFIED = "certified"
    TOOK_CERTIFICATE = "took_certificate"
