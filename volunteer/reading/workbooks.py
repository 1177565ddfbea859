"""Tables that people send: the rows of an .xlsx or .csv file, or a sentence why not."""

import io
from typing import IO

from volunteer.domain.cells import is_blank
from volunteer.domain.refusals import N_
from volunteer.reading.delimited import read_delimited
from volunteer.reading.sheets import MAX_FILE_BYTES, Sheet, Unreadable, Workbook, require_computed
from volunteer.reading.spreadsheets import read_spreadsheet


def read_rows(data: bytes, filename: str) -> Workbook:
    """As ``read_file``, for a short list whose bytes are at hand."""
    return read_file(io.BytesIO(data), filename)


def read_file(file: IO[bytes], filename: str) -> Workbook:
    """The rows of ``file``, read as the end of ``filename`` says; refuses with ``Unreadable``.

    What the bytes really are is checked against the name first, so an old or
    disguised file gets an answer that helps. The file must stay open while rows are read.
    """
    size = file.seek(0, io.SEEK_END)
    if not size:
        raise Unreadable(N_("文件是空的（0 字节），请重新导出后再上传。"))
    if size > MAX_FILE_BYTES:
        raise Unreadable(N_("文件超过 %(megabytes)s MB，请拆成几个文件。"), megabytes=MAX_FILE_BYTES >> 20)
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    if ending in ("xlsx", "xlsm"):
        sheets = read_spreadsheet(file)
    elif ending in ("csv", "tsv", "txt"):
        sheets = (read_delimited(file),)
    elif ending == "xls":
        raise Unreadable(N_("不支持旧的 .xls 格式，请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"))
    else:
        raise Unreadable(N_("只能读取 .xlsx 或 .csv 文件，请另存为其中一种后再上传。"))
    filled = tuple(sheet for sheet in sheets if _has_content(sheet))
    if not filled:
        for sheet in sheets:
            require_computed(sheet.name, sheet.uncomputed, sheet.uncomputed, first_row=0)
        raise Unreadable(N_("文件里没有任何内容，请检查是否选错了文件。"))
    return Workbook(filled)


def _has_content(sheet: Sheet) -> bool:
    return any(not is_blank(cell) for row in sheet.read() for cell in row)


def read_list(file: IO[bytes]) -> list[Sheet]:
    """The sheets of a file, told by its content and not by its name; hidden ones only where no other is.

    An upload is measured here when it is sent and once more when it is judged. Where rows end and which cells
    are merged stands behind the rows; kept with the upload it would be as long as the list, and going through
    the file again is a twentieth of the judging.
    """
    file.seek(0)
    is_workbook = file.read(4).startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    sheets = read_file(file, "list.xlsx" if is_workbook else "list.csv").sheets
    return [sheet for sheet in sheets if not sheet.is_hidden] or list(sheets)
