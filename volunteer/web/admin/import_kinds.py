"""Which rules an import follows, by what its list holds."""

from flask import current_app

from volunteer.db import db
from volunteer.domain.imports import ImportKind, ListKind
from volunteer.domain.national_ids import IdKeys, derive_id_keys
from volunteer.domain.roles import Capability
from volunteer.models.imports import Import
from volunteer.services.admin_imports import AdminLists
from volunteer.services.member_imports import MemberLists
from volunteer.services.team_imports import TeamLists

# What somebody must be allowed to do by hand to do it with a list.
ALSO_NEEDS = {
    ImportKind.MEMBERS: Capability.EDIT_MEMBERS,
    ImportKind.TEAMS: Capability.EDIT_TEAMS,
    ImportKind.ADMINS: Capability.APPOINT_ADMINS,
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
    return AdminLists(zone, by_id) if kind is ImportKind.ADMINS else MemberLists(id_keys(), zone)
