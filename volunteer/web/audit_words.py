"""The audit in words: acts as sentences, columns and values as people call them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from flask_babel import gettext as _

from volunteer.domain.audit import CHANGED, KEPT_SECRET, SampleResult
from volunteer.domain.audit_acts import ACTS, UNNAMED
from volunteer.domain.ledger import Measure, Proof
from volunteer.domain.refusals import N_
from volunteer.domain.scans import Medium
from volunteer.models.columns import Base
from volunteer.web.audit_columns import COLUMNS, TABLES, VALUES
from volunteer.web.dates import show_day, show_moment
from volunteer.web.words import FILTERS

RESULTS = {SampleResult.RIGHT: N_("属实"), SampleResult.WRONG: N_("有误"), SampleResult.UNCLEAR: N_("不清楚")}
PROOFS = {
    Proof.CARD: N_("刷卡"),
    Proof.ROTATING_CODE: N_("扫动态码"),
    Proof.LEADER: N_("站长确认"),
    Proof.PAPER: N_("纸质签到表"),
    Proof.DECLARED: N_("补录"),
}
MEASURES = {Measure.METERED: N_("设备计时"), Measure.DECLARED: N_("人工录入")}
MEDIUMS = {
    Medium.QR: N_("二维码"),
    Medium.NFC: N_("NFC 卡"),
    Medium.KEYBOARD: N_("键盘输入"),
    Medium.MANUAL: N_("手工录入"),
}
STATES = {
    "asked": N_("已提出"),
    "proposed": N_("待审核"),
    "approved": N_("已批准"),
    "rejected": N_("未批准"),
    "withdrawn": N_("已撤回"),
}
_KINDS = {"insert": N_("新增"), "update": N_("修改"), "delete": N_("删除"), "more": N_("另有")}
# What columns point to where no foreign key says so: inside of a change kept as JSON.
_POINTS = {
    "team_id": "teams", "from_team_id": "teams", "parent_id": "teams", "unit_id": "units",
    "station_id": "stations", "activity_id": "activities", "admin_id": "admins", "member_id": "members",
    "kept_id": "members", "duplicate_id": "members", "first_id": "members", "second_id": "members",
    "decided_person_id": "members", "entered_person_id": "members", "substitute_id": "members",
}  # fmt: skip


def say_act(act: str) -> str:
    """The act as a sentence; one that the table does not know by its own name."""
    return str(_(ACTS[act])) if act in ACTS else str(_(UNNAMED, act=act))


def say_actor(actor: str, admin_name: str | None, username: str | None) -> str:
    """Who acted: an admin by name, else a member, a command, a job or a visitor."""
    if admin_name:
        return str(_("%(name)s（%(more)s）", name=admin_name, more=username))
    kind, _sep, name = actor.partition(":")
    said = {
        "admin": _("管理员 %(name)s", name=name),
        "member": _("志愿者本人 %(name)s", name=name),
        "cli": _("命令行 %(name)s", name=name),
        "job": _("系统自动"),
        "visitor": _("访客"),
    }
    return str(said.get(kind, actor))


def say_table(table: str) -> str:
    """What rows of the table are called."""
    return str(_(TABLES[table])) if table in TABLES else table


def say_column(column: str) -> str:
    """What the column is called."""
    return str(_(COLUMNS[column])) if column in COLUMNS else column


@cache
def points_to(table: str, column: str) -> str | None:
    """The table whose rows the column names by id; inside of a kept change the column's name must do."""
    known = Base.metadata.tables.get(table)
    found = known.columns.get(column) if known is not None else None
    keys = list(found.foreign_keys) if found is not None else []
    return str(keys[0].column.table.name) if keys else _POINTS.get(column)


def wanted_names(events: Iterable[Any]) -> dict[str, set[int]]:
    """The ids in these events that have a name, by table."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        for change in event.changes:
            of = str(change["table"])
            if str(change.get("id", "")).isdigit():
                wanted.setdefault(of, set()).add(int(change["id"]))
            for side in (change.get("before"), change.get("after")):
                for column, value in (side or {}).items():
                    table = points_to(of, column)
                    if table and isinstance(value, int):
                        wanted.setdefault(table, set()).add(value)
    return wanted


def say_value(table: str, column: str, value: Any, names: Mapping[tuple[str, int], str]) -> str:
    """A value before or after a change."""
    if value is None or value == "" or value == [] or value == {}:
        return "—"
    if value == KEPT_SECRET:
        return str(_("（保密）"))
    if value == CHANGED:
        return str(_("已更改（内容保密）"))
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, int):
        return names.get((points_to(table, column) or "", value), str(value))
    if isinstance(value, dict):
        inner = (f"{say_column(key)} {say_value(table, key, one, names)}" for key, one in value.items())
        return "；".join(inner)
    if isinstance(value, list):
        return "、".join(say_value(table, column, one, names) for one in value)
    if name := VALUES.get((table, column)):
        return FILTERS[name](str(value))
    if column == "state" and value in STATES:
        return str(_(STATES[value]))
    if column == "proof" and value in PROOFS:
        return str(_(PROOFS[value]))
    return _say_time(column, str(value))


def _say_time(column: str, value: str) -> str:
    try:
        if column.endswith("_at") or column in ("at", "valid_until"):
            return show_moment(datetime.fromisoformat(value))
        return show_day(date.fromisoformat(value)) if column.endswith("_on") else value
    except ValueError:
        return value


def say_changes(event: Any, names: Mapping[tuple[str, int], str]) -> list[dict[str, Any]]:
    """The changes of an event: what of, and each column with what it was and what it is."""
    return [_say_change(change, names) for change in event.changes]


def _say_change(change: Mapping[str, Any], names: Mapping[tuple[str, int], str]) -> dict[str, Any]:
    table = str(change["table"])
    if "rows" in change:
        kind = _KINDS[change["kind"]]
        of = "、".join(say_column(column) for column in change.get("columns", ()))
        return {"table": say_table(table), "kind": str(_(kind)), "rows": change["rows"], "of": of}
    before, after = change["before"] or {}, change["after"] or {}
    kind = (
        N_("修改") if change["before"] and change["after"] else N_("删除") if change["before"] else N_("新增")
    )
    told = [
        {
            "column": say_column(column),
            "before": say_value(table, column, before.get(column), names),
            "after": say_value(table, column, after.get(column), names),
        }
        for column in {**before, **after}
        if before.get(column) not in (None, "") or after.get(column) not in (None, "")
    ]
    whose = _say_whose(table, str(change["id"]), {**before, **after}, names)
    return {"table": say_table(table), "kind": str(_(kind)), "whose": whose, "columns": told}


def _say_whose(table: str, row_id: str, row: Mapping[str, Any], names: Mapping[tuple[str, int], str]) -> str:
    """The name of the row, or of the first thing it names; empty where neither has one."""
    own = names.get((table, int(row_id))) if row_id.isdigit() else None
    named = (
        names.get((points_to(table, column) or "", value))
        for column, value in row.items()
        if isinstance(value, int)
    )
    return own or next(filter(None, named), "")
