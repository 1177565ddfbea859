"""Stars: who is eligible by hours and tenure; judged by people, never by itself."""

from enum import StrEnum


class JudgingLevel(StrEnum):
    """Who judges a star: the recording organisation (the brigade), the district, or the city."""

    ORGANISATION = "organisation"
    DISTRICT = "district"
    CITY = "city"
