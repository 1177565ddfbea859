"""The parts of an office file: XML inside a ZIP archive, unpacked a piece at a time and counted meanwhile.

A few kilobytes can claim gigabytes (a compressed bomb), so nothing is unpacked whole.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any
from xml.parsers import expat

from volunteer.domain.refusals import N_
from volunteer.reading.sheets import Unreadable

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
_CHUNK = 1 << 16


class Package:
    """The parts of one archive by their names, which are compared without regard to case.

    All that is ever unpacked from it, the same part again not counted, stays within the limit.
    """

    def __init__(self, file: IO[bytes]) -> None:
        """Refuses what is no archive; the file is read from for as long as its parts are."""
        try:
            self._archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise damaged() from error
        self._parts = {
            one.filename.replace("\\", "/").lstrip("/").lower(): one for one in self._archive.infolist()
        }
        self._sizes: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        """Whether there is such a part."""
        return name.lower() in self._parts

    def parse(self, name: str, handler: Any) -> Iterator[None]:
        """Send the elements of an XML part to the handler's ``on_start``, ``on_end`` and ``on_text``.

        Yields after every piece, so that whoever takes things out of the handler can keep it small.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = handler.on_start
        parser.EndElementHandler = handler.on_end
        parser.CharacterDataHandler = handler.on_text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            for piece in self._unpack(name):
                parser.Parse(piece, False)
                yield
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:  # the latter for unusual encodings
            raise damaged() from error
        yield

    def _unpack(self, name: str) -> Iterator[bytes]:
        key = name.lower()
        others = sum(size for other, size in self._sizes.items() if other != key)
        size = 0
        try:
            with self._archive.open(self._parts[key]) as stream:
                while piece := stream.read(_CHUNK):
                    size += len(piece)
                    self._sizes[key] = max(size, self._sizes.get(key, 0))
                    if others + size > MAX_UNPACKED_BYTES:
                        raise Unreadable(
                            N_("文件解压后超过 %(megabytes)s MB，不像是正常的名单，没有读取。"),
                            megabytes=MAX_UNPACKED_BYTES >> 20,
                        )
                    yield piece
        except KeyError as error:
            raise damaged() from error
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
            raise damaged() from error
        except RuntimeError as error:  # what zipfile raises for a part that needs a password
            raise encrypted() from error


def local_name(tag: str) -> str:
    """The name of an element or attribute without the prefix of its namespace."""
    return tag.rpartition(":")[2]


def attribute(attributes: dict[str, str], name: str) -> str:
    """An attribute whatever prefix it has, empty where it is not there."""
    return next((text for key, text in attributes.items() if local_name(key) == name), "")


def target_of(base: str, target: str) -> str:
    """The name of the part that a relation of the part ``base`` points to."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(base), target.replace("\\", "/")))[1:]


def relations_of(part: str) -> str:
    """The name of the part that holds the relations of a part, or of the whole package."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def encrypted() -> Unreadable:
    """The file needs a password."""
    return Unreadable(N_("文件设有打开密码，请去掉密码后再上传。"))


def damaged() -> Unreadable:
    """The file is not what it should be."""
    return Unreadable(N_("文件已损坏，打不开。请在 Excel 或 WPS 中重新另存为 .xlsx 后再上传。"))


def _refuse_doctype(*_about: object) -> None:
    # No office program writes one, and entities are how small files claim much.
    raise damaged()
