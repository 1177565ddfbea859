"""Every Chinese sentence has its English with the same parameters; the compiled file is current."""

import re

from tools.translations import MO, PO, build, load, missing, write

PARAMETER = re.compile(r"%\((\w+)\)s")


def test_every_sentence_has_its_english() -> None:
    known = {str(one.id): str(one.string) for one in load() if one.id}
    assert missing(build(known)) == []


def test_the_catalogue_is_the_code_s_and_compiled() -> None:
    known = {str(one.id): str(one.string) for one in load() if one.id}
    text, compiled = write(build(known))
    assert PO.read_bytes() == text, "run: python -m tools.translations"
    assert MO.read_bytes() == compiled, "run: python -m tools.translations"


def test_both_languages_name_the_same_parameters() -> None:
    for message in load():
        assert set(PARAMETER.findall(str(message.string))) == set(PARAMETER.findall(str(message.id))), (
            message.id
        )


def test_every_sentence_survives_being_filled_in() -> None:
    # Templates fill in every sentence, also one without parameters: a lone percent sign is an error there.
    for message in load():
        for text in (str(message.id), str(message.string)):
            values = dict.fromkeys(PARAMETER.findall(text), "1")
            assert "%" not in PARAMETER.sub("", text).replace("%%", ""), text
            assert "%(" not in text % values, text


def test_no_english_sentence_is_left_in_chinese() -> None:
    # The brand, column headings in quotation marks and examples of what to type stay as they are.
    allowed = re.compile(r"志愿钟|中文|“[^”]*”|(e\.g\.|For example) .*")
    chinese = re.compile(r"[\u4e00-\u9fff]")
    left = [str(one.string) for one in load() if chinese.search(allowed.sub("", str(one.string)))]
    assert left == []
