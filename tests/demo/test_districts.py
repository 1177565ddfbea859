"""The invented district: the reported numbers, nobody real, the same every time."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volunteer.demo.districts import District, invent_district
from volunteer.domain.activities import Category
from volunteer.domain.members import clean_name, clean_volunteer_no
from volunteer.domain.names import mask_name
from volunteer.domain.national_ids import check_national_id
from volunteer.domain.stations import StationKind
from volunteer.domain.teams import TeamLevel

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def district() -> District:
    return invent_district(NOW, ZONE)


def test_the_district_has_the_shape_of_the_report(district: District) -> None:
    levels = Counter(team.level for team in district.teams)
    kinds = Counter(station.kind == StationKind.ORGAN_STATION for station in district.stations)

    assert levels == {TeamLevel.BRIGADE: 1, TeamLevel.SQUADRON: 24, TeamLevel.DETACHMENT: 30}
    assert {team.parent_code for team in district.teams[1:]} == {"DD"}
    assert (len(district.members), len(set(district.units)), kinds) == (2565, 54, {True: 6, False: 3})


def test_every_member_has_a_team_a_unit_and_numbers_of_its_own(district: District) -> None:
    teams = {team.code: team for team in district.teams[1:]}

    assert {member.team_code for member in district.members} == set(teams)
    assert all(member.unit == teams[member.team_code].unit in district.units for member in district.members)
    assert len({member.volunteer_no for member in district.members}) == 2565
    assert len({member.national_id for member in district.members}) == 2565


def test_every_team_has_one_admin(district: District) -> None:
    admins = [*district.admins, *district.team_admins]

    assert sorted(admin.team_code for admin in admins) == sorted(team.code for team in district.teams)
    assert [admin.username for admin in district.admins] == [
        "demo-brigade",
        "demo-squadron",
        "demo-detachment",
    ]
    assert len({admin.username for admin in admins}) == 55


def test_every_admin_is_a_member_of_the_own_name(district: District) -> None:
    admins = [*district.admins, *district.team_admins]
    members = {member.volunteer_no: member for member in district.members}

    assert len({admin.volunteer_no for admin in admins}) == 55
    for admin in admins:
        person = members[admin.volunteer_no]
        assert (person.name, admin.team_code) in {(admin.name, person.team_code), (admin.name, "DD")}


def test_everybody_could_be_entered_and_nobody_is_real(district: District) -> None:
    for member in district.members:
        assert clean_volunteer_no(member.volunteer_no) == member.volunteer_no
        assert clean_name(member.name) == member.name
        assert check_national_id(member.national_id, NOW.date()) == member.national_id
        assert member.national_id.startswith("000000")


def test_rare_names_are_there(district: District) -> None:
    names = {member.name for member in district.members}

    assert {"李𬭎", "王㛃", "陈䶮", "欧阳思远"} <= names
    assert mask_name("欧阳思远") == "欧阳**"


def test_a_duty_day_brings_about_1400_people_in_all_five_categories(district: District) -> None:
    day = [s for s in district.sessions if s.activity.starts_at.astimezone(ZONE).date() == date(2026, 10, 15)]

    people = [scan.volunteer_no for session in day for scan in session.scans]
    assert 1350 <= len(set(people)) <= 1450
    assert {session.activity.category for session in day} == set(Category)


def test_nobody_is_at_two_stations_on_one_day(district: District) -> None:
    where: dict[tuple[str, date], set[str]] = {}
    for session in district.sessions:
        for scan in session.scans:
            day = scan.at.astimezone(ZONE).date()
            where.setdefault((scan.volunteer_no, day), set()).add(scan.station_code)

    assert {len(stations) for stations in where.values()} == {1}


def test_the_campaigns_are_held(district: District) -> None:
    held = {
        (s.activity.name, s.activity.starts_at.astimezone(ZONE).strftime("%m-%d"))
        for s in district.sessions
        if s.scans
    }

    assert {("三月统一行动日", "03-05"), ("清河行动", "09-29")} <= held


def test_some_tap_twice_and_some_forget_to_check_out(district: District) -> None:
    finished = [s for s in district.sessions if s.activity.ends_at + timedelta(hours=1) < NOW]
    taps = Counter(Counter(scan.volunteer_no for scan in s.scans)[n] for s in finished for n in _people(s))

    assert taps[1] > 100
    assert taps[3] > 100
    assert taps[2] > 10 * (taps[1] + taps[3])


def _people(session: object) -> set[str]:
    return {scan.volunteer_no for scan in session.scans}  # type: ignore[attr-defined]


def test_scan_ids_differ_and_equal_arguments_give_equal_districts(district: District) -> None:
    ids = [scan.id for session in district.sessions for scan in session.scans]

    assert len(set(ids)) == len(ids)
    assert invent_district(NOW, ZONE) == district
    assert invent_district(NOW, ZONE, seed=2).members != district.members


def test_fewer_people_come_on_a_public_holiday() -> None:
    day = date(2026, 2, 15)

    def people(holidays: frozenset[date]) -> int:
        found = invent_district(NOW, ZONE, holidays, member_count=200)
        held = [s for s in found.sessions if s.activity.starts_at.astimezone(ZONE).date() == day]
        return sum(len(session.scans) for session in held)

    assert people(frozenset({day})) < people(frozenset()) / 2


@settings(max_examples=15, deadline=None)
@given(st.datetimes(datetime(2024, 3, 1), datetime(2030, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_at_any_hour_somebody_is_on_duty_and_no_scan_is_in_the_future(at: datetime) -> None:
    now = at.replace(tzinfo=UTC)

    found = invent_district(now, ZONE, member_count=300)

    assert all(scan.at <= now for session in found.sessions for scan in session.scans)
    assert any(
        session.scans and session.activity.starts_at <= now <= session.activity.ends_at
        for session in found.sessions
    )
