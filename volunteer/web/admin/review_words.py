"""Why something lies on the review desk, as a plain sentence with its figures."""

from datetime import date
from typing import Any

from flask_babel import gettext as _

from volunteer.domain.policies import ReviewLevel
from volunteer.domain.reviews import ReviewKind
from volunteer.web.dates import show_day, show_month


def describe(item: Any) -> str:
    """The sentence of an item."""
    return str(_SENTENCES[ReviewKind(item.kind)](item.params))


def say_level(level: str) -> str:
    """Whose decision it needs."""
    if level == ReviewLevel.BRIGADE:
        return str(_("大队管理员"))
    return str(_("上级队伍管理员") if level == ReviewLevel.PARENT else _("本队管理员"))


def _hours(minutes: int) -> str:
    # Rounded down, as everywhere.
    return f"{minutes // 6 / 10:.1f}"


def _whole_hours(minutes: int) -> str:
    return f"{minutes / 60:g}"


def _long_day(params: Any) -> str:
    return str(
        _(
            "这一天的记录合计 %(hours)s 小时，超过 %(most)s 小时，审核后才计入。",
            hours=_hours(params["minutes"]),
            most=_whole_hours(params["most"]),
        )
    )


def _impossible(params: Any) -> str:
    hours, most = _hours(params["minutes"]), _whole_hours(params["most"])
    if "month" in params:
        month = show_month(date.fromisoformat(params["month"]))
        return str(
            _(
                "%(month)s的记录合计 %(hours)s 小时，一个人一个月不大可能超过 %(most)s 小时。"
                "超出之后的记录审核后才计入。",
                month=month,
                hours=hours,
                most=most,
            )
        )
    return str(
        _(
            "这一天的记录合计 %(hours)s 小时，一个人一天不大可能超过 %(most)s 小时，审核后才计入。",
            hours=hours,
            most=most,
        )
    )


def _two_places(params: Any) -> str:
    return str(
        _(
            "两条记录有 %(minutes)s 分钟重叠，一个人不可能同时在两处。审核前两条都不计入。",
            minutes=params["minutes"],
        )
    )


def _many_pairs(params: Any) -> str:
    return str(
        _(
            "一天内在同一处签到签退 %(pairs)s 次，超过 %(most)s 次。",
            pairs=params["pairs"],
            most=params["most"],
        )
    )


def _office_hours(params: Any) -> str:
    return str(
        _(
            "工作日的上班时间（9:00–12:00、14:00–18:00）内有 %(people)s 人服务，"
            "共 %(hours)s 小时，当天不是服务日。",
            people=params["people"],
            hours=_hours(params["minutes"]),
        )
    )


def _suspect_clock(params: Any) -> str:
    if "offset_minutes" in params:
        return str(_("这台终端的时钟与服务器相差 %(minutes)s 分钟以上。", minutes=params["offset_minutes"]))
    return str(
        _(
            "这台终端有 %(scans)s 次刷卡没有可靠的计时，时间是按终端时钟推算的。",
            scans=params["scans"],
        )
    )


def _late_scan(params: Any) -> str:
    return str(
        _(
            "一次刷卡晚到 %(late)s 分钟，改动了已经显示过的记录：由 %(before)s 分钟变为 %(after)s 分钟。",
            late=params["late_minutes"],
            before=params["before"],
            after=params["after"],
        )
    )


def _repeated_seq(params: Any) -> str:
    return str(
        _(
            "终端同一次开机里，有 %(scans)s 次刷卡的序号重复或倒退：可能有人重放数据，或借用了终端的密钥。",
            scans=params["scans"],
        )
    )


def _quarantined(params: Any) -> str:
    return str(_("服务器看不懂 %(scans)s 条刷卡记录，已原样留存，没有计入任何人。", scans=params["scans"]))


def _identity_clash(params: Any) -> str:
    if "people" in params:
        return str(_("同一张卡先后绑定给 %(people)s 个人。", people=params["people"]))
    if "moved" in params:
        return str(
            _(
                "%(day)s把 %(number)s 的档案（%(moved)s 小时）并入了这位志愿者（%(kept)s 小时）。"
                "请核对两份证件：是同一个人，就采纳；不是，就不采纳，并撤销合并。",
                day=show_day(date.fromisoformat(params["day"])),
                number=params["number"],
                moved=_hours(params["moved"]),
                kept=_hours(params["kept"]),
            )
        )
    return str(
        _(
            "同一张卡 %(minutes)s 分钟内在两个服务站刷过：可能被复制，或由两个人使用。",
            minutes=params["minutes"],
        )
    )


_SENTENCES = {
    ReviewKind.LONG_DAY: _long_day,
    ReviewKind.IMPOSSIBLE_TOTAL: _impossible,
    ReviewKind.TWO_PLACES: _two_places,
    ReviewKind.FORGOTTEN: lambda _params: _("签到后一直没有签退，已按时限自动结束，计 0。"),
    ReviewKind.LEFT: lambda _params: _("没有签退就到别的服务站签到了，这一段计 0。"),
    ReviewKind.MANY_PAIRS: _many_pairs,
    ReviewKind.OFFICE_HOURS: _office_hours,
    ReviewKind.SUSPECT_CLOCK: _suspect_clock,
    ReviewKind.LATE_SCAN: _late_scan,
    ReviewKind.REPEATED_SEQ: _repeated_seq,
    ReviewKind.QUARANTINED: _quarantined,
    ReviewKind.IDENTITY_CLASH: _identity_clash,
}
