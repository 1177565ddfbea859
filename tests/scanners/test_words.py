"""Every sentence of the terminal exists in both languages."""

import ast
import re
from pathlib import Path

import pytest

import scanners
from scanners.english import ENGLISH
from scanners.words import _, get_language, set_language

PLACE = re.compile(r"%\((\w+)\)s")
FOLDER = Path(scanners.__file__).parent


def spoken() -> set[str]:
    """The first argument of every ``_("…")`` in the program."""
    sentences = set()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                argument = node.args[0]
                assert isinstance(argument, ast.Constant), f"{path}:{node.lineno} cannot be translated"
                sentences.add(str(argument.value))
    return sentences


def test_every_sentence_has_its_english_and_no_english_is_left_over() -> None:
    assert spoken() == set(ENGLISH)


def test_both_languages_name_the_same_places() -> None:
    for chinese, english in ENGLISH.items():
        assert set(PLACE.findall(chinese)) == set(PLACE.findall(english)), chinese


def test_chinese_sentences_use_chinese_punctuation() -> None:
    for chinese in ENGLISH:
        assert not re.search(r"[\u4e00-\u9fff][,:;!?()]", chinese), chinese


def test_the_language_can_be_chosen() -> None:
    assert get_language() == "zh"
    set_language("en")
    try:
        assert _("待上传 %(count)s 条", count=3) == "3 to send"
    finally:
        set_language("zh")
    assert _("待上传 %(count)s 条", count=3) == "待上传 3 条"
    with pytest.raises(ValueError, match="fr"):
        set_language("fr")
