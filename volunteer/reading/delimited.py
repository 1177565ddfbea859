"""Text tables: comma, tab or semicolon between the cells, in the encodings used in China."""

import codecs
import csv
import io
import re

from volunteer.domain.refusals import N_
from volunteer.reading.sheets import MAX_CELLS, Unreadable

_SEPARATORS = ",\t;"
_LOOK_AHEAD = 20


def read_delimited(data: bytes) -> tuple[tuple[str, ...], ...]:
    """The rows of a text table; every cell is text. Refuses what is not a text table.

    UTF-8 with or without byte order mark, UTF-16 with one (what spreadsheet programs
    call "Unicode text") and GB18030 are understood. A line break inside quotation marks
    stays in its cell; an empty line is an empty row.
    """
    if data.startswith(b"PK\x03\x04"):
        raise Unreadable(N_("这个文件其实是 Excel 工作簿，请把扩展名改为 .xlsx 后再上传。"))
    text = _decode(data)
    if re.match(r"\s*<(!doctype|html|table|\?xml|meta)\b", text, re.IGNORECASE):
        raise Unreadable(N_("这个文件其实是网页，不是表格。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。"))
    told = re.match(r"sep=([,;\t])\r?\n", text, re.IGNORECASE)
    separator = told[1] if told else _guess_separator(text)
    return _parse(text[told.end() if told else 0 :], separator)


def _decode(data: bytes) -> str:
    """Strict decoding, most certain first: GB18030 accepts almost anything, so it comes last."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\x00" in data:
        raise Unreadable(N_("这不是文本表格，请在 Excel 或 WPS 中另存为 .xlsx 或 .csv 后再上传。"))
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(N_("看不懂文件的文字编码，请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"))


def _guess_separator(text: str) -> str:
    """The separator that makes the most cells in the first rows; a comma when none does."""

    def cells_with(separator: str) -> int:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            return sum(len(row) for row, _ in zip(rows, range(_LOOK_AHEAD), strict=False))
        except csv.Error:
            return 0

    return max(_SEPARATORS, key=cells_with)


def _parse(text: str, separator: str) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            cells += len(row)
            if cells > MAX_CELLS:
                raise Unreadable(N_("表格太大，请拆成几个文件。"))
            rows.append(tuple(row))
    except csv.Error as error:
        raise Unreadable(
            N_("第 %(row)s 行附近的引号没有成对，请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"),
            row=len(rows) + 1,
        ) from error
    return tuple(rows)
