"""The privacy notice: complete in both languages, and a new version only where something is new."""

import pytest

from volunteer.domain.notices import (
    LANGUAGES,
    SHIPPED,
    NoticeText,
    NoticeUnchanged,
    Section,
    SectionMissing,
    clean_sections,
)

TEXTS = {language: {str(one): f"{language} {one}" for one in Section} for language in LANGUAGES}


def test_the_shipped_notice_says_everything_in_both_languages() -> None:
    for language in LANGUAGES:
        assert SHIPPED.is_translated(language)
    assert "10 年" in SHIPPED.read(Section.PERIOD, "zh")
    assert "10 years" in SHIPPED.read(Section.PERIOD, "en")


def test_a_notice_without_english_is_read_in_chinese() -> None:
    notice = NoticeText(2, {"zh": TEXTS["zh"], "en": {}})

    assert not notice.is_translated("en")
    assert notice.read(Section.RIGHTS, "en") == "zh rights"


def test_a_missing_chinese_section_is_refused() -> None:
    with pytest.raises(SectionMissing):
        clean_sections({"zh": TEXTS["zh"] | {"rights": " \n "}, "en": TEXTS["en"]}, SHIPPED)


def test_the_same_text_is_no_new_version() -> None:
    current = NoticeText(2, clean_sections(TEXTS, SHIPPED))

    with pytest.raises(NoticeUnchanged):
        clean_sections({"zh": {k: f" {v}\r\n" for k, v in TEXTS["zh"].items()}, "en": TEXTS["en"]}, current)


def test_the_shipped_text_published_again_is_no_new_version() -> None:
    with pytest.raises(NoticeUnchanged):
        clean_sections({"zh": dict(SHIPPED.sections["zh"]), "en": dict(SHIPPED.sections["en"])}, SHIPPED)
