"""Cards for whole teams: previewed, issued once, listed, replaced, lent, and their history in words."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from tests.browser.station_server import until
from tests.conftest import Cast, installation
from tests.drawing.rasters import texts
from tests.web.test_admin_cards import alices_card, count_pages
from volunteer.db import db
from volunteer.domain.cards import CardState
from volunteer.domain.jobs import JobName
from volunteer.domain.roles import Role
from volunteer.jobs import run_job
from volunteer.models.card_events import CardBatch, CardEvent
from volunteer.models.cards import Card
from volunteer.models.members import Admin
from volunteer.models.teams import Unit
from volunteer.queries.cards import count_members_without_qr_card
from volunteer.queries.members import list_cards
from volunteer.services import cards as cards_service
from volunteer.services.cards import bind_nfc, expire_cards, issue_temporary_card
from volunteer.services.members import add_admin, add_member, give_activation_code
from volunteer.services.prints import PrintRun, save_run

SignIn = Callable[[object], FlaskClient]


@pytest.fixture
def prints_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Print runs of this test stand apart from real ones."""
    monkeypatch.setitem(app.config, "PRINTS_FOLDER", tmp_path / "prints")
    return tmp_path / "prints"


@pytest.fixture
def crew(cast: Cast, now: datetime) -> list[str]:
    """Twelve members of bob's detachment and one of charlie's, all without a card."""
    numbers = [f"B{number:03}" for number in range(12)]
    for number in numbers:
        add_member(number, "李四", "FD01", now)
    add_member("C001", "王五", "FD02", now)
    return numbers


def events_of(card: Card) -> list[str]:
    statement = select(CardEvent.kind).where(CardEvent.card_id == card.id).order_by(CardEvent.id)
    return list(db.session.execute(statement).scalars())


def test_the_preview_says_how_many_have_no_card_and_changes_nothing(
    sign_in: SignIn, cast: Cast, crew: list[str]
) -> None:
    page = sign_in(cast.bob).get("/admin/cards/batches?team=FD01").text

    assert "在册 13 人，其中 12 人还没有卡" in page
    assert count_members_without_qr_card([cast.detachment.id]) == 12


def test_a_team_gets_its_cards_once_however_often_it_is_pressed(
    sign_in: SignIn, cast: Cast, crew: list[str]
) -> None:
    client = sign_in(cast.bob)

    addresses = [client.post("/admin/cards/batches", data={"team": "FD01"}).location for _ in range(2)]

    assert count_members_without_qr_card([cast.detachment.id, cast.other.id]) == 1
    assert db.session.query(Card).count() == 13
    assert "发了 12 张卡" in client.get(addresses[0]).text
    assert "发了 0 张卡" in client.get(addresses[1]).text
    assert "人人都有卡" in client.get("/admin/cards/batches?team=FD01").text


def test_every_card_of_a_batch_says_who_issued_it(sign_in: SignIn, cast: Cast, crew: list[str]) -> None:
    sign_in(cast.bob).post("/admin/cards/batches", data={"team": "FD01"})

    rows = db.session.execute(select(CardEvent.kind, CardEvent.admin_id)).all()

    assert sorted(rows, key=str).count(("issued", cast.bob.id)) == 12


def test_a_team_alone_leaves_those_below_without(
    sign_in: SignIn, cast: Cast, crew: list[str], brigade_admin: Admin
) -> None:
    client = sign_in(brigade_admin)

    alone = client.post("/admin/cards/batches", data={"team": "DD", "only": "1"}).location
    assert "发了 0 张卡" in client.get(alone).text
    below = client.post("/admin/cards/batches", data={"team": "DD"}).location

    assert "发了 13 张卡" in client.get(below).text


def test_a_large_batch_goes_on_by_itself_and_shows_how_far_it_is(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[str], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards_service, "AT_ONCE", 5)
    client = sign_in(cast.bob)
    address = client.post("/admin/cards/batches", data={"team": "FD01"}).location
    assert "已发 5 张，共 12 张" in client.get(address).text

    made = [run_job(JobName.BATCH, now, app.config["TIMEZONE"]) for _ in range(3)]

    assert made == [5, 2, 0]
    assert "发了 12 张卡" in client.get(address).text


def test_charlie_neither_begins_nor_sees_bobs_batch(sign_in: SignIn, cast: Cast, crew: list[str]) -> None:
    address = sign_in(cast.bob).post("/admin/cards/batches", data={"team": "FD01"}).location
    client = sign_in(cast.charlie)

    assert client.get(address).status_code == 404
    assert client.get("/admin/cards/batches?team=FD01").status_code == 404
    assert client.post("/admin/cards/batches", data={"team": "FD01"}).status_code == 404
    assert db.session.query(CardBatch).count() == 1


