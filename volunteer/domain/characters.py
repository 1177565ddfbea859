"""Which characters a name may hold: what would make one name look like another is refused."""

import unicodedata

from volunteer.domain.refusals import N_, Refusal, Sentence

# Control, format (direction marks, zero-width), surrogate, private use, not assigned.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Letters and marks that nothing is drawn for: the grapheme joiner, fillers, variation selectors.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for start, end in ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)) for code in range(start, end + 1)
}
_SYMBOLS = frozenset({"So", "Sk", "Sm", "Sc"})
# What every keyboard types may stand in the name of a team ("A+B"), in nobody's own.
_TYPED_SYMBOLS = frozenset("+<=>|~^`$＋＜＝＞｜～＄￥")


class UnseenInName(Refusal):
    code = "unseen_in_name"
    msgid = N_("名字里“%(before)s”的后面有一个看不见的字符（%(character)s），请删去它，或整个重新填写。")


class SymbolInName(Refusal):
    code = "symbol_in_name"
    msgid = N_("名字里不能有符号或表情“%(character)s”，请删去。")


def require_name_characters(text: str, *, is_title: bool = False) -> str:
    """Refuse what cannot be seen and what is no part of a name; letters of every script and marks may stand.

    ``is_title``: of a team, a unit or a station, where signs of the plain keyboard may stand as well.
    """
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        if character in _BLANK or (category in _UNSEEN and not _is_rare_han(character)):
            raise UnseenInName(before=text[:place], character=f"U+{ord(character):04X}")
        if category in _SYMBOLS and not (is_title and character in _TYPED_SYMBOLS):
            raise SymbolInName(character=character)
    return text


def why_no_name(text: str, *, is_title: bool = False) -> Sentence | None:
    """What is wrong with the characters of this name, or None."""
    try:
        require_name_characters(text, is_title=is_title)
    except (UnseenInName, SymbolInName) as refusal:
        return refusal.sentence
    return None


def _is_rare_han(character: str) -> bool:
    # By block: characters of family names may be newer than this Python's Unicode table.
    return "\U00020000" <= character < "\U00040000" and ord(character) & 0xFFFE != 0xFFFE
