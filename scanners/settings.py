"""The settings file of a station, ``station.toml``: what may stand in it, and what is wrong with it."""

import json
import os
import stat
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scanners.readers.profiles import PROFILES
from scanners.words import LANGUAGES, _

KINDS = ("nfc", "camera", "serial", "keyboard")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class BadSettings(ValueError):
    """The file cannot be used; the message is for the person who set up the station."""


@dataclass(frozen=True)
class ReaderSettings:
    """One ``[[readers]]`` table. ``profile`` None: as the server says."""

    kind: str
    path: str
    profile: str | None = None
    baud: int = 9600


@dataclass(frozen=True)
class Settings:
    """All of the file, checked. Paths are absolute."""

    url: str
    key: str
    terminal_id: str = ""
    ca_file: str | None = None
    language: str = "zh"
    outbox: Path = Path("outbox.db")
    has_sounds: bool = True
    has_big_letters: bool = False
    readers: tuple[ReaderSettings, ...] = field(default_factory=lambda: (ReaderSettings("nfc", "usb"),))


DEFAULT_PATHS = {"nfc": "usb", "camera": "0", "keyboard": "stdin"}


def read_settings(path: Path) -> Settings:
    """The settings in ``path``; raises BadSettings with a sentence that names the line to change."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadSettings(
            _("找不到设置文件 %(path)s。请先运行 python -m scanners enrol 注册本终端。", path=path)
        ) from error
    except PermissionError as error:
        raise BadSettings(_("没有权限读取设置文件 %(path)s。", path=path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(
            _("设置文件 %(path)s 不是有效的 TOML：%(detail)s", path=path, detail=error)
        ) from error
    server, station = section(table, "server"), section(table, "station")
    only(table, "", {"server", "station", "readers"})
    only(server, "server.", {"url", "key", "terminal_id", "ca_file"})
    only(station, "station.", {"language", "outbox", "sounds", "big_letters"})
    folder = path.resolve().parent
    ca_file = text(server, "server.", "ca_file", "")
    return Settings(
        url=check_url(text(server, "server.", "url")),
        key=text(server, "server.", "key"),
        terminal_id=text(server, "server.", "terminal_id", ""),
        ca_file=str(folder / ca_file) if ca_file else None,
        language=choice(text(station, "station.", "language", "zh"), "station.language", LANGUAGES),
        outbox=folder / text(station, "station.", "outbox", "outbox.db"),
        has_sounds=flag(station, "station.", "sounds", True),
        has_big_letters=flag(station, "station.", "big_letters", False),
        readers=read_readers(table.get("readers", [])),
    )


def read_readers(tables: object) -> tuple[ReaderSettings, ...]:
    """The ``[[readers]]`` tables; at least one is needed."""
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise BadSettings(_("设置文件里至少要有一个 [[readers]]（读卡器）。"))
    readers = []
    for number, table in enumerate(tables, 1):
        where = f"readers[{number}]."
        only(table, where, {"kind", "path", "profile", "baud"})
        kind = choice(text(table, where, "kind"), where + "kind", KINDS)
        profile = text(table, where, "profile", "") or None
        if profile:
            choice(profile, where + "profile", tuple(PROFILES))
        baud = table.get("baud", 9600)
        if type(baud) is not int or baud <= 0:
            raise BadSettings(_("%(name)s 必须是正整数。", name=where + "baud"))
        readers.append(
            ReaderSettings(kind, text(table, where, "path", DEFAULT_PATHS.get(kind)), profile, baud)
        )
    return tuple(readers)


def section(table: dict[str, Any], name: str) -> dict[str, Any]:
    """A table of the file; empty when it is left out."""
    found = table.get(name, {})
    if not isinstance(found, dict):
        raise BadSettings(_("%(name)s 应写成 [%(name)s] 段。", name=name))
    return found


def only(table: dict[str, Any], where: str, names: set[str]) -> None:
    """Refuse a name that means nothing here, most often a slip of the pen."""
    for name in table:
        if name not in names:
            raise BadSettings(_("设置文件里有不认识的项目 %(name)s。", name=where + name))


def text(table: dict[str, Any], where: str, name: str, default: str | None = None) -> str:
    """A string; without a default it has to be there."""
    value = table.get(name, default)
    if value is None or (default is None and value == ""):
        raise BadSettings(_("设置文件缺少 %(name)s。", name=where + name))
    if type(value) is int and name == "path":
        value = str(value)  # camera number
    if not isinstance(value, str):
        raise BadSettings(_("%(name)s 必须是带引号的文字。", name=where + name))
    return value


def flag(table: dict[str, Any], where: str, name: str, default: bool) -> bool:
    """true or false."""
    value = table.get(name, default)
    if not isinstance(value, bool):
        raise BadSettings(_("%(name)s 只能是 true 或 false。", name=where + name))
    return value


def choice(value: str, name: str, allowed: tuple[str, ...]) -> str:
    """One of a closed list."""
    if value not in allowed:
        raise BadSettings(_("%(name)s 只能是：%(allowed)s。", name=name, allowed=" ".join(allowed)))
    return value


def check_url(url: str) -> str:
    """The server's address without a slash at the end."""
    parts = urlsplit(url)
    try:
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.query or parts.fragment or parts.username:
        raise BadSettings(_("服务器地址 %(url)s 不正确，应形如 https://example.org。", url=url))
    return url.rstrip("/")


def is_plain(url: str) -> bool:
    """Whether the key would travel readable by others on the network."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in LOOPBACK


def write_settings(path: Path, settings: Settings) -> None:
    """Write the file readable by its owner only, all of it or nothing."""
    draft = path.with_name(path.name + ".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), stat.S_IRUSR | stat.S_IWUSR)
        file.write(as_toml(settings, path.resolve().parent))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def as_toml(settings: Settings, folder: Path) -> str:
    """The file's text; paths inside ``folder`` are written relative to it."""

    def line(name: str, value: str | int | bool) -> str:
        # a JSON string is a TOML basic string, and so are JSON's numbers and booleans
        return f"{name} = {json.dumps(value, ensure_ascii=False)}\n"

    def relative(path: Path | str) -> str:
        return str(Path(path).relative_to(folder) if Path(path).is_relative_to(folder) else path)

    lines = [
        "[server]\n",
        line("url", settings.url),
        line("key", settings.key),
        line("terminal_id", settings.terminal_id),
    ]
    if settings.ca_file:
        lines.append(line("ca_file", relative(settings.ca_file)))
    lines += [
        "\n[station]\n",
        line("language", settings.language),
        line("outbox", relative(settings.outbox)),
        line("sounds", settings.has_sounds),
        line("big_letters", settings.has_big_letters),
    ]
    for reader in settings.readers:
        lines += ["\n[[readers]]\n", line("kind", reader.kind), line("path", reader.path)]
        if reader.profile:
            lines.append(line("profile", reader.profile))
        if reader.kind == "serial":
            lines.append(line("baud", reader.baud))
    return "".join(lines)
