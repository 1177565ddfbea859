"""What stands on the terminal's screen, as values: no drawing here, no clock."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scanners.outbox import Answer
from scanners.readers import Condition, Health
from scanners.server import Reason
from scanners.words import _


class Tone(StrEnum):
    """How a result feels; each has its own colour, sign and sound."""

    OK = "ok"
    REPEAT = "repeat"
    WARNED = "warned"
    ERROR = "error"
    TAKEN = "taken"
    IDLE = "idle"


SIGNS = {Tone.OK: "√", Tone.REPEAT: "=", Tone.WARNED: "!", Tone.ERROR: "×", Tone.TAKEN: "…", Tone.IDLE: ""}
UNINSURED = "uninsured"
REPEATS = frozenset({"double_tap", "already_checked_in", "not_checked_in"})


@dataclass(frozen=True)
class Result:
    """One large sentence."""

    tone: Tone
    message: str


@dataclass(frozen=True)
class Screen:
    """Everything that is shown."""

    station: str
    now: datetime
    connection: str
    is_connected: bool
    pending: int
    result: Result
    warnings: tuple[str, ...] = field(default=())


def idle() -> Result:
    """What stands there between two cards."""
    return Result(Tone.IDLE, _("请刷卡或出示二维码"))


def taken(is_connected: bool) -> Result:
    """A scan is kept and has no answer yet."""
    if is_connected:
        return Result(Tone.TAKEN, _("已收到"))
    return Result(Tone.TAKEN, _("已收到，联网后自动上传"))


def not_kept() -> Result:
    """The scan could not be stored: it must not look as if it had been."""
    return Result(Tone.ERROR, _("没有记录成功，请告知工作人员"))


def result_of(answer: Answer) -> Result:
    """The server's sentence in its tone; a sentence of our own when the server sent none."""
    if answer.status in ("refused", "quarantined"):
        return Result(Tone.ERROR, answer.message or _("这张卡不能使用，请联系工作人员"))
    if answer.outcome in REPEATS:
        return Result(Tone.REPEAT, answer.message or _("刚刚已经刷过了"))
    tone = Tone.WARNED if answer.remark == UNINSURED else Tone.OK
    return Result(tone, answer.message or _("已记录"))


def connection_words(trouble: Reason | None) -> str:
    """The state of the line to the server in words."""
    return {
        None: _("已连接"),
        Reason.OFFLINE: _("未连接服务器"),
        Reason.KEY_REFUSED: _("密钥已失效，请管理员重新注册本终端"),
        Reason.TOO_LARGE: _("服务器要求分批上传"),
        Reason.BUSY: _("服务器繁忙"),
        Reason.REFUSED: _("服务器不接受上传"),
        Reason.FAILED: _("服务器出错"),
        Reason.UNREADABLE: _("网络需要登录，或地址不是本系统"),
    }[trouble]


def reader_words(name: str, health: Health) -> str:
    """A reader's condition in words; "" while it is ready."""
    words = {
        Condition.OPENING: _("%(name)s：正在打开", name=name),
        Condition.READY: "",
        Condition.ABSENT: _("%(name)s：没有找到设备，请检查连线", name=name),
        Condition.FORBIDDEN: _("%(name)s：没有权限打开设备，请安装 udev 规则", name=name),
        Condition.BUSY: _("%(name)s：设备被其他程序占用", name=name),
        Condition.BROKEN: _("%(name)s：设备出错（%(detail)s）", name=name, detail=health.detail),
        Condition.CLOSED: "",
    }
    return words[health.condition]
