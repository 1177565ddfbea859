"""What a merged duplicate had is seen on the kept member's pages, and goes back when the merge is undone."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.cards import CardState
from volunteer.models.card_events import CardEvent
from volunteer.models.members import Member
from volunteer.models.people import MemberContact
from volunteer.models.teams import Team
from volunteer.queries.cards import list_card_events
from volunteer.queries.members import get_member
from volunteer.reading.workbooks import read_rows
from volunteer.services.cards import bind_nfc, end_card, issue_card
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members, undo_merge

SignIn = Callable[[object], FlaskClient]
FILE = "/admin/members/A001/file"
SHOWN = '<span class="together">139****5678'


@pytest.fixture
def twin(app: Flask, cast: Cast, sign_in: SignIn, now: datetime) -> Member:
    """alice a second time, with a card and a telephone of her own."""
    twin = add_member("B001", "张三", "FD01", now)
    issue_card("B001", installation(app).keys, now)
    form = {"kind": "phone", "value": "13900005678", "note": ""}
    sign_in(cast.bob).post("/admin/members/B001/file/contacts", data=form)
    return twin


@pytest.fixture
def judge(cast: Cast, now: datetime) -> Judge:
    """bob, a day later."""
    return Judge(cast.bob.id, frozenset({cast.detachment.id}), now + timedelta(days=1), now.date())


def merge(judge: Judge) -> None:
    merge_members("A001", "B001", "同一个人", judge)


def history(member_no: str) -> list[tuple[str, str]]:
    """What happened to the member's cards, oldest first."""
    rows = [row.CardEvent for row in list_card_events(get_member(member_no).id)]
    return [(one.kind, one.note) for one in sorted(rows, key=lambda one: one.id)]


def test_a_card_that_was_handed_over_tells_it_in_both_histories(
    twin: Member, sign_in: SignIn, cast: Cast, judge: Judge
) -> None:
    merge(judge)

    assert history("B001") == [("issued", ""), ("revoked", "B001 → A001")]
    assert history("A001") == [("issued", ""), ("issued", "B001 → A001")]
    page = sign_in(cast.bob).get("/admin/members/A001/cards").text
    assert "随重复档案的合并转手：B001 → A001" in page
    event = db.session.execute(select(CardEvent).order_by(CardEvent.id.desc())).scalars().first()
    assert event is not None
    assert (event.admin_id, event.at) == (cast.bob.id, judge.now)


def test_an_undone_merge_is_told_too_and_the_card_is_the_duplicates_again(twin: Member, judge: Judge) -> None:
    merge(judge)

    undo_merge("B001", judge)

    assert history("A001") == [("issued", "")]
    assert history("B001")[2:] == [("issued", "B001 → A001"), ("issued", "A001 → B001")]


def test_a_lost_nfc_card_arrives_as_what_it_is(
    app: Flask, twin: Member, cast: Cast, judge: Judge, now: datetime
) -> None:
    card = bind_nfc("B001", "04A1B2C3D4E5F6", installation(app).keys, now)
    end_card(card.id, CardState.LOST, now)

    merge(judge)

    assert history("A001")[2:] == [("bound", "B001 → A001"), ("lost", "B001 → A001")]


def test_the_duplicates_contacts_stand_masked_on_the_kept_file_with_where_they_come_from(
    twin: Member, sign_in: SignIn, cast: Cast, judge: Judge
) -> None:
    merge(judge)
    contact = db.session.execute(select(MemberContact)).scalar_one()
    bob = sign_in(cast.bob)

    page = bob.get(FILE).text
    shown = bob.post(f"{FILE}/reveal", data={"what": str(contact.id)}).text

    assert "139****5678" in page
    assert "登记在并入的档案 B001" in page
    assert "13900005678" not in page
    assert "13900005678" in shown
    assert "139****5678" in sign_in(cast.alice).get("/me/file").text


def test_an_undone_merge_leaves_each_row_its_own_contacts(
    twin: Member, sign_in: SignIn, cast: Cast, judge: Judge
) -> None:
    merge(judge)
    bob = sign_in(cast.bob)
    bob.post(f"{FILE}/contacts", data={"kind": "phone", "value": "13900005678", "note": "也是她自己的"})

    undo_merge("B001", judge)

    kept, gone = bob.get(FILE).text, bob.get("/admin/members/B001/file").text
    assert (kept.count(SHOWN), gone.count(SHOWN)) == (1, 1)
    assert "登记在并入的档案" not in kept + gone
    contact = db.session.execute(select(MemberContact).order_by(MemberContact.id)).scalars().first()
    assert contact is not None
    assert bob.post(f"{FILE}/reveal", data={"what": str(contact.id)}).status_code == 404


def test_who_sees_only_the_duplicate_does_not_see_the_kept_members_contacts(
    twin: Member, sign_in: SignIn, cast: Cast, judge: Judge
) -> None:
    sign_in(cast.bob).post(f"{FILE}/contacts", data={"kind": "phone", "value": "13700001111", "note": ""})
    merge(judge)
    db.session.get_one(Member, cast.alice.id).team_id = db.session.get_one(Team, cast.other.id).id
    db.session.commit()

    assert "137****1111" not in sign_in(cast.bob).get("/admin/members/B001/file").text
    page = sign_in(cast.charlie).get(FILE).text
    assert "137****1111" in page
    assert "139****5678" in page


def test_an_export_names_the_telephone_of_the_merged_row_where_there_is_no_other(
    twin: Member, sign_in: SignIn, cast: Cast, judge: Judge
) -> None:
    merge(judge)
    form = {"kind": "members", "file": "xlsx", "columns": ["volunteer_no", "phone"]}

    rows = read_rows(sign_in(cast.bob).post("/admin/exports", data=form).data, "a.xlsx").sheets[0].rows

    assert [list(row) for row in rows[1:]] == [["A001", "139****5678"], ["B001", "139****5678"]]
