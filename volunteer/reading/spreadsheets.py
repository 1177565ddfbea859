"""Workbooks of Excel and WPS (.xlsx), read row by row.

No library at hand reads them so: they hold every cell of a sheet, or every text of the
workbook, and a list of sixty thousand people then takes a hundred megabytes.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import IO

from volunteer.domain.refusals import N_
from volunteer.reading.number_formats import Formats
from volunteer.reading.packages import (
    Package,
    attribute,
    damaged,
    encrypted,
    local_name,
    relations_of,
    target_of,
)
from volunteer.reading.sheets import Sheet, Unreadable
from volunteer.reading.texts import Texts
from volunteer.reading.worksheets import Values, iterate, measure

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # container of old .xls and of encrypted files
_LOOKED_AT = 4096
_WORKBOOK = "xl/workbook.xml"


def read_spreadsheet(file: IO[bytes]) -> tuple[Sheet, ...]:
    """All worksheets in order, hidden ones marked; refuses anything that is not a sound .xlsx.

    A formula shows its last computed value; the sheet says where one was never computed. An
    error value such as #N/A is an empty cell; of merged cells only the first is filled.
    """
    _refuse_disguised(file)
    package = Package(file)
    workbook = _find_workbook(package)
    if workbook not in package:
        raise Unreadable(N_("这个压缩文件里没有工作簿，请在 Excel 或 WPS 中另存为 .xlsx 后再上传。"))
    contents, relations = _Contents(), _Relations(workbook)
    _read(package, workbook, contents)
    _read(package, relations_of(workbook), relations)
    texts, formats = Texts(), Formats()
    for kind, handler in (("sharedStrings", texts), ("styles", formats)):
        # Some programs name a part that they leave out; a cell that needs it is found damaged then.
        if (part := relations.find(kind)) and part in package:
            _read(package, part, handler)
    values = Values(texts, formats.meanings, contents.is_from_1904)
    return tuple(
        _sheet(package, part, one, values)
        for one in contents.sheets
        if (part := relations.worksheets.get(one.relation))
    )


def _find_workbook(package: Package) -> str:
    """Where the workbook stands: the package says so, and most often it is the usual place."""
    relations = _Relations("")
    if relations_of("") in package:
        _read(package, relations_of(""), relations)
    return relations.find("officeDocument") or _WORKBOOK


def _read(package: Package, part: str, handler: object) -> None:
    if part not in package:
        raise damaged()
    for _ in package.parse(part, handler):
        pass


def _sheet(package: Package, part: str, listed: "_Listed", values: Values) -> Sheet:
    extent = measure(package, part, values)
    read = partial(iterate, package, part, values, extent)
    return Sheet(listed.name, extent.rows, read, listed.is_hidden, extent.merged, extent.uncomputed)


@dataclass(frozen=True)
class _Listed:
    """A sheet as the workbook lists it."""

    name: str
    relation: str
    is_hidden: bool


@dataclass
class _Contents:
    """Reads what sheets there are, and from when days are counted."""

    sheets: list[_Listed] = field(default_factory=list)
    is_from_1904: bool = False

    def on_start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local_name(tag)
        if name == "workbookPr":
            self.is_from_1904 = attributes.get("date1904", "") in ("1", "true")
        elif name == "sheet":
            is_hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append(_Listed(attributes.get("name", ""), attribute(attributes, "id"), is_hidden))

    def on_end(self, tag: str) -> None:
        pass

    def on_text(self, text: str) -> None:
        pass


@dataclass
class _Relations:
    """Reads which part is what."""

    base: str
    worksheets: dict[str, str] = field(default_factory=dict)
    _others: dict[str, str] = field(default_factory=dict)

    def find(self, kind: str) -> str | None:
        """The part of this kind, of which there is at most one."""
        return self._others.get(kind)

    def on_start(self, _tag: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        part = target_of(self.base, attributes.get("Target", ""))
        if kind == "worksheet":
            self.worksheets[attributes.get("Id", "")] = part
        else:
            self._others[kind] = part

    def on_end(self, tag: str) -> None:
        pass

    def on_text(self, text: str) -> None:
        pass


def _refuse_disguised(file: IO[bytes]) -> None:
    """Say what a file named .xlsx really is, when it is something else."""
    file.seek(0)
    data = file.read(_LOOKED_AT)
    if data.startswith(_OLE2):
        # The names inside stand anywhere in the file, which is refused in any case.
        if "EncryptedPackage".encode("utf-16-le") in data + file.read():
            raise encrypted()
        raise Unreadable(
            N_("这是旧的 .xls 或 .et 格式，不能直接读取。请在 Excel 或 WPS 中打开，另存为 .xlsx 后再上传。")
        )
    if data.startswith(b"PK\x03\x04"):
        return
    start = data[:1024].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<style")):
        raise Unreadable(
            N_("文件名是 .xlsx，内容却是网页或 XML。请在 Excel 或 WPS 中打开，另存为 .xlsx 后再上传。")
        )
    if b"\x00" not in data:
        raise Unreadable(N_("文件名是 .xlsx，内容却是文本。请把扩展名改为 .csv，或另存为 .xlsx 后再上传。"))
    raise damaged()
