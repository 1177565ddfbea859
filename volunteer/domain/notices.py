"""The privacy notice (PIPL articles 7 and 17): what is stored, why, how long, and which rights people have.

The text is data with a version: the first one is shipped here, later ones are published by
the brigade. A version is never changed, so that everybody can read what was true then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from volunteer.domain.cells import tidy_text
from volunteer.domain.members import require_length
from volunteer.domain.notice_texts import CHINESE, ENGLISH
from volunteer.domain.refusals import N_, Refusal

FIRST_VERSION = 1
LONGEST_SECTION, LONGEST_NOTICE_CONTACT = 4000, 200
LANGUAGES = ("zh", "en")


class Section(StrEnum):
    """The parts of a notice, in the order they are read."""

    PURPOSE = "purpose"
    FIELDS = "fields"
    PERIOD = "period"
    SHARING = "sharing"
    SECURITY = "security"
    RIGHTS = "rights"


class SectionMissing(Refusal):
    code = "section_missing"
    msgid = N_("请填写隐私告知每一节的中文内容。")


class NoticeUnchanged(Refusal):
    code = "notice_unchanged"
    msgid = N_("内容与现行版本相同，没有发布新版本。")


@dataclass(frozen=True)
class NoticeText:
    """One version; the shipped one was published by nobody here."""

    version: int
    sections: Mapping[str, Mapping[str, str]]
    published_at: datetime | None = None

    def read(self, section: Section, language: str) -> str:
        """The text of a section; in Chinese where the version was not translated."""
        texts = self.sections.get(language, {})
        return texts.get(section) or self.sections["zh"].get(section, "")

    def is_translated(self, language: str) -> bool:
        """Whether every section has its own text in this language."""
        return all(self.sections.get(language, {}).get(section) for section in Section)


def clean_sections(typed: Mapping[str, Mapping[str, str]], current: NoticeText) -> dict[str, dict[str, str]]:
    """The texts as they are published; refuses a missing Chinese section and a version that says the same."""
    cleaned = {
        language: {str(section): _clean(typed.get(language, {}).get(section, "")) for section in Section}
        for language in LANGUAGES
    }
    if not all(cleaned["zh"].values()):
        raise SectionMissing()
    if all(cleaned[language] == _plain(current, language) for language in LANGUAGES):
        raise NoticeUnchanged()
    return cleaned


def _plain(notice: NoticeText, language: str) -> dict[str, str]:
    texts = notice.sections.get(language, {})
    return {str(section): texts.get(section, "") for section in Section}


def _clean(text: str) -> str:
    lines = [tidy_text(line) for line in text.splitlines()]
    return require_length("\n".join(line for line in lines if line), LONGEST_SECTION)


SHIPPED = NoticeText(FIRST_VERSION, {"zh": CHINESE, "en": ENGLISH})
