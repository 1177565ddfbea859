"""Text tables: comma, tab or semicolon between the cells, in the encodings used in China."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

from volunteer.domain.refusals import N_
from volunteer.reading.sheets import MAX_CELLS, Row, Sheet, Unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_SEPARATORS = ",\t;"
_LOOK_AHEAD = 20
_CHUNK = 1 << 16
# A PDF and a RTF may hold nothing but text.
_OTHER_FILES = (b"%PDF", b"{\\rtf", b"Rar!", b"7z\xbc\xaf")
_END = "\x1aend"
# How spreadsheet programs are made to keep a number as text in a text table.
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')
_PAGE = re.compile(r"\s*<(!doctype|html|table|\?xml|meta)\b", re.IGNORECASE)
_TOLD = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)


def read_delimited(file: IO[bytes]) -> Sheet:
    """The rows of a text table; every cell is text. Refuses what is not a text table.

    UTF-8 with or without byte order mark, UTF-16 with one (what spreadsheet programs
    call "Unicode text") and GB18030 are understood. A line break inside quotation marks
    stays in its cell; an empty line is an empty row.
    """
    file.seek(0)
    start_bytes = file.read(8)
    if start_bytes.startswith(_OTHER_FILES):
        raise Unreadable(N_("这不是文本表格，请在 Excel 或 WPS 中另存为 .xlsx 或 .csv 后再上传。"))
    if start_bytes.startswith(b"PK\x03\x04"):
        raise Unreadable(N_("这个文件其实是 Excel 工作簿，请把扩展名改为 .xlsx 后再上传。"))
    encoding = _find_encoding(file)
    start = _open(file, encoding).read(_CHUNK)
    if _PAGE.match(start):
        raise Unreadable(N_("这个文件其实是网页，不是表格。请用 Excel 或 WPS 打开，另存为 .xlsx 后再上传。"))
    told = _TOLD.match(start)
    separator = told[1] if told else _guess_separator(file, encoding)

    def read(*more: str) -> Iterator[Row]:
        lines = _open(file, encoding)
        if told:
            next(lines)
        rows = csv.reader(chain(lines, more), delimiter=separator)
        return (tuple(_KEPT_AS_TEXT.sub(r"\1", cell) for cell in cells) for cells in rows)

    return Sheet("", _count(read(_END)), read)


def _find_encoding(file: IO[bytes]) -> str:
    """Strict decoding, most certain first: GB18030 accepts almost anything, so it comes last."""
    pieces = iter(partial(_View(file).read, _CHUNK), b"")
    if (first := next(pieces, b"")).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif any(b"\x00" in piece for piece in chain((first,), pieces)):
        raise Unreadable(N_("这不是文本表格，请在 Excel 或 WPS 中另存为 .xlsx 或 .csv 后再上传。"))
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        lines = _open(file, encoding)
        try:
            while lines.read(_CHUNK):
                pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable(N_("看不懂文件的文字编码，请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"))


def _open(file: IO[bytes], encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedReader(_View(file), _CHUNK), encoding, newline="")


class _View(io.RawIOBase):
    """A file read from its start with a place of its own; it stays open when the view is closed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._place = file, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        room = memoryview(buffer)
        self._file.seek(self._place)
        piece = self._file.read(len(room))
        room[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)


def _guess_separator(file: IO[bytes], encoding: str) -> str:
    """The separator that makes the most cells in the first rows; a comma when none does."""

    def cells_with(separator: str) -> int:
        rows = csv.reader(_open(file, encoding), delimiter=separator)
        try:
            return sum(len(row) for row in islice(rows, _LOOK_AHEAD))
        except csv.Error:
            return 0

    return max(_SEPARATORS, key=cells_with)


def _count(rows: Iterator[Row]) -> int:
    """How many rows there are before the end; refuses where they cannot be told apart or are too many."""
    count = cells = 0
    try:
        for row in rows:
            if row == (_END,):
                return count
            count += 1
            cells += len(row)
            if cells > MAX_CELLS:
                raise Unreadable(N_("表格太大，请拆成几个文件。"))
    except csv.Error as error:
        raise _unpaired(count + 1) from error
    # A quotation mark that is never closed has swallowed the end, and all rows before it.
    raise _unpaired(count)


def _unpaired(row: int) -> Unreadable:
    return Unreadable(
        N_("第 %(row)s 行附近的引号没有成对，请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"), row=row
    )
