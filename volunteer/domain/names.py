"""People's names: hiding them in public, and finding them by pinyin.

Common dictionaries give the everyday reading of a character, which is often wrong for
a surname (单 is Shàn, 仇 is Qiú). So every reading is kept, the surname's own first.
"""

from functools import lru_cache
from itertools import chain, islice, product

from pypinyin import Style, pinyin

from volunteer.domain.cells import is_han, tidy_name

SEARCH_LIMIT = 240
_MOST_READINGS = 64

# Readings that a character has as a surname; several where families differ.
_SURNAMES: dict[str, tuple[str, ...]] = {
    "万俟": ("mo qi",), "尉迟": ("yu chi",), "长孙": ("zhang sun",), "澹台": ("tan tai",),
    "单于": ("chan yu",), "令狐": ("ling hu",), "鲜于": ("xian yu",), "夏侯": ("xia hou",),
    "宇文": ("yu wen",), "皇甫": ("huang fu",), "濮阳": ("pu yang",), "乐正": ("yue zheng",),
    "单": ("shan", "dan"), "仇": ("qiu",), "解": ("xie",), "曾": ("zeng",), "翟": ("zhai", "di"),
    "朴": ("piao", "pu"), "区": ("ou",), "查": ("zha",), "盖": ("ge", "gai"), "任": ("ren",),
    "华": ("hua",), "乐": ("yue", "le"), "员": ("yun",), "覃": ("qin", "tan"), "缪": ("miao", "mou"),
    "种": ("chong",), "召": ("shao",), "宓": ("mi", "fu"), "秘": ("bi",), "冼": ("xian",), "洗": ("xian",),
    "折": ("she",), "黑": ("he", "hei"), "纪": ("ji",), "繁": ("po",), "牟": ("mu", "mou"),
    "隗": ("wei", "kui"), "燕": ("yan",), "晟": ("cheng",), "郗": ("xi", "chi"), "佴": ("nai",),
    "祭": ("zhai", "ji"), "应": ("ying",), "訾": ("zi",), "谌": ("chen", "shen"), "莘": ("shen", "xin"),
    "车": ("che",), "沈": ("shen",), "角": ("jue",), "能": ("nai",), "么": ("yao",), "於": ("yu",),
    "郇": ("xun", "huan"), "都": ("du",), "柏": ("bai",), "贾": ("jia",), "相": ("xiang",), "薄": ("bo",),
    "强": ("qiang",), "盛": ("sheng",), "句": ("gou",), "行": ("xing",), "六": ("lu",), "逄": ("pang",),
    "葛": ("ge",), "尹": ("yin",), "石": ("shi",), "卜": ("bu",), "藏": ("zang",), "褚": ("chu",),
    "折娄": ("she lou",), "㛃": ("jie",), "䶮": ("yan",), "𬭎": ("hong",), "吕": ("lv",), "那": ("na",),
}  # fmt: skip

_COMPOUND_PAIRS = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 "
    "濮阳 公冶 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 亓官 司寇 巫马 公西 颛孙 "
    "壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 梁丘 左丘 西门 "
    "南荣 东里 即墨 达奚 褚师 纳兰 淳于 单于 哥舒 完颜 耶律 第五 "
)
_COMPOUND = frozenset(_COMPOUND_PAIRS.split())


def split_name(name: str) -> tuple[str, str]:
    """``name`` as (surname, given name); of a foreign name the first character counts as the surname."""
    name = tidy_name(name)
    length = 2 if len(name) > 2 and name[:2] in _COMPOUND else 1
    return name[:length], name[length:]


def mask_name(name: str) -> str:
    """The name as strangers may see it: 张三 is 张*, 欧阳娜娜 is 欧阳**; never more than two stars."""
    surname, given = split_name(name)
    return surname + "*" * min(max(len(given), 1), 2)


def search_keys(name: str) -> frozenset[str]:
    """Everything one may type to find ``name`` without a Chinese keyboard.

    Full pinyin and initials in lower case without spaces or tones, for every reading.
    ü is found as v, u and yu (passports write LYU).
    """
    return frozenset(_ordered_keys(name))


def search_text(name: str) -> str:
    """The likeliest search keys of ``name`` for a column, each after a space; at most 240 characters.

    So `` zhang`` finds the beginning of a key and never its middle.
    """
    text = ""
    for key in _ordered_keys(name):
        if len(text) + 1 + len(key) > SEARCH_LIMIT:
            break
        text += f" {key}"
    return text


def tidy_query(text: str) -> str:
    """What somebody typed to search by pinyin, in the form of the keys: "Lü Shan" is "lvshan"."""
    plain = text.lower().replace("ü", "v").replace("u:", "v")
    return "".join(character for character in plain if character.isalnum())


def _ordered_keys(name: str) -> list[str]:
    """Keys without repetition: the likeliest reading in full and short, then the other readings.

    Every reading of the surname comes before a rarer one of the given name, so that a column
    too short for all of them loses none of the surname's.
    """
    surname, given = split_name(name)
    choices = [_surname_readings(surname)] + [_readings(character) for character in given]
    choices = [choice for choice in choices if choice]
    usual = product(*choices[:1], *(choice[:1] for choice in choices[1:]))
    keys: dict[str, None] = {}
    for reading in islice(chain(usual, product(*choices)), _MOST_READINGS):
        syllables = " ".join(reading).split()
        for key in ("".join(syllables), "".join(syllable[0] for syllable in syllables)):
            if key:
                keys.setdefault(key)
    return list(keys)


def _surname_readings(surname: str) -> tuple[str, ...]:
    usual = [""]
    for character in surname:
        usual = [f"{start} {end}".strip() for start in usual for end in _readings(character) or ("",)]
    told = [form for reading in _SURNAMES.get(surname, ()) for form in _spellings(reading)]
    return tuple(dict.fromkeys(told + [reading for reading in usual if reading]))


# Read by nobody's dictionary, yet borne as a name.
_RARE: dict[str, tuple[str, ...]] = {"㐂": ("xi",)}


@lru_cache(maxsize=8192)
def _readings(character: str) -> tuple[str, ...]:
    """Every reading of one character, the usual one first; a letter or digit reads as itself."""
    if character.isascii():
        return (character.lower(),) if character.isalnum() else ()
    if not is_han(character):
        return ()
    if character in _RARE:
        return _RARE[character]
    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False)
    everyday = found[0] if found else []
    return tuple(dict.fromkeys(form for reading in everyday for form in _spellings(reading)))


def _spellings(reading: str) -> tuple[str, ...]:
    if "v" not in reading:
        return (reading,)
    return (reading, reading.replace("v", "u"), reading.replace("v", "yu"))