def test_counts_of_the_list_open_exactly_their_rows(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[str], now: datetime
) -> None:
    client = sign_in(cast.bob)
    client.post("/admin/cards/batches", data={"team": "FD01"})
    bind_nfc("B000", "04A2B3C4D5E680", installation(app).keys, now)
    client.post(f"/admin/cards/{alices_card(cast).id}/lost")

    page = client.get("/admin/cards").text
    counts = dict(re.findall(r'state=(\w+)".*?figure-number">(\d+)<', page))
    shown = {state: client.get(f"/admin/cards?state={state}").text.count("发卡</p>") for state in counts}

    assert counts == {"active": "13", "lost": "1", "revoked": "0", "expired": "0"}
    assert shown == {state: int(count) for state, count in counts.items()}
    assert client.get("/admin/cards?kind=nfc").text.count("发卡</p>") == 1
    assert client.get("/admin/cards?until=2001-01-01").text.count("发卡</p>") == 0


def test_charlie_sees_no_card_of_bobs_team(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.charlie)

    assert "A001" not in client.get("/admin/cards").text
    assert "A001" not in client.get(f"/admin/cards?team={cast.detachment.id}").text
    assert client.get("/admin/members/A001/cards").status_code == 404


@pytest.mark.parametrize("asked", ["state=x", "kind=x", "from=2026-13-01", "until=x"])
def test_what_the_list_never_offered_is_refused(sign_in: SignIn, cast: Cast, asked: str) -> None:
    assert sign_in(cast.bob).get(f"/admin/cards?{asked}").status_code == 400


def test_the_list_takes_few_statements_however_long_it_is(
    sign_in: SignIn, cast: Cast, crew: list[str]
) -> None:
    client = sign_in(cast.bob)
    client.post("/admin/cards/batches", data={"team": "FD01"})
    statements: list[str] = []
    listener = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        assert client.get("/admin/cards").status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert len([text for text in statements if text.startswith("SELECT")]) <= 10


def test_a_card_is_replaced_in_one_step_and_only_once(sign_in: SignIn, cast: Cast) -> None:
    client, old = sign_in(cast.bob), alices_card(cast)

    assert "立即停用" in client.get(f"/admin/cards/{old.id}/replace").text
    for _ in range(2):
        assert client.post(f"/admin/cards/{old.id}/replace").status_code == 302

    db.session.expire_all()
    cards = sorted(list_cards(cast.alice.id), key=lambda card: card.id)
    assert [(card.state, card.replaces_id) for card in cards] == [("revoked", None), ("active", old.id)]
    assert (events_of(cards[0]), events_of(cards[1])) == (["issued", "replaced"], ["issued"])


def test_a_lost_card_is_replaced_too_but_not_a_revoked_one(sign_in: SignIn, cast: Cast) -> None:
    client, old = sign_in(cast.bob), alices_card(cast)
    client.post(f"/admin/cards/{old.id}/lost")
    client.post(f"/admin/cards/{old.id}/replace")
    new = max(list_cards(cast.alice.id), key=lambda card: card.id)

    client.post(f"/admin/cards/{new.id}/revoke")

    assert client.post(f"/admin/cards/{new.id}/replace").status_code == 422
    assert sign_in(cast.charlie).post(f"/admin/cards/{old.id}/replace").status_code == 404


def test_the_history_tells_in_words_what_happened_and_who_did_it(sign_in: SignIn, cast: Cast) -> None:
    client, card = sign_in(cast.bob), alices_card(cast)
    for action in ("lost", "found", "replace"):
        client.post(f"/admin/cards/{card.id}/{action}")

    page = client.get("/admin/members/A001/cards").text
    history = page[page.index('id="history"') :]

    for words in ("挂失", "恢复使用", "补卡，旧卡停用", "换成新卡", "经办：鲍勃"):
        assert words in history
    assert events_of(card) == ["issued", "lost", "found", "replaced"]


def test_a_temporary_card_counts_until_its_day_is_over_without_any_job(
    app: Flask, sign_in: SignIn, cast: Cast, hold: Callable[..., None]
) -> None:
    from volunteer.web.cards import token_of

    client, today = sign_in(cast.bob), datetime.now(app.config["TIMEZONE"]).date()

    assert client.post("/admin/members/A001/temporary-card", data={"until": str(today)}).status_code == 302
    card = max(list_cards(cast.alice.id), key=lambda card: card.id)
    assert card.valid_until is not None
    hold(card.valid_until - timedelta(seconds=1), token_of(card))

    with pytest.raises(AssertionError):
        hold(card.valid_until, token_of(card))
    assert card.state == CardState.ACTIVE
    assert f"card-{CardState.ACTIVE}" in client.get("/admin/members/A001/cards").text


