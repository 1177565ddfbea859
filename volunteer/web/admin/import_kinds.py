"""Which rules an import follows, by what its list holds."""

from flask import current_app

from volunteer.db import db
from volunteer.domain.imports import ImportKind, ListKind
from volunteer.domain.national_ids import IdKeys, derive_id_keys
from volunteer.domain.refusals import N_
from volunteer.domain.roles import Capability
from volunteer.models.imports import Import
from volunteer.services.admin_imports import AdminLists
from volunteer.services.entry_imports import commendation_lists, training_lists
from volunteer.services.member_imports import MemberLists
from volunteer.services.team_imports import TeamLists
from volunteer.web.people import contact_key

# What somebody must be allowed to do by hand to do it with a list.
ALSO_NEEDS = {
    ImportKind.MEMBERS: Capability.EDIT_MEMBERS,
    ImportKind.TEAMS: Capability.EDIT_TEAMS,
    ImportKind.ADMINS: Capability.APPOINT_ADMINS,
    ImportKind.TRAINING: Capability.EDIT_TRAINING,
    ImportKind.COMMENDATIONS: Capability.EDIT_TRAINING,
}

_UNDONE = N_(
    "这次导入新增的内容会删除，改动过的会恢复原样。导入之后已经刷卡、发卡或另有资料的会保留，并逐行说明原因。"
)
_VOIDED = N_(
    "这次导入登记的会全部作废，本人不再看到；作废的人和时间会留底。"
    "导入之后已由刷卡签到确认的会保留，并逐行说明原因。"
)
# What taking an import back does, for whoever is asked.
UNDO_MEANS = dict.fromkeys(ImportKind, _UNDONE) | {
    ImportKind.TRAINING: _VOIDED,
    ImportKind.COMMENDATIONS: _VOIDED,
}


def id_keys() -> IdKeys:
    """The keys that seal rows and find ID numbers."""
    return derive_id_keys(current_app.config["SECRET_KEY"])


def kind_of(import_id: int) -> ListKind:
    """The rules of this import."""
    one = db.session.get_one(Import, import_id)
    return rules_of(ImportKind(one.kind), one.admin_id)


def rules_of(kind: ImportKind, by_id: int) -> ListKind:
    """The rules of a kind of list that this admin brings."""
    zone = current_app.config["TIMEZONE"]
    if kind is ImportKind.TEAMS:
        return TeamLists(zone)
    if kind is ImportKind.TRAINING:
        return training_lists(zone, by_id)
    if kind is ImportKind.COMMENDATIONS:
        return commendation_lists(zone, by_id)
    if kind is ImportKind.ADMINS:
        return AdminLists(zone, by_id)
    return MemberLists(id_keys(), zone, contact_key(), by_id, allows_invented=current_app.config["DEMO"])
