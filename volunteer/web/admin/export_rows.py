"""The rows of lists for Excel, WPS and LibreOffice: headings, whom a list is about, and what stands in it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from volunteer.domain.contacts import ContactKind, derive_contact_key, mask_contact, open_contact
from volunteer.domain.exports import ExportKind
from volunteer.domain.national_ids import mask_national_id, open_national_id
from volunteer.domain.refusals import N_
from volunteer.drawing.workbooks import Value
from volunteer.models.training_records import Commendation, TrainingRecord
from volunteer.queries.exports import (
    find_contacts,
    iterate_entries,
    iterate_members,
    iterate_records,
    iterate_teams,
    list_entered_ids,
    list_member_ids,
    list_recorded_ids,
)
from volunteer.web.admin.import_kinds import id_keys
from volunteer.web.languages import show_hours
from volunteer.web.words import FILTERS


@dataclass(frozen=True)
class Asked:
    """Which teams, which days, which of a member's columns."""

    scope: list[int]
    first_on: date
    last_on: date
    columns: Sequence[str]


@dataclass(frozen=True)
class _Exported:
    """A member of the list, and the first contact of each kind that was asked for, sealed."""

    row: Any
    contacts: Mapping[tuple[int, ContactKind], Any]
    key: bytes

    def masked(self, kind: ContactKind) -> str:
        found = self.contacts.get((self.row.id, kind))
        value = open_contact(found.value_sealed, self.key) if found else None
        return mask_contact(kind, value) if value else ""

    def noted(self, kind: ContactKind) -> str:
        found = self.contacts.get((self.row.id, kind))
        return str(found.note) if found else ""


MEMBER_COLUMNS: Mapping[str, tuple[str, Callable[[_Exported], Value]]] = {
    "volunteer_no": (N_("志愿者编号"), lambda one: one.row.volunteer_no),
    "name": (N_("姓名"), lambda one: one.row.name),
    "team_code": (N_("队伍编码"), lambda one: one.row.team_code),
    "team": (N_("所属队伍"), lambda one: one.row.team_name),
    "unit": (N_("单位"), lambda one: one.row.unit_name),
    "status": (N_("状态"), lambda one: FILTERS["member_status"](one.row.standing)),
    "entered_on": (N_("登记日期"), lambda one: _local(one.row.created_at).date()),
    "national_id": (N_("公民身份号码（隐去中间）"), lambda one: _masked_id(one.row.national_id_sealed)),
    "phone": (N_("电话（隐去中间）"), lambda one: one.masked(ContactKind.PHONE)),
    "wechat": (N_("微信号（隐去中间）"), lambda one: one.masked(ContactKind.WECHAT)),
    "email": (N_("电子邮箱（隐去中间）"), lambda one: one.masked(ContactKind.EMAIL)),
    "emergency": (N_("紧急联系人"), lambda one: one.noted(ContactKind.EMERGENCY)),
    "emergency_phone": (
        N_("紧急联系人电话（隐去中间）"),
        lambda one: one.masked(ContactKind.EMERGENCY),
    ),
}
# What must be read for a column besides the member.
CONTACTS = {
    "phone": ContactKind.PHONE,
    "wechat": ContactKind.WECHAT,
    "email": ContactKind.EMAIL,
    "emergency": ContactKind.EMERGENCY,
    "emergency_phone": ContactKind.EMERGENCY,
}
RECORD_COLUMNS = (
    N_("日期"), N_("志愿者编号"), N_("姓名"), N_("所属队伍"), N_("服务站"), N_("活动"),
    N_("签到"), N_("签退"), N_("服务时长（小时）"), N_("状态"), N_("计时方式"), N_("证明方式"),
    N_("是否已结算"), N_("地点"), N_("服务内容"), N_("组织单位"), N_("负责人"),
)  # fmt: skip
TRAINING_COLUMNS = (
    N_("日期"), N_("志愿者编号"), N_("姓名"), N_("所属队伍"), N_("培训名称"), N_("主要内容"), N_("学时"),
    N_("组织单位"), N_("登记方式"), N_("登记日期"),
)  # fmt: skip
COMMENDATION_COLUMNS = (
    N_("授予日期"), N_("志愿者编号"), N_("姓名"), N_("所属队伍"), N_("表彰奖励的名称"), N_("授予单位"),
    N_("登记日期"),
)  # fmt: skip
TEAM_COLUMNS = (
    N_("队伍编码"), N_("队伍名称"), N_("级别"), N_("上级队伍编码"), N_("党支部"), N_("在册人数"),
    N_("撤销日期"), N_("承接队伍编码"),
)  # fmt: skip

