"""Workbooks of Excel and WPS (.xlsx), measured before they are opened.

A few kilobytes can claim gigabytes (a compressed bomb) or one stray cell at the far
corner can claim seventeen billion empty ones. So the parts are unpacked here, counted
while they are unpacked, and only what was counted is handed on.
"""

import io
import re
import zipfile
import zlib
from xml.parsers import expat

import python_calamine

from volunteer.domain.refusals import N_
from volunteer.reading.sheets import MAX_CELLS, Sheet, Unreadable

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
_CHUNK = 1 << 16
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # container of old .xls and of encrypted files
_CELL_PLACE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


def read_spreadsheet(data: bytes) -> tuple[Sheet, ...]:
    """All worksheets in order, hidden ones marked; refuses anything that is not a sound .xlsx.

    A formula shows its last computed value, empty when the program stored none; an
    error value such as #N/A is an empty cell; of merged cells only the first is filled.
    """
    _refuse_disguised(data)
    safe = _repack(data)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(safe)) as book:
            return tuple(
                _read_sheet(book, sheet)
                for sheet in book.sheets_metadata
                if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
            )
    except python_calamine.PasswordError as error:
        raise _encrypted() from error
    except python_calamine.CalamineError as error:
        raise _damaged() from error


def _read_sheet(book: python_calamine.CalamineWorkbook, about: python_calamine.SheetMetadata) -> Sheet:
    sheet = book.get_sheet_by_name(about.name)
    return Sheet(
        name=about.name,
        rows=tuple(sheet.to_python(skip_empty_area=False)),
        is_hidden=about.visible != python_calamine.SheetVisibleEnum.Visible,
        merged=tuple(sheet.merged_cell_ranges or ()),
    )


def _refuse_disguised(data: bytes) -> None:
    """Say what a file named .xlsx really is, when it is something else."""
    if data.startswith(_OLE2):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _encrypted()
        raise Unreadable(
            N_("文件名是 .xlsx，内容却是旧的 .xls 格式。请在 Excel 或 WPS 中打开，另存为 .xlsx 后再上传。")
        )
    if data.startswith(b"PK\x03\x04"):
        return
    start = data[:1024].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<style")):
        raise Unreadable(
            N_("文件名是 .xlsx，内容却是网页或 XML。请在 Excel 或 WPS 中打开，另存为 .xlsx 后再上传。")
        )
    if b"\x00" not in data[:4096]:
        raise Unreadable(N_("文件名是 .xlsx，内容却是文本。请把扩展名改为 .csv，或另存为 .xlsx 后再上传。"))
    raise _damaged()


def _repack(data: bytes) -> bytes:
    """The XML parts of the package, unpacked within the limits and stored again without compression."""
    out, total, cells = io.BytesIO(), 0, 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package, zipfile.ZipFile(out, "w") as safe:
            names = [item for item in package.infolist() if item.filename.lower().endswith((".xml", ".rels"))]
            if not any(item.filename.lower() == "xl/workbook.xml" for item in names):
                raise Unreadable(N_("这个压缩文件里没有工作簿，请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"))
            for item in names:
                part = _unpack(package, item, MAX_UNPACKED_BYTES - total)
                total += len(part)
                cells += _claimed_cells(part)
                if cells > MAX_CELLS:
                    raise Unreadable(
                        N_(
                            "表格占用的区域太大（可能在很远的地方有一个多余的单元格），请只复制需要的行列到新表格。"
                        )
                    )
                safe.writestr(item.filename, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise _damaged() from error
    except RuntimeError as error:  # what zipfile raises for a part that needs a password
        raise _encrypted() from error
    return out.getvalue()


def _unpack(package: zipfile.ZipFile, item: zipfile.ZipInfo, room: int) -> bytes:
    part = bytearray()
    with package.open(item) as stream:
        while chunk := stream.read(_CHUNK):
            part += chunk
            if len(part) > room:
                raise Unreadable(
                    N_("文件解压后超过 %(megabytes)s MB，不像是正常的名单，没有读取。"),
                    megabytes=MAX_UNPACKED_BYTES >> 20,
                )
    return bytes(part)


def _claimed_cells(part: bytes) -> int:
    """The size of the rectangle from A1 that holds every cell of a sheet part; 0 for other parts."""
    rows = columns = 0

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal rows, columns
        kind = tag.rpartition(":")[2]
        if kind == "c":
            columns = max(columns, 1)
            if place := _CELL_PLACE.fullmatch(attributes.get("r", "")):
                rows, columns = max(rows, int(place[2])), max(columns, _column_number(place[1]))
        elif kind == "row" and attributes.get("r", "").isdecimal():
            rows = max(rows, int(attributes["r"]))

    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise _damaged() from error
    return rows * columns


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _encrypted() -> Unreadable:
    return Unreadable(N_("文件设有打开密码，请去掉密码后再上传。"))


def _damaged() -> Unreadable:
    return Unreadable(N_("文件已损坏，打不开。请在 Excel 或 WPS 中重新另存为 .xlsx 后再上传。"))
