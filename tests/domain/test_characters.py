"""Characters of names: letters of all scripts stand, what nobody sees and what is a symbol does not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.characters import SymbolInName, UnseenInName
from volunteer.domain.members import clean_name
from volunteer.domain.teams import clean_title

ALLOWED = [
    "张三", "㐂文武", "𪚥伟", "李\U00031350", "O’Brien", "D'Arcy-Smith", "José", "Jose\u0301", "Nguyễn Văn",
    "محمد", "བཀྲ་ཤིས", "ئابدۇللا", "ᠪᠠᠲᠤ", "ꆀꉙ", "क्षितिज", "สมชาย", "Иван", "김철수", "阿卜杜拉·买买提",
]  # fmt: skip
UNSEEN = ["\u202e", "\u200b", "\u200d", "\ufeff", "\u2066", "\x00", "\x7f", "\ud800", "\ue000", "\U000e0041"]
BLANK = ["\u3164", "\u034f", "\ufe0f", "\U000e0100", "\u2800", "\uffff"]


@pytest.mark.parametrize("name", ALLOWED)
def test_a_name_of_any_script_stays_as_it_is(name: str) -> None:
    assert clean_name(name) == clean_title(name) == name


@pytest.mark.parametrize("dot", "··・．•‧⋅･")
def test_every_kind_of_middle_dot_becomes_the_same(dot: str) -> None:
    assert clean_name(f"扎西 {dot} 多吉") == clean_title(f"扎西{dot}多吉") == "扎西·多吉"


@pytest.mark.parametrize("character", UNSEEN + BLANK)
@pytest.mark.parametrize("clean", [clean_name, clean_title])
def test_a_character_that_nobody_sees_is_refused_by_its_number(clean: object, character: str) -> None:
    with pytest.raises(UnseenInName) as refused:
        clean(f"张{character}三")  # type: ignore[operator]

    assert f"“张”的后面有一个看不见的字符（U+{ord(character):04X}）" in str(refused.value)


@pytest.mark.parametrize("character", "😀★♥™€∞©🇨")
@pytest.mark.parametrize("clean", [clean_name, clean_title])
def test_a_symbol_is_refused_by_its_picture(clean: object, character: str) -> None:
    with pytest.raises(SymbolInName, match=f"“{character}”"):
        clean(f"张三{character}")  # type: ignore[operator]


def test_signs_of_the_plain_keyboard_stand_in_the_name_of_a_team_and_in_nobody_s_own() -> None:
    assert clean_title("A+B 服务站（临时）") == "A+B 服务站（临时）"
    with pytest.raises(SymbolInName):
        clean_name("A+B")


@given(st.text(min_size=1, max_size=20))
def test_a_name_that_is_taken_holds_nothing_unseen_and_cleaning_it_again_changes_nothing(text: str) -> None:
    try:
        name = clean_name(f"张{text}")
    except (UnseenInName, SymbolInName):
        return

    categories = {unicodedata.category(one) for one in name if not "\U00020000" <= one < "\U00040000"}
    assert categories.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Sm", "Sc"})
    assert clean_name(name) == name


@given(st.text(st.characters(whitelist_categories=["Lu", "Ll", "Lt", "Lm", "Lo"]), min_size=1, max_size=20))
def test_letters_alone_are_never_changed_and_only_the_four_empty_ones_refused(text: str) -> None:
    if set(text) & set("\u115f\u1160\u3164\uffa0"):
        with pytest.raises(UnseenInName):
            clean_name(text)
    else:
        assert clean_name(text) == text