List = tuple[list[str], list[int], Iterator[Sequence[Value]]]
"""Headings, the ids of the members whom the list is about, and its rows."""


def list_content(kind: ExportKind, asked: Asked) -> List:
    """What the list holds."""
    days = (asked.scope, asked.first_on, asked.last_on)
    match kind:
        case ExportKind.MEMBERS:
            headings = [_(MEMBER_COLUMNS[name][0]) for name in asked.columns]
            return headings, list_member_ids(asked.scope), _member_rows(asked)
        case ExportKind.RECORDS:
            return _headed(RECORD_COLUMNS), list_recorded_ids(*days), _record_rows(asked)
        case ExportKind.TRAINING:
            return _headed(TRAINING_COLUMNS), list_entered_ids(TrainingRecord, *days), _training_rows(asked)
        case ExportKind.COMMENDATIONS:
            about = list_entered_ids(Commendation, *days)
            return _headed(COMMENDATION_COLUMNS), about, _commendation_rows(asked)
        case ExportKind.TEAMS:
            return _headed(TEAM_COLUMNS), [], _team_rows(asked)


def _headed(columns: Sequence[str]) -> list[str]:
    return [_(msgid) for msgid in columns]


def _member_rows(asked: Asked) -> Iterator[Sequence[Value]]:
    key = derive_contact_key(current_app.config["SECRET_KEY"])
    kinds = {CONTACTS[name] for name in asked.columns if name in CONTACTS}
    for some in _pieces(iterate_members(asked.scope)):
        contacts = find_contacts([row.id for row in some], kinds) if kinds else {}
        for row in some:
            one = _Exported(row, contacts, key)
            yield [MEMBER_COLUMNS[name][1](one) for name in asked.columns]


def _record_rows(asked: Asked) -> Iterator[Sequence[Value]]:
    state, measure, proof = (FILTERS[name] for name in ("record_state", "measure", "proof"))
    for row in iterate_records(asked.scope, asked.first_on, asked.last_on):
        yield [
            row.served_on,
            row.volunteer_no,
            row.name,
            row.team_name,
            row.station_name,
            row.activity_name,
            _local(row.checked_in_at),
            _local(row.checked_out_at) if row.checked_out_at else None,
            float(show_hours(row.minutes)),
            state(row.state),
            measure(row.measure),
            proof(row.proof),
            _settled(row),
            row.place,
            row.content,
            row.organising_unit,
            row.person_in_charge,
        ]


def _settled(row: Any) -> str:
    if row.is_held:
        return str(_("待审核"))
    return str(_("已结算") if row.is_settled else _("未结算"))


def _training_rows(asked: Asked) -> Iterator[Sequence[Value]]:
    for row in iterate_entries(TrainingRecord, asked.scope, asked.first_on, asked.last_on):
        one = row.TrainingRecord
        yield [
            one.held_on,
            row.volunteer_no,
            row.member_name,
            row.team_name,
            one.name,
            one.content,
            float(show_hours(one.learning_minutes)),
            one.organiser,
            str(_("刷卡签到") if one.activity_id else _("人工登记")),
            _local(one.entered_at).date(),
        ]


def _commendation_rows(asked: Asked) -> Iterator[Sequence[Value]]:
    for row in iterate_entries(Commendation, asked.scope, asked.first_on, asked.last_on):
        one = row.Commendation
        yield [
            one.granted_on,
            row.volunteer_no,
            row.member_name,
            row.team_name,
            one.name,
            one.granting_unit,
            _local(one.entered_at).date(),
        ]


def _team_rows(asked: Asked) -> Iterator[Sequence[Value]]:
    level = FILTERS["team_level"]
    for row in iterate_teams(asked.scope):
        parts = (row.code, row.name, level(row.level), row.parent_code, row.party_branch, row.members)
        yield [*parts, row.dissolved_on, row.successor_code]


def _pieces(rows: Iterator[Any], size: int = 500) -> Iterator[list[Any]]:
    some: list[Any] = []
    for row in rows:
        some.append(row)
        if len(some) == size:
            yield some
            some = []
    yield some


def _local(instant: datetime) -> datetime:
    """As the clock on the wall showed it, to the minute; tables know no zones."""
    shown = instant.astimezone(current_app.config["TIMEZONE"])
    return shown.replace(second=0, microsecond=0, tzinfo=None)


def _masked_id(sealed: bytes | None) -> str:
    number = open_national_id(sealed, id_keys()) if sealed else None
    return mask_national_id(number) if number else ""
