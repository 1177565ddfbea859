"""Text tables: comma, tab or semicolon between the cells, in the encodings used in China."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from volunteer.domain.refusals import N_
from volunteer.reading.sheets import MAX_CELLS, Row, Sheet, Unreadable

_SEPARATORS = ",\t;"
_LOOK_AHEAD = 20
_CHUNK = 1 << 16
_PAGE = re.compile(r"\s*<(!doctype|html|table|\?xml|meta)\b", re.IGNORECASE)
_TOLD = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)


def read_delimited(data: bytes) -> Sheet:
    """The rows of a text table; every cell is text. Refuses what is not a text table.

    UTF-8 with or without byte order mark, UTF-16 with one (what spreadsheet programs
    call "Unicode text") and GB18030 are understood. A line break inside quotation marks
    stays in its cell; an empty line is an empty row.
    """
    if data.startswith(b"PK\x03\x04"):
        raise Unreadable(N_("这个文件其实是 Excel 工作簿，请把扩展名改为 .xlsx 后再上传。"))
    encoding = _find_encoding(data)
    start = _open(data, encoding).read(_CHUNK)
    if _PAGE.match(start):
        raise Unreadable(N_("这个文件其实是网页，不是表格。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。"))
    told = _TOLD.match(start)
    separator = told[1] if told else _guess_separator(data, encoding)

    def read() -> Iterator[Row]:
        lines = _open(data, encoding)
        if told:
            next(lines)
        return (tuple(cells) for cells in csv.reader(lines, delimiter=separator))

    return Sheet("", _count(read()), read)


def _find_encoding(data: bytes) -> str:
    """Strict decoding, most certain first: GB18030 accepts almost anything, so it comes last."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\x00" in data:
        raise Unreadable(N_("这不是文本表格，请在 Excel 或 WPS 中另存为 .xlsx 或 .csv 后再上传。"))
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        lines = _open(data, encoding)
        try:
            while lines.read(_CHUNK):
                pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable(N_("看不懂文件的文字编码，请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"))


def _open(data: bytes, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(data), encoding, newline="")


def _guess_separator(data: bytes, encoding: str) -> str:
    """The separator that makes the most cells in the first rows; a comma when none does."""

    def cells_with(separator: str) -> int:
        rows = csv.reader(_open(data, encoding), delimiter=separator)
        try:
            return sum(len(row) for row in islice(rows, _LOOK_AHEAD))
        except csv.Error:
            return 0

    return max(_SEPARATORS, key=cells_with)


def _count(rows: Iterator[Row]) -> int:
    """How many rows there are; refuses where they cannot be told apart or are too many."""
    count = cells = 0
    try:
        for row in rows:
            count += 1
            cells += len(row)
            if cells > MAX_CELLS:
                raise Unreadable(N_("表格太大，请拆成几个文件。"))
    except csv.Error as error:
        raise Unreadable(
            N_("第 %(row)s 行附近的引号没有成对，请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"), row=count + 1
        ) from error
    return count