def test_a_temporary_card_is_printed_with_its_last_day_and_leaves_the_lasting_one_alone(
    app: Flask, sign_in: SignIn, cast: Cast
) -> None:
    client, today = sign_in(cast.bob), datetime.now(app.config["TIMEZONE"]).date()
    before = alices_card(cast).id
    client.post("/admin/members/A001/temporary-card", data={"until": str(today)})
    card = max(list_cards(cast.alice.id), key=lambda card: card.id)

    pdf = client.get(f"/admin/cards/{card.id}/card.pdf")

    assert pdf.data.startswith(b"%PDF")
    assert "有效至" in client.get("/admin/members/A001/cards").text
    assert client.get("/admin/cards?temporary=1").text.count("有效至") == 1
    assert client.get("/admin/members/A001/card.pdf").status_code == 200
    assert alices_card(cast).state == CardState.ACTIVE
    assert before != card.id
    assert sign_in(cast.charlie).get(f"/admin/cards/{card.id}/card.pdf").status_code == 404
    assert sign_in(cast.charlie).get(f"/admin/cards/{card.id}/sheet.pdf").status_code == 404


@pytest.mark.parametrize("until_text", ["", "2001-01-01", "2100-01-01", "x", "9999-12-31"])
def test_a_last_day_that_makes_no_sense_is_told(sign_in: SignIn, cast: Cast, until_text: str) -> None:
    response = sign_in(cast.bob).post("/admin/members/A001/temporary-card", data={"until": until_text})

    assert response.status_code == 422
    assert 'role="alert"' in response.text


def test_the_job_writes_down_what_has_expired(app: Flask, cast: Cast, now: datetime) -> None:
    end = now + timedelta(hours=3)
    card = issue_temporary_card("A001", end, installation(app).keys, now)
    again = issue_temporary_card("A001", end, installation(app).keys, now)

    assert (expire_cards(end - timedelta(seconds=1)), expire_cards(end), expire_cards(end)) == (0, 1, 0)

    db.session.expire_all()
    assert again.id == card.id
    assert (card.state, card.ended_at, events_of(card)) == ("expired", end, ["issued", "expired"])


def test_sheets_are_checked_and_printed_for_a_selection(
    sign_in: SignIn, cast: Cast, crew: list[str], prints_folder: Path
) -> None:
    client = sign_in(cast.bob)
    form = {"kind": "sheets", "team": "FD01", "numbers": "\n".join([*crew[:11], "C001"])}

    check = client.post("/admin/prints/check", data=form).text
    address = client.post("/admin/prints", data=form).location
    until(lambda: "已完成" in client.get(address).text, "the run is complete")

    assert "11 张" in check
    assert "其中 11 人还没有卡" in check
    assert "不会打印：C001" in check
    with client.get(f"{address}/print.pdf") as pdf:
        assert count_pages(pdf.data) == 2


def test_picked_cards_are_printed_and_picking_none_prints_nothing(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.bob)

    none = client.post("/admin/prints/check", data={"kind": "sheets", "picked": "1"})
    some = client.post("/admin/prints/check", data={"kind": "sheets", "picked": "1", "number": "A001"})

    assert (none.status_code, some.status_code) == (422, 200)
    assert "没有选中任何卡" in none.text
    assert "1 张" in some.text


def test_temporary_cards_are_picked_and_printed_on_sheets_with_their_last_day(
    app: Flask, sign_in: SignIn, cast: Cast, crew: list[str], prints_folder: Path, tmp_path: Path
) -> None:
    soon = datetime.now(UTC) + timedelta(days=2)
    cards = [issue_temporary_card(no, soon, installation(app).keys, datetime.now(UTC)) for no in crew[:2]]
    foreign = issue_temporary_card("C001", soon, installation(app).keys, datetime.now(UTC))
    picked = [str(card.id) for card in [*cards, foreign]] + ["x", "9" * 30]
    form = {"kind": "sheets", "picked": "1", "number": "A001", "temporary": picked}
    client = sign_in(cast.bob)

    offered = client.get("/admin/cards?temporary=1").text
    check = client.post("/admin/prints/check", data=form).text
    address = client.post("/admin/prints", data=form).location
    until(lambda: "已完成" in client.get(address).text, "the run is complete")

    assert f'name="temporary" value="{cards[0].id}"' in offered
    assert "3 张" in check
    assert "临时卡已失效" in check
    with client.get(f"{address}/print.pdf") as pdf:
        (sheet,) = texts(pdf.data, tmp_path)
    assert (sheet.count("有效至"), "C001" in sheet) == (2, False)


