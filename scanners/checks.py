"""What is wrong with this station, in sentences: reader, server, key, clock, outbox."""

import fcntl
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

from scanners.clocks import Clocks
from scanners.outbox import Outbox
from scanners.readers import Condition, Reader
from scanners.readers.opening import make_reader
from scanners.readers.profiles import TRUNCATING
from scanners.screens import connection_words, reader_words
from scanners.server import Server, ServerTrouble, StationInfo
from scanners.settings import BadSettings, Settings, is_plain
from scanners.words import _

LARGEST_OFFSET = timedelta(seconds=60)
LEAST_SPACE = 50 * 1024 * 1024  # bytes
OPENING_TIME = 5.0  # seconds given to a reader to open


@dataclass(frozen=True)
class Finding:
    """One sentence, and whether it is good news."""

    is_good: bool
    words: str


class AlreadyRunning(Exception):
    """Another process holds this outbox."""


@contextmanager
def only_one(outbox: Path) -> Iterator[None]:
    """Hold the outbox for this process, to its end however it ends; raises AlreadyRunning."""
    outbox.parent.mkdir(parents=True, exist_ok=True)
    with outbox.with_name(outbox.name + ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning from error
        yield


def check(settings: Settings, clocks: Clocks) -> Iterator[Finding]:
    """Everything that is known about this station; each finding as soon as it is known."""
    info = None
    for finding in check_server(settings, clocks):
        if isinstance(finding, StationInfo):
            info = finding
        else:
            yield finding
    yield from check_outbox(settings.outbox, clocks)
    yield from check_readers(settings, info.reader_profile if info else "hex")


def check_server(settings: Settings, clocks: Clocks) -> Iterator[Finding | StationInfo]:
    """The line, the key and the clock; hands out what the server says of the station."""
    if is_plain(settings.url):
        yield Finding(False, _("服务器地址没有使用 https，密钥会在网络上明文传输。"))
    server = Server(settings.url, settings.key, ca_file=settings.ca_file)
    try:
        before = clocks.monotonic()
        info = server.station()
        delay = timedelta(seconds=clocks.monotonic() - before)
    except ServerTrouble as trouble:
        yield Finding(
            False,
            _(
                "服务器：%(words)s（%(detail)s）",
                words=connection_words(trouble.reason),
                detail=trouble.detail,
            ),
        )
        return
    finally:
        server.close()
    yield info
    yield Finding(True, _("服务器已连接，密钥有效，服务站：%(name)s", name=info.name))
    offset = clocks.now() - (info.server_time + delay / 2)
    seconds = round(abs(offset).total_seconds(), 1)
    if abs(offset) <= LARGEST_OFFSET:
        yield Finding(True, _("时钟与服务器相差 %(seconds)s 秒", seconds=seconds))
    elif offset > timedelta():
        yield Finding(False, _("本机时钟比服务器快 %(seconds)s 秒，请校准时间", seconds=seconds))
    else:
        yield Finding(False, _("本机时钟比服务器慢 %(seconds)s 秒，请校准时间", seconds=seconds))


def check_outbox(path: Path, clocks: Clocks) -> Iterator[Finding]:
    """The file of unanswered scans: whole, writable, with room, and how much waits in it."""
    try:
        outbox = Outbox(path)
    except (sqlite3.Error, OSError) as error:
        yield Finding(False, _("待发记录文件 %(path)s 不能使用：%(detail)s", path=path, detail=error))
        return
    try:
        if not outbox.is_sound():
            yield Finding(False, _("待发记录文件 %(path)s 已损坏", path=path))
        count = outbox.count_pending()
        if count:
            oldest = outbox.list_pending(1)[0]
            yield Finding(
                False,
                _(
                    "有 %(count)s 条记录等待上传，最早的一条：%(at)s",
                    count=count,
                    at=oldest.at.strftime("%Y-%m-%d %H:%M:%S"),
                ),
            )
        else:
            yield Finding(True, _("没有等待上传的记录"))
        refusals = outbox.list_refusals(1)
        if refusals:
            yield Finding(
                True,
                _(
                    "最近一次被拒绝的卡：%(at)s，尾号 %(token_end)s，%(message)s",
                    at=refusals[0][0][:19],
                    token_end=refusals[0][1],
                    message=refusals[0][4],
                ),
            )
    finally:
        outbox.close()
    free = shutil.disk_usage(path.parent).free
    if free < LEAST_SPACE:
        yield Finding(False, _("磁盘剩余空间只有 %(count)s MB", count=free // 1024 // 1024))


def check_readers(settings: Settings, server_profile: str) -> Iterator[Finding]:
    """Each reader: can it be opened now."""
    try:
        with only_one(settings.outbox):
            for one in settings.readers:
                if one.kind in ("serial", "keyboard") and (one.profile or server_profile) in TRUNCATING:
                    yield Finding(
                        False,
                        _(
                            "%(name)s：%(profile)s 格式只保留卡号的三个字节，不同的卡可能相同，"
                            "请把读卡器改成输出完整卡号",
                            name=f"{one.kind} {one.path}",
                            profile=one.profile or server_profile,
                        ),
                    )
                try:
                    yield try_reader(make_reader(one, lambda: server_profile))
                except (BadSettings, OSError) as error:
                    yield Finding(False, f"{one.kind} {one.path}: {error}")
    except AlreadyRunning:
        yield Finding(True, _("终端程序正在运行，读卡器由它占用"))


def try_reader(reader: Reader, wait: Callable[[Event, float], bool] = Event.wait) -> Finding:
    """Open a reader, wait until it is ready or has failed, and close it."""
    stop = Event()
    thread = Thread(target=reader.run, args=(lambda token, medium: None, stop), daemon=True)
    thread.start()
    pause = 0.05
    for _turn in range(int(OPENING_TIME / pause)):
        if reader.health().condition is not Condition.OPENING:
            break
        wait(stop, pause)
    health = reader.health()
    stop.set()
    thread.join(OPENING_TIME)
    if health.is_ready:
        return Finding(True, _("%(name)s：设备正常", name=reader.name))
    return Finding(False, reader_words(reader.name, health))
