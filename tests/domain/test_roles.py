"""Who may do what, and who may be appointed as what."""

from datetime import date

import pytest

from volunteer.domain.admin_refusals import (
    AdminUsernameMalformed,
    AppointedAlready,
    RoleNotYours,
    RolesApart,
    TermBackwards,
    TermOver,
)
from volunteer.domain.admins import (
    HoursNotYours,
    Post,
    clean_username,
    list_givable_roles,
    make_start_password,
    require_end,
    require_givable,
    require_room,
    require_term,
)
from volunteer.domain.passwords import require_password
from volunteer.domain.roles import CAPABILITIES, Capability, Role, may

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
ADMIN, LEADER, AUDITOR, SYSTEM = Role.TEAM_ADMIN, Role.STATION_LEADER, Role.AUDITOR, Role.SYSTEM_ADMIN
OWN = {Capability.SIGN_IN, Capability.OWN_ACCOUNT}


def test_an_auditor_reads_everything_and_writes_nothing() -> None:
    reading = {one for one in Capability if one.value.startswith("read_")}
    # A sample with what was found about it touches no hours.
    assert CAPABILITIES[AUDITOR] == reading | OWN | {Capability.DRAW_SAMPLES}


def test_who_sets_the_system_up_touches_no_hours_no_people_and_no_cards() -> None:
    closed = {
        one for one in Capability if one.value.endswith(("_members", "_records", "_cards", "_activities"))
    }
    assert Capability.EDIT_ACTIVITIES in closed
    assert not CAPABILITIES[SYSTEM] & closed
    assert Capability.SET_UP in CAPABILITIES[SYSTEM]


def test_only_the_system_admin_sets_the_system_up() -> None:
    assert [role for role in Role if may([role], Capability.SET_UP)] == [SYSTEM]


def test_a_station_leader_changes_stations_and_says_who_was_there_but_approves_nothing() -> None:
    writing = {one for one in CAPABILITIES[LEADER] - OWN if not one.value.startswith("read_")}
    assert writing == {Capability.EDIT_STATIONS, Capability.PROPOSE_HOURS}


def test_a_deputy_does_everything_but_appoint() -> None:
    given = {one for one in Capability if may([ADMIN], one, is_deputy=True)}
    assert CAPABILITIES[ADMIN] - given == {Capability.APPOINT_ADMINS}


@pytest.mark.parametrize(
    ("from_on", "until_on", "day", "expected"),
    [
        (None, None, OCTOBER, True),
        (OCTOBER, None, OCTOBER, True),
        (OCTOBER, None, SEPTEMBER, False),
        (SEPTEMBER, OCTOBER, SEPTEMBER, True),
        (SEPTEMBER, OCTOBER, OCTOBER, False),
        (None, OCTOBER, SEPTEMBER, True),
        (OCTOBER, OCTOBER, OCTOBER, False),
    ],
)
def test_a_post_counts_from_its_first_day_to_the_day_before_its_end(
    from_on: date | None, until_on: date | None, day: date, expected: bool
) -> None:
    assert Post(ADMIN, 1, from_on=from_on, until_on=until_on).is_in_force(day) is expected


@pytest.mark.parametrize("held", [ADMIN, LEADER, SYSTEM])
@pytest.mark.parametrize("wanted", [AUDITOR, SYSTEM])
def test_auditors_and_system_admins_are_nothing_else(held: Role, wanted: Role) -> None:
    if held == wanted:
        return
    with pytest.raises(RolesApart):
        require_room(Post(wanted, 1, from_on=OCTOBER), [Post(held, 2)])
    with pytest.raises(RolesApart):
        require_room(Post(held, 2), [Post(wanted, 1, from_on=OCTOBER)])


def test_what_has_ended_stands_in_nobodys_way() -> None:
    require_room(Post(SYSTEM, 1, from_on=OCTOBER), [Post(ADMIN, 2, until_on=OCTOBER)])
    require_room(Post(ADMIN, 1, from_on=OCTOBER), [Post(ADMIN, 1, until_on=OCTOBER)])
    require_room(Post(ADMIN, 1), [Post(ADMIN, 1, from_on=OCTOBER, until_on=OCTOBER)])


def test_a_teams_admin_may_lead_a_station_and_another_team() -> None:
    require_room(Post(LEADER, None, 7), [Post(ADMIN, 1), Post(ADMIN, 2)])
    require_room(Post(ADMIN, 3), [Post(ADMIN, 1), Post(LEADER, None, 7)])


def test_the_same_post_twice_at_once_is_refused() -> None:
    with pytest.raises(AppointedAlready):
        require_room(Post(ADMIN, 1, from_on=OCTOBER), [Post(ADMIN, 1, until_on=NOVEMBER)])
    with pytest.raises(AppointedAlready):
        require_room(Post(ADMIN, 1, is_deputy=True), [Post(ADMIN, 1)])


def test_only_the_brigade_gives_the_roles_that_watch_and_set_up() -> None:
    assert list_givable_roles([ADMIN], is_brigade=True) == tuple(Role)
    require_givable(ADMIN, [ADMIN], is_brigade=False)
    for role in (AUDITOR, SYSTEM):
        with pytest.raises(RoleNotYours):
            require_givable(role, [ADMIN], is_brigade=False)


def test_nobody_gives_a_right_about_hours_without_having_it() -> None:
    assert list_givable_roles([SYSTEM], is_brigade=True) == (AUDITOR, SYSTEM)
    assert list_givable_roles([SYSTEM], is_brigade=False) == ()
    for role in (ADMIN, LEADER):
        with pytest.raises(HoursNotYours):
            require_givable(role, [SYSTEM], is_brigade=True)


def test_a_term_ends_after_it_begins() -> None:
    require_term(Post(ADMIN, 1, from_on=SEPTEMBER, until_on=OCTOBER), SEPTEMBER)
    with pytest.raises(TermBackwards):
        require_term(Post(ADMIN, 1, from_on=OCTOBER, until_on=OCTOBER), SEPTEMBER)


@pytest.mark.parametrize("until_on", [date(2026, 9, 30), date(2026, 11, 2)])
def test_an_end_lies_neither_in_the_past_nor_behind_the_term(until_on: date) -> None:
    post = Post(ADMIN, 1, from_on=SEPTEMBER, until_on=NOVEMBER)
    assert require_end(post, OCTOBER, OCTOBER) == OCTOBER
    with pytest.raises(TermOver):
        require_end(post, until_on, OCTOBER)


@pytest.mark.parametrize("text", ["", "a", "张三", "a b", "x" * 33, "-ab", "a/b"])
def test_a_user_name_is_plain(text: str) -> None:
    assert clean_username(" li.ming ") == "li.ming"
    with pytest.raises(AdminUsernameMalformed):
        clean_username(text)


def test_start_passwords_are_long_enough_and_never_the_same() -> None:
    made = {make_start_password() for _ in range(100)}
    assert len(made) == 100
    assert all(require_password(one) for one in made)