def test_only_foreign_or_ended_temporary_cards_print_nothing(app: Flask, sign_in: SignIn, cast: Cast) -> None:
    soon = datetime.now(UTC) + timedelta(days=2)
    card = issue_temporary_card("A001", soon, installation(app).keys, datetime.now(UTC))
    form = {"kind": "sheets", "picked": "1", "temporary": str(card.id)}

    for step in ("/admin/prints/check", "/admin/prints"):
        answer = sign_in(cast.charlie).post(step, data=form)
        assert answer.status_code == 422
        assert "选中的卡已失效" in answer.text


def test_a_temporary_card_is_printed_alone_on_a_sheet(app: Flask, sign_in: SignIn, cast: Cast) -> None:
    soon = datetime.now(UTC) + timedelta(days=2)
    card = issue_temporary_card("A001", soon, installation(app).keys, datetime.now(UTC))

    sheet = sign_in(cast.bob).get(f"/admin/cards/{card.id}/sheet.pdf").data

    assert count_pages(sheet) == 1
    assert b"595" in subprocess.run(["pdfinfo", "-"], input=sheet, capture_output=True, check=True).stdout


def test_before_letters_are_made_it_says_that_older_codes_end(sign_in: SignIn, cast: Cast) -> None:
    give_activation_code("A001")
    before = cast.alice.activation_hash

    page = sign_in(cast.bob).post("/admin/prints/check", data={"kind": "letters", "team": "FD01"}).text

    db.session.expire_all()
    assert "旧的立即失效" in page
    assert "其中 1 人手里可能已有一封旧卡函" in page
    assert cast.alice.activation_hash == before


def test_charlie_checks_nothing_of_bobs_team(sign_in: SignIn, cast: Cast) -> None:
    client = sign_in(cast.charlie)

    assert client.post("/admin/prints/check", data={"kind": "cards", "team": "FD01"}).status_code == 404
    picked = client.post("/admin/prints/check", data={"kind": "cards", "picked": "1", "number": "A001"})
    assert picked.status_code == 422


def test_old_runs_are_swept_by_the_scheduler(app: Flask, prints_folder: Path, now: datetime) -> None:
    for name, age in (("a", 23), ("b", 25)):
        run = PrintRun(name * 22, 1, "", 1, (now - timedelta(hours=age)).isoformat())
        (prints_folder / run.id).mkdir(parents=True)
        save_run(prints_folder, run)

    assert run_job(JobName.SWEEP, now.astimezone(UTC), app.config["TIMEZONE"]) == 1

    assert [path.name for path in prints_folder.iterdir()] == ["a" * 22]


@pytest.mark.parametrize(("unit", "status"), [("9" * 25, 404), ("1", 404), ("x", 200), ("", 200)])
def test_a_unit_that_was_not_offered_is_unknown(sign_in: SignIn, cast: Cast, unit: str, status: int) -> None:
    form = {"kind": "cards", "team": "FD01", "unit": unit}

    assert sign_in(cast.bob).post("/admin/prints/check", data=form).status_code == status


def test_only_the_members_of_a_unit_are_printed(sign_in: SignIn, cast: Cast, crew: list[str]) -> None:
    unit = Unit(name="区法院")
    db.session.add(unit)
    db.session.flush()
    cast.alice.unit_id = unit.id
    db.session.commit()
    form = {"kind": "cards", "team": "FD01", "unit": str(unit.id)}

    page = sign_in(cast.bob).post("/admin/prints/check", data=form).text

    assert " 1 张" in page


def test_a_reader_of_everything_sees_the_cards_and_changes_none(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    auditor = add_admin("ada", "审计", None, "correct horse", now, Role.AUDITOR)
    client = sign_in(auditor)

    pages = [client.get(path) for path in ("/admin/cards", "/admin/members/A001/cards", "/admin/prints")]
    posts = [
        client.post("/admin/cards/batches", data={"team": "FD01"}),
        client.post(f"/admin/cards/{alices_card(cast).id}/replace"),
        client.post("/admin/cards/enrol", data={"numbers": "A001"}),
    ]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert [post.status_code for post in posts] == [403, 403, 403]
