"""Roles: what an admin may do with what lies in the own scope.

Who reads everything changes nothing, and who sets the system up cannot touch hours:
no single role can create hours and hide it.
"""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What somebody is appointed as; a team's admin is one at the team's own level."""

    TEAM_ADMIN = "team_admin"
    STATION_LEADER = "station_leader"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"


class Capability(StrEnum):
    """One kind of thing that can be done; every route of the admins names exactly one."""

    SIGN_IN = "sign_in"
    OWN_ACCOUNT = "own_account"
    READ_OVERVIEW = "read_overview"
    READ_MEMBERS = "read_members"
    EDIT_MEMBERS = "edit_members"
    READ_RECORDS = "read_records"
    READ_CARDS = "read_cards"
    ISSUE_CARDS = "issue_cards"
    READ_TEAMS = "read_teams"
    EDIT_TEAMS = "edit_teams"
    READ_ADMINS = "read_admins"
    APPOINT_ADMINS = "appoint_admins"
    READ_STATIONS = "read_stations"
    ADD_STATIONS = "add_stations"
    EDIT_STATIONS = "edit_stations"
    READ_ACTIVITIES = "read_activities"
    EDIT_ACTIVITIES = "edit_activities"
    READ_DUTY_DAYS = "read_duty_days"
    DECIDE_DUTY_DAYS = "decide_duty_days"
    READ_TRAINING = "read_training"
    EDIT_TRAINING = "edit_training"
    IMPORT_MEMBERS = "import_members"
    EXPORT_MEMBERS = "export_members"
    READ_ACCESS_LOG = "read_access_log"
    SET_UP = "set_up"
    READ_JOBS = "read_jobs"
    READ_LEDGER = "read_ledger"
    CLOSE_DAYS = "close_days"
    EDIT_POLICIES = "edit_policies"
    READ_CORRECTIONS = "read_corrections"
    PROPOSE_HOURS = "propose_hours"
    APPROVE_HOURS = "approve_hours"
    READ_REVIEWS = "read_reviews"
    DECIDE_REVIEWS = "decide_reviews"
    READ_AUDIT = "read_audit"
    DRAW_SAMPLES = "draw_samples"
    READ_CERTIFICATES = "read_certificates"
    ISSUE_CERTIFICATES = "issue_certificates"
    READ_STARS = "read_stars"
    NOMINATE_STARS = "nominate_stars"
    JUDGE_STARS = "judge_stars"
    READ_MESSAGES = "read_messages"
    READ_REGISTRATIONS = "read_registrations"
    READ_IMPORTS = "read_imports"
    READ_EXPORTS = "read_exports"
    READ_NOTICES = "read_notices"


_EVERYBODY = {Capability.SIGN_IN, Capability.OWN_ACCOUNT, Capability.READ_OVERVIEW}
_READING = {capability for capability in Capability if capability.value.startswith("read_")}

CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.TEAM_ADMIN: frozenset(set(Capability) - {Capability.SET_UP, Capability.DRAW_SAMPLES}),
    Role.STATION_LEADER: frozenset(
        _EVERYBODY
        | {
            Capability.READ_STATIONS,
            Capability.EDIT_STATIONS,
            Capability.READ_ACTIVITIES,
            Capability.READ_DUTY_DAYS,
            Capability.READ_RECORDS,
            # A leader says who was there; somebody else approves it.
            Capability.READ_CORRECTIONS,
            Capability.PROPOSE_HOURS,
            Capability.READ_MESSAGES,
        }
    ),
    # Drawing a sample and writing down what was found touches no hours.
    Role.AUDITOR: frozenset(_EVERYBODY | _READING | {Capability.DRAW_SAMPLES}),
    Role.SYSTEM_ADMIN: frozenset(
        _EVERYBODY
        | {
            Capability.SET_UP,
            Capability.READ_TEAMS,
            Capability.EDIT_TEAMS,
            Capability.READ_ADMINS,
            Capability.APPOINT_ADMINS,
            Capability.READ_STATIONS,
            Capability.ADD_STATIONS,
            Capability.EDIT_STATIONS,
            Capability.READ_DUTY_DAYS,
            Capability.READ_JOBS,
            Capability.READ_NOTICES,
        }
    ),
}


# By these hours come into being: one person enters, another approves.
HOURS = frozenset({Capability.PROPOSE_HOURS, Capability.APPROVE_HOURS})
# A deputy does the work, but does not choose who does it.
NOT_FOR_DEPUTIES = frozenset({Capability.APPOINT_ADMINS})


def may(roles: Iterable[Role], capability: Capability, *, is_deputy: bool = False) -> bool:
    """Whether any of these roles has the capability; ``is_deputy``: where every one is held as a deputy."""
    if is_deputy and capability in NOT_FOR_DEPUTIES:
        return False
    return any(capability in CAPABILITIES[role] for role in roles)
