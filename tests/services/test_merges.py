"""Duplicates: merged into one person with everything kept, nothing counted twice, and taken back in full."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import Cast, installation
from tests.web.test_admin_members import counted_statements
from volunteer.db import db
from volunteer.domain.cards import CardState
from volunteer.domain.members import MemberStatus
from volunteer.domain.merge_refusals import (
    MergedAlready,
    MergeKeptInactive,
    MergeOnDuty,
    MergeUsed,
    MergeWithSelf,
)
from volunteer.domain.merges import IdsNotCompared, OwnMerge
from volunteer.domain.refusals import NotFound, Refusal
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.stations import Direction, StationKind, TerminalKind
from volunteer.domain.totals import By, Period
from volunteer.models.member_changes import MemberEvent
from volunteer.models.members import Member
from volunteer.models.people import MemberContact
from volunteer.models.scans import StoredScan
from volunteer.models.teams import Unit
from volunteer.queries.exports import iterate_records
from volunteer.queries.hours import list_hours, summarise_hours
from volunteer.queries.members import get_member, list_cards
from volunteer.queries.merges import list_candidates, list_overlaps
from volunteer.queries.records import list_chosen_records
from volunteer.queries.totals import Chosen, sum_totals
from volunteer.services.cards import bind_nfc, end_card, issue_card
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members, tell_apart, undo_merge
from volunteer.services.scans import Sender, take_scans
from volunteer.services.stations import add_station
from volunteer.services.terminals import enrol_terminal, prepare_terminal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Hold = Callable[..., str]


@pytest.fixture
def twin(app: Flask, cast: Cast, now: datetime) -> Member:
    """alice a second time, under another number and with a card of her own."""
    return add_member("B001", "张三", "FD01", now)


@pytest.fixture
def twin_token(app: Flask, twin: Member, now: datetime) -> str:
    return issue_card("B001", installation(app).keys, now)[1]


@pytest.fixture
def hold(app: Flask, cast: Cast) -> Hold:
    """Hold a card to a terminal; received at once unless said otherwise."""

    def hold_card(
        token: str, at: datetime, received: datetime | None = None, at_: Sender | None = None
    ) -> str:
        reading = Reading(uuid4(), token, Medium.QR, at, None)
        return take_scans(at_ or cast.sender, [reading], installation(app), received or at)[0].outcome

    return hold_card


@pytest.fixture
def elsewhere(cast: Cast, now: datetime) -> Sender:
    """A terminal of another station."""
    station = add_station("HQ", "总站", StationKind.U_STATION, "", cast.detachment.id)
    terminal, _ = enrol_terminal(prepare_terminal("HQ", now), TerminalKind.KIOSK, None, now)
    return Sender(terminal.id, station.id, Direction.BOTH)


def judge(cast: Cast, now: datetime) -> Judge:
    return Judge(cast.bob.id, frozenset({cast.detachment.id}), now, date(2026, 9, 15))


def serve(hold: Hold, token: str, start: datetime, hours: int, at_: Sender | None = None) -> None:
    assert hold(token, start, at_=at_) == "checked_in"
    assert hold(token, start + hours * HOUR, at_=at_) == "checked_out"


def minutes(member_no: str) -> int:
    member_id = get_member(member_no).id
    listed = list_hours(member_id)["total_minutes"]
    overview = summarise_hours(member_id, 2026)
    assert overview.total.minutes == overview.by_year[2026].minutes == listed
    assert sum(one.minutes for one in overview.by_month.values()) == listed
    return int(listed)


def test_a_merge_sums_and_shows_both_rows_together_and_moves_no_scan(
    cast: Cast, twin_token: str, hold: Hold, now: datetime
) -> None:
    serve(hold, cast.token, now, 2)
    serve(hold, twin_token, now + DAY, 3)
    owners = lambda: sorted(  # noqa: E731
        tuple(row)
        for row in db.session.execute(
            select(StoredScan.member_id, func.count()).group_by(StoredScan.member_id)
        )
    )
    before = owners()

    merge_members("A001", "B001", "同一身份证", judge(cast, now + 2 * DAY))

    assert owners() == before
    assert (minutes("A001"), minutes("B001")) == (300, 300)
    assert len(list_chosen_records(cast.alice.id, None, None)) == 2
    assert get_member("B001").status == MemberStatus.LEFT


def test_the_duplicates_card_counts_for_the_kept_member_from_then_on(
    app: Flask, cast: Cast, twin_token: str, hold: Hold, now: datetime
) -> None:
    serve(hold, twin_token, now, 1)

    merge_members("A001", "B001", "同一人", judge(cast, now + DAY))
    serve(hold, twin_token, now + 2 * DAY, 1)

    last = db.session.execute(select(StoredScan).order_by(StoredScan.at.desc()).limit(1)).scalar_one()
    assert last.member_id == cast.alice.id
    assert minutes("A001") == 120
    assert issue_card("A001", installation(app).keys, now + 3 * DAY)[1] in {cast.token, twin_token}


def test_the_terminal_too_tells_the_hours_of_both_rows(
    app: Flask, cast: Cast, twin_token: str, hold: Hold, now: datetime
) -> None:
    serve(hold, twin_token, now, 3)
    merge_members("A001", "B001", "同一人", judge(cast, now + 4 * HOUR))
    hold(cast.token, now + 5 * HOUR)

    out = Reading(uuid4(), cast.token, Medium.QR, now + 6 * HOUR, None)
    answer = take_scans(cast.sender, [out], installation(app), now + 6 * HOUR)[0]

    assert answer.totals == {"today_minutes": 240, "year_minutes": 240}


def test_scans_that_come_late_from_before_the_merge_lose_nothing(
    cast: Cast, twin_token: str, hold: Hold, now: datetime
) -> None:
    serve(hold, twin_token, now, 1)
    merge_members("A001", "B001", "同一人", judge(cast, now + DAY))
    late = now + 2 * DAY

    # A pair before the last known scan, and a pair after it that straddles the merge.
    outcomes = [hold(twin_token, at, late) for at in (now - 3 * HOUR, now - 2 * HOUR)]
    outcomes += [hold(twin_token, at, late) for at in (now + DAY - HOUR, now + DAY + HOUR)]

    assert outcomes == ["checked_in", "checked_out"] * 2
    assert minutes("A001") == 60 + 60 + 120


def test_the_card_of_either_row_checks_out_what_the_other_checked_in(
    cast: Cast, twin_token: str, hold: Hold, now: datetime
) -> None:
    merge_members("A001", "B001", "同一人", judge(cast, now))

    outcomes = [hold(cast.token, now + HOUR), hold(twin_token, now + 2 * HOUR)]

    assert outcomes == ["checked_in", "checked_out"]


def test_two_places_at_once_are_named_and_counted_once(
    cast: Cast, twin_token: str, hold: Hold, elsewhere: Sender, now: datetime
) -> None:
    serve(hold, cast.token, now, 3)
    serve(hold, twin_token, now + HOUR, 3, elsewhere)

    merge_members("A001", "B001", "同一人", judge(cast, now + DAY))

    overlap = list_overlaps(cast.alice.id)
    assert [(one.minutes, one.record.checked_in_at) for one in overlap] == [(120, now + HOUR)]
    assert minutes("A001") == 180 + 180 - 120
    september = list_chosen_records(cast.alice.id, date(2026, 9, 1), date(2026, 9, 30))
    assert [row.ServiceRecord.minutes for row in september] == [180, 180]


@pytest.fixture
def is_twice(cast: Cast, twin_token: str, hold: Hold, elsewhere: Sender, now: datetime) -> None:
    """alice on duty for three hours, and from the second on for three hours elsewhere; merged since."""
    serve(hold, cast.token, now, 3)
    serve(hold, twin_token, now + HOUR, 3, elsewhere)
    merge_members("A001", "B001", "同一人", judge(cast, now + 4 * HOUR))


@pytest.mark.parametrize("later", [4 * HOUR, 5 * DAY])
def test_the_terminal_too_counts_two_places_at_once_only_once(
    app: Flask, cast: Cast, is_twice: None, hold: Hold, now: datetime, later: timedelta
) -> None:
    hold(cast.token, now + later)

    out = Reading(uuid4(), cast.token, Medium.QR, now + later + HOUR, None)
    totals = take_scans(cast.sender, [out], installation(app), now + later + HOUR)[0].totals

    assert totals is not None
    assert totals["year_minutes"] == minutes("A001") == 240 + 60
    assert totals["today_minutes"] == (300 if later < DAY else 60)


def test_only_who_has_merged_rows_costs_one_statement_more(
    cast: Cast, twin_token: str, hold: Hold, elsewhere: Sender, now: datetime
) -> None:
    serve(hold, twin_token, now, 1, elsewhere)
    hold(cast.token, now + HOUR)
    with counted_statements() as alone:
        hold(cast.token, now + 2 * HOUR)
    merge_members("A001", "B001", "同一人", judge(cast, now + 3 * HOUR))
    hold(cast.token, now + 4 * HOUR)

    with counted_statements() as merged:
        hold(cast.token, now + 5 * HOUR)

    assert len(alone) <= len(merged) <= len(alone) + 1


def test_a_late_scan_into_the_time_of_the_other_row_is_counted_once_at_the_terminal(
    app: Flask, cast: Cast, twin_token: str, hold: Hold, elsewhere: Sender, now: datetime
) -> None:
    serve(hold, twin_token, now, 3, elsewhere)
    merge_members("A001", "B001", "同一人", judge(cast, now + 4 * HOUR))
    hold(cast.token, now + HOUR, now + 5 * HOUR)

    out = Reading(uuid4(), cast.token, Medium.QR, now + 4 * HOUR, None)
    totals = take_scans(cast.sender, [out], installation(app), now + 5 * HOUR)[0].totals

    assert totals == {"today_minutes": 240, "year_minutes": 240}


def test_teams_and_lists_count_two_places_at_once_only_once(cast: Cast, is_twice: None) -> None:
    september = date(2026, 9, 1), date(2026, 9, 30)

    by_team = sum_totals(Chosen((cast.detachment.id,), Period(*september)), By.TEAM)
    listed = list(iterate_records([cast.detachment.id], *september))

    assert {team: one.minutes for team, one in by_team.items()} == {cast.detachment.id: 240}
    assert sorted(row.minutes for row in listed) == [60, 180]
    assert all(row.volunteer_no in {"A001", "B001"} for row in listed)


def test_undo_restores_status_cards_and_hours_in_full(
    app: Flask, cast: Cast, twin_token: str, hold: Hold, now: datetime
) -> None:
    serve(hold, cast.token, now, 2)
    serve(hold, twin_token, now + DAY, 3)
    bind_nfc("B001", "04A2B3C4D5E680", installation(app).keys, now)
    state = lambda: (  # noqa: E731
        get_member("B001").status,
        get_member("B001").status_at,
        sorted(card.identity_hash for card in list_cards(get_member("B001").id) if card.state == "active"),
        len([card for card in list_cards(cast.alice.id) if card.state == "active"]),
        minutes("A001"),
        minutes("B001"),
    )
    before = state()
    merge_members("A001", "B001", "认错了", judge(cast, now + 2 * DAY))

    undo_merge("B001", judge(cast, now + 3 * DAY))

    assert state() == before
    assert hold(twin_token, now + 4 * DAY) == "checked_in"
    newest = db.session.execute(select(StoredScan).order_by(StoredScan.at.desc()).limit(1)).scalar_one()
    assert newest.member_id == get_member("B001").id
    assert issue_card("B001", installation(app).keys, now + 4 * DAY)[1] == twin_token


def test_a_merge_is_not_undone_once_a_handed_over_card_gave_the_kept_member_hours(
    cast: Cast, twin_token: str, hold: Hold, now: datetime
) -> None:
    merge_members("A001", "B001", "认错了", judge(cast, now))
    serve(hold, twin_token, now + HOUR, 1)

    with pytest.raises(MergeUsed):
        undo_merge("B001", judge(cast, now + DAY))

    serve(hold, twin_token, now + 2 * DAY, 2)
    assert minutes("A001") == 180


def test_an_id_number_goes_to_the_kept_row_and_back(cast: Cast, twin: Member, now: datetime) -> None:
    give_number("B001", "0")

    merge_members("A001", "B001", "同一人", judge(cast, now))
    merged = numbers()
    undo_merge("B001", judge(cast, now))

    assert merged == [("0" * 64, b"0"), (None, None)]
    assert numbers() == [(None, None), ("0" * 64, b"0")]


def test_an_id_number_entered_after_the_merge_stays_with_the_kept_row(
    cast: Cast, twin: Member, now: datetime
) -> None:
    give_number("B001", "0")
    merge_members("A001", "B001", "同一人", judge(cast, now))
    give_number("A001", "1")

    undo_merge("B001", judge(cast, now))

    assert numbers() == [("1" * 64, b"1"), (None, None)]


def test_the_history_of_a_merge_holds_nothing_by_which_an_id_number_is_found(
    cast: Cast, twin: Member, now: datetime
) -> None:
    give_number("B001", "0")

    merge_members("A001", "B001", "同一人", judge(cast, now))

    kept = db.session.execute(select(MemberEvent.before).filter_by(member_id=twin.id)).scalar_one()
    assert isinstance(kept, dict)
    assert kept["given_id"]
    assert "0" * 64 not in str(kept)


def give_number(volunteer_no: str, mark: str) -> None:
    """Let the member have the ID number that this mark stands for, instead of any other."""
    member = get_member(volunteer_no)
    member.national_id_hash, member.national_id_sealed = mark * 64, mark.encode()
    db.session.commit()


def numbers() -> list[tuple[str | None, bytes | None]]:
    """What the two rows hold of ID numbers, the kept one first."""
    rows = (get_member("A001"), get_member("B001"))
    return [(one.national_id_hash, one.national_id_sealed) for one in rows]


def test_nobody_merges_the_own_person_with_anybody_or_takes_that_back(
    cast: Cast, twin: Member, now: datetime
) -> None:
    add_member("C001", "李四", "FD01", now)
    merge_members("A001", "B001", "同一人", judge(cast, now))
    # Of the merged rows the admin is the duplicate; that is the kept one too.
    cast.bob.member_id = twin.id
    db.session.commit()

    with pytest.raises(OwnMerge):
        merge_members("A001", "C001", "同一人", judge(cast, now))
    with pytest.raises(OwnMerge):
        undo_merge("B001", judge(cast, now))

    assert get_member("C001").status == MemberStatus.ACTIVE
    assert get_member("B001").status == MemberStatus.LEFT


@pytest.mark.parametrize("own", ["A001", "B001"])
def test_an_admin_takes_over_no_hours_alone_whichever_row_is_kept(
    cast: Cast, twin: Member, now: datetime, own: str
) -> None:
    cast.bob.member_id = get_member(own).id
    db.session.commit()

    with pytest.raises(OwnMerge):
        merge_members("A001", "B001", "同一人", judge(cast, now))

    assert get_member("B001").status == MemberStatus.ACTIVE


def test_two_rows_with_different_id_numbers_need_somebody_who_compared_the_documents(
    cast: Cast, twin: Member, now: datetime
) -> None:
    get_member("A001").national_id_hash, get_member("B001").national_id_hash = "1" * 64, "0" * 64
    db.session.commit()

    with pytest.raises(IdsNotCompared):
        merge_members("A001", "B001", "同名同单位", judge(cast, now))
    merge_members("A001", "B001", "同一人", judge(cast, now), has_compared_ids=True)

    assert (get_member("A001").national_id_hash, get_member("B001").national_id_hash) == ("1" * 64, "0" * 64)


def test_a_merge_that_makes_no_sense_is_refused(
    cast: Cast, twin_token: str, hold: Hold, now: datetime
) -> None:
    def refused(kept: str, duplicate: str, refusal: type[Refusal]) -> None:
        with pytest.raises(refusal):
            merge_members(kept, duplicate, "同一人", judge(cast, now + HOUR))

    add_member("C001", "张三", "FD02", now)
    refused("A001", "A001", MergeWithSelf)
    refused("A001", "C001", NotFound)
    hold(twin_token, now)
    refused("A001", "B001", MergeOnDuty)
    hold(twin_token, now + HOUR)
    get_member("A001").status = MemberStatus.LEFT
    db.session.commit()
    refused("A001", "B001", MergeKeptInactive)
    merge_members("B001", "A001", "同一人", judge(cast, now + HOUR))
    refused("B001", "A001", MergedAlready)


def test_candidates_share_name_and_unit_until_somebody_has_judged(
    cast: Cast, twin: Member, now: datetime
) -> None:
    unit = Unit(name="财政局")
    db.session.add(unit)
    db.session.flush()
    for number in ("A001", "B001"):
        get_member(number).unit_id = unit.id
    db.session.commit()
    scope = [cast.detachment.id]
    found = [(row.first_no, row.second_no) for row in list_candidates(scope)]

    tell_apart("B001", "A001", judge(cast, now))
    tell_apart("A001", "B001", judge(cast, now))

    assert found == [("A001", "B001")]
    assert list_candidates(scope) == []
    assert list_candidates([cast.other.id]) == []


def test_candidates_share_name_and_the_end_of_a_telephone(cast: Cast, twin: Member, now: datetime) -> None:
    add_member("C001", "李四", "FD01", now)
    for number in ("A001", "B001", "C001"):
        row = {"member_id": get_member(number).id, "kind": "phone", "value_sealed": b"x", "ending": "5678"}
        db.session.add(MemberContact(**row, created_at=now))
    db.session.commit()

    found = list_candidates([cast.detachment.id])

    assert [(one.first_no, one.second_no, one.is_same_ending) for one in found] == [("A001", "B001", True)]


def test_a_lost_card_stays_lost_across_a_merge(
    app: Flask, cast: Cast, twin_token: str, now: datetime
) -> None:
    card = list_cards(get_member("B001").id)[0]
    end_card(card.id, CardState.LOST, now)

    merge_members("A001", "B001", "同一人", judge(cast, now + HOUR))

    assert [one.state for one in list_cards(cast.alice.id) if one.state == "lost"] == [CardState.LOST]
