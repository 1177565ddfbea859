"""Names: masked for strangers, found by every reading."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.names import SEARCH_LIMIT, mask_name, search_keys, search_text, split_name, tidy_query


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张**"),
        ("欧阳娜娜", "欧阳**"),
        ("欧阳修", "欧阳*"),
        ("欧阳", "欧*"),
        ("尉迟恭", "尉迟*"),
        ("李𬭎", "李*"),
        ("㛃䶮", "㛃*"),
        ("阿卜杜热西提·买买提", "阿**"),
        ("张 三", "张*"),
        ("王", "王*"),
        ("John Smith", "J**"),
    ],
)
def test_a_masked_name_shows_the_surname_and_at_most_two_stars(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("单雄信", "shanxiongxin"),
        ("单雄信", "danxiongxin"),
        ("仇英", "qiuying"),
        ("解缙", "xiejin"),
        ("曾国藩", "zengguofan"),
        ("翟志刚", "zhaizhigang"),
        ("朴树", "piaoshu"),
        ("朴树", "pushu"),
        ("区寄", "ouji"),
        ("查良镛", "zhaliangyong"),
        ("盖叫天", "gejiaotian"),
        ("尉迟恭", "yuchigong"),
        ("万俟卨", "moqixie"),
        ("乐毅", "yueyi"),
        ("覃海洋", "qinhaiyang"),
        ("覃海洋", "tanhaiyang"),
        ("吕蒙", "lvmeng"),
        ("吕蒙", "lyumeng"),
        ("欧阳修", "ouyangxiu"),
        ("欧阳修", "oyx"),
        ("李𬭎", "lihong"),
        ("阿依古丽·买买提", "ayigulimaimaiti"),
        ("John Smith", "johnsmith"),
    ],
)
def test_a_name_is_found_by_any_reading_in_full_or_by_initials(name: str, typed: str) -> None:
    assert typed in search_keys(name)


def test_the_surname_reading_comes_before_the_dictionary_one() -> None:
    text = search_text("单雄信")

    assert text.startswith(" shanxiongxin sxx ")
    assert " danxiongxin" in text


def test_a_query_is_tidied_to_the_form_of_the_keys() -> None:
    assert tidy_query("Lü Shan") == "lvshan"
    assert tidy_query(" Zhang' San ") == "zhangsan"


@given(st.text(max_size=40))
def test_any_text_at_all_can_be_masked_and_indexed(name: str) -> None:
    surname, _ = split_name(name)

    assert mask_name(name) in (f"{surname}*", f"{surname}**")
    assert len(search_text(name)) <= SEARCH_LIMIT
    assert set(search_text(name).split()) <= search_keys(name)
