"""Cards and letters through the admin's pages."""

import json
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from tests.browser.station_server import until
from tests.conftest import Cast
from tests.drawing.rasters import texts
from volunteer.db import db
from volunteer.domain.cards import CardState
from volunteer.models.cards import Card
from volunteer.models.members import Member
from volunteer.queries.members import list_cards
from volunteer.services.members import activate_member, add_member, give_activation_code
from volunteer.services.prints import PrintRun, save_run, sweep_prints

SignIn = Callable[[object], FlaskClient]


@pytest.fixture
def prints_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Print runs of this test stand apart from real ones."""
    monkeypatch.setitem(app.config, "PRINTS_FOLDER", tmp_path / "prints")
    return tmp_path / "prints"


def count_pages(pdf: bytes) -> int:
    """The number of pages as poppler counts them."""
    told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout
    return int(re.search(rb"Pages:\s+(\d+)", told)[1])


def alices_card(cast: Cast) -> Card:
    """Her QR card as it stands now."""
    db.session.expire_all()
    return next(card for card in list_cards(cast.alice.id) if card.kind == "qr")


def test_issuing_twice_gives_one_card(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    add_member("B001", "李四", "FD01", now)
    client = sign_in(cast.bob)

    answers = [client.post("/admin/members/B001/cards").location for _ in range(2)]

    member = db.session.query(Member).filter_by(volunteer_no="B001").one()
    assert answers == ["/admin/members/B001"] * 2
    assert len(list_cards(member.id)) == 1


def test_the_card_picture_carries_the_members_token_and_is_not_stored(sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.bob).get("/admin/members/A001/card.png")

    (symbol,) = zxingcpp.read_barcodes(Image.open(BytesIO(response.data)))
    assert symbol.text == cast.token
    assert response.headers["Cache-Control"] == "no-store"


def test_the_card_pdf_is_one(sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.bob).get("/admin/members/A001/card.pdf")

    assert response.mimetype == "application/pdf"
    assert response.data.startswith(b"%PDF")


def test_a_member_without_a_card_has_nothing_to_print(sign_in: SignIn, cast: Cast, now: datetime) -> None:
    add_member("B001", "李四", "FD01", now)

    response = sign_in(cast.bob).get("/admin/members/B001/card.png")

    assert response.status_code == 422
    assert "还没有可打印的卡" in response.text


def test_looking_at_a_question_changes_nothing(sign_in: SignIn, cast: Cast) -> None:
    client, card_id = sign_in(cast.bob), alices_card(cast).id

    for action in ("lost", "revoke"):
        assert client.get(f"/admin/cards/{card_id}/{action}").status_code == 200

    assert alices_card(cast).state == CardState.ACTIVE


def test_a_card_is_lost_found_and_revoked(sign_in: SignIn, cast: Cast) -> None:
    client, card_id = sign_in(cast.bob), alices_card(cast).id
    states = []

    for action in ("lost", "found", "revoke"):
        assert client.post(f"/admin/cards/{card_id}/{action}").location == "/admin/members/A001"
        states.append(alices_card(cast).state)

    assert states == ["lost", "active", "revoked"]


def test_what_the_rules_forbid_is_told_where_it_was_asked(sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.bob).post(f"/admin/cards/{alices_card(cast).id}/found")

    assert response.status_code == 422
    assert "这张卡已不在使用状态" in response.text
    assert 'role="alert"' in response.text


def test_an_nfc_card_is_bound_by_its_number(sign_in: SignIn, cast: Cast) -> None:
    response = sign_in(cast.bob).post("/admin/members/A001/nfc", data={"uid": "04:a2:b3:c4:d5:e6:80"})

    hints = [card.hint for card in list_cards(cast.alice.id)]
    assert response.location == "/admin/members/A001"
    assert "…E680" in hints


@pytest.mark.parametrize("uid", ["00000000", "01020304", "08123456", "FFFFFFFF", "12"])
def test_a_number_that_says_nothing_is_refused_and_kept_in_the_field(
    sign_in: SignIn, cast: Cast, uid: str
) -> None:
    response = sign_in(cast.bob).post("/admin/members/A001/nfc", data={"uid": uid})

    assert response.status_code == 422
    assert f'value="{uid}"' in response.text
    assert len(list_cards(cast.alice.id)) == 1


def test_the_letter_brings_a_code_that_opens_the_account(sign_in: SignIn, cast: Cast) -> None:
    before = cast.alice.activation_hash
    response = sign_in(cast.bob).post("/admin/members/A001/letter")

    db.session.expire_all()
    assert response.mimetype == "application/pdf"
    assert response.headers["Cache-Control"] == "no-store"
    assert before is None
    assert cast.alice.activation_hash is not None


@pytest.mark.parametrize("page", ["", "/letter", "/cards"])
def test_who_has_a_rare_name_is_told_before_and_gets_card_and_letter_too(
    sign_in: SignIn, cast: Cast, now: datetime, page: str
) -> None:
    cast.alice.name = "𪚥一"
    db.session.commit()
    client = sign_in(cast.bob)

    asked = client.get(f"/admin/members/A001{page}").text
    letter, card = client.post("/admin/members/A001/letter"), client.get("/admin/members/A001/card.png")

    assert '𪚥一 A001 <span class="soft">缺字：U+2A6A5 𪚥</span>' in asked
    assert (letter.mimetype, card.mimetype) == ("application/pdf", "image/png")
    assert sign_in(cast.alice).get("/me/card.png").status_code == 200


@pytest.fixture
def rare(cast: Cast, now: datetime) -> None:
    """Two members of bob's team whose names the font cannot print; without cards."""
    add_member("B001", "ئابدۇللا", "FD01", now)
    add_member("B002", "𪚥一", "FD01", now)


@pytest.mark.parametrize("kind", ["cards", "sheets", "letters"])
def test_a_rare_name_stops_nobodys_card_and_is_told_before_anything_is_written(
    sign_in: SignIn, cast: Cast, rare: None, prints_folder: Path, tmp_path: Path, kind: str
) -> None:
    client, wish = sign_in(cast.bob), {"team": "FD01", "kind": kind}

    asked = client.post("/admin/prints/check", data=wish).text
    written = db.session.query(Card).count()
    address = client.post("/admin/prints", data=wish).location
    until(lambda: "已完成" in client.get(address).text, "the run is complete")

    assert "ئابدۇللا B001" in asked
    assert "缺字：U+2A6A5 𪚥" in asked
    assert written == 1
    with client.get(f"{address}/print.pdf") as pdf:
        printed = "".join(texts(pdf.data, tmp_path))
    for name in ("张三", "□□□□", "□一", "B001", "B002"):
        assert name in printed


def test_those_with_rare_names_can_be_left_for_later(
    sign_in: SignIn, cast: Cast, rare: None, prints_folder: Path
) -> None:
    client, wish = sign_in(cast.bob), {"team": "FD01", "kind": "cards"}

    asked = client.post("/admin/prints/check", data=wish).text
    address = client.post("/admin/prints", data=wish | {"without_boxed": "1"}).location

    assert "先不印这几个人，只印其余 1 张" in asked
    assert "志愿者证 · 1 张" in client.get(address).text
    assert db.session.query(Card).count() == 1


def test_a_whole_team_is_printed_and_shows_how_far_it_is(
    sign_in: SignIn, cast: Cast, now: datetime, prints_folder: Path
) -> None:
    for number in range(30):
        add_member(f"B{number:03}", "李四", "FD01", now)
    client = sign_in(cast.bob)

    address = client.post("/admin/prints", data={"team": "FD01", "kind": "cards"}).location

    assert "志愿者证 · 31 张" in client.get(address).text
    until(lambda: "已完成" in client.get(address).text, "the run is complete")
    with client.get(f"{address}/print.pdf") as pdf:
        assert count_pages(pdf.data) == 31
        assert pdf.headers["Cache-Control"] == "no-store"
    assert sorted(path.name for path in prints_folder.glob("*/*")) == ["print.pdf", "state.json"]


def test_another_admin_sees_nothing_of_a_run(
    sign_in: SignIn, cast: Cast, prints_folder: Path, brigade_admin: object
) -> None:
    run = PrintRun("x" * 22, 999, "第一分队", 1, datetime.now(UTC).isoformat(), 1, "done")
    (prints_folder / run.id).mkdir(parents=True)
    save_run(prints_folder, run)
    client = sign_in(cast.bob)

    statuses = [client.get(f"/admin/prints/{run.id}{more}").status_code for more in ("", "/print.pdf")]

    assert statuses == [404, 404]
    assert "第一分队</a>" not in client.get("/admin/prints").text


def test_a_run_whose_process_died_says_so(sign_in: SignIn, cast: Cast, prints_folder: Path) -> None:
    run = PrintRun("y" * 22, cast.bob.id, "第一分队", 9, datetime.now(UTC).isoformat(), 3, pid=2**22 - 1)
    (prints_folder / run.id).mkdir(parents=True)
    save_run(prints_folder, run)

    assert "生成没有完成" in sign_in(cast.bob).get(f"/admin/prints/{run.id}").text


def test_runs_are_deleted_after_a_day(prints_folder: Path, now: datetime) -> None:
    for name, age in (("a", 23), ("b", 25)):
        run = PrintRun(name * 22, 1, "", 1, (now - timedelta(hours=age)).isoformat())
        (prints_folder / run.id).mkdir(parents=True)
        save_run(prints_folder, run)

    sweep_prints(prints_folder, now)

    assert [path.name for path in prints_folder.iterdir()] == ["a" * 22]


def test_nobody_prints_a_foreign_team(sign_in: SignIn, cast: Cast, prints_folder: Path) -> None:
    assert sign_in(cast.bob).post("/admin/prints", data={"team": "FD02", "kind": "cards"}).status_code == 404
    assert not prints_folder.exists()


def test_a_team_without_members_is_told(sign_in: SignIn, cast: Cast, prints_folder: Path) -> None:
    response = sign_in(cast.charlie).post("/admin/prints", data={"team": "FD02", "kind": "cards"})

    assert response.status_code == 422
    assert "没有可以打印的志愿者" in response.text


def test_the_state_file_holds_no_codes(sign_in: SignIn, cast: Cast, prints_folder: Path) -> None:
    client = sign_in(cast.bob)
    address = client.post("/admin/prints", data={"team": "FD01", "kind": "letters"}).location
    until(lambda: "已完成" in client.get(address).text, "the run is complete")

    state = json.loads(next(prints_folder.glob("*/state.json")).read_text())

    assert state["total"] == 1
    assert cast.token not in json.dumps(state)
    assert state["kind"] == "letters"


def test_letters_of_a_team_go_to_those_without_a_password_only(
    sign_in: SignIn, cast: Cast, now: datetime, prints_folder: Path, tmp_path: Path
) -> None:
    add_member("B001", "李四", "FD01", now)
    activate_member("A001", give_activation_code("A001"), "battery staple")
    client = sign_in(cast.bob)

    address = client.post("/admin/prints", data={"team": "FD01", "kind": "letters"}).location
    until(lambda: "已完成" in client.get(address).text, "the run is complete")
    with client.get(f"{address}/print.pdf") as pdf:
        text = subprocess.run(["pdftotext", "-", "-"], input=pdf.data, capture_output=True, check=True).stdout
    code = re.search(rb"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", text)

    assert code is not None
    assert "张三" not in text.decode()
    assert activate_member("B001", code[0].decode(), "battery staple").name == "李四"


def bind_nfc_card(client: FlaskClient, uid: str, number: str = "A001") -> Card:
    """The NFC card that was just bound."""
    assert client.post(f"/admin/members/{number}/nfc", data={"uid": uid}).status_code == 302
    return db.session.query(Card).filter_by(kind="nfc").order_by(Card.id.desc()).first()


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_lost_or_broken_nfc_card_is_replaced_in_one_step_and_once(
    sign_in: SignIn, cast: Cast, is_lost: bool
) -> None:
    client = sign_in(cast.bob)
    old = bind_nfc_card(client, "04A2B3C4D5E680")
    if is_lost:
        client.post(f"/admin/cards/{old.id}/lost")

    for _ in range(2):
        answer = client.post(f"/admin/cards/{old.id}/replace-nfc", data={"uid": "04A2B3C4D5E681"})
        assert answer.location == "/admin/members/A001/cards"

    db.session.expire_all()
    cards = [card for card in list_cards(cast.alice.id) if card.kind == "nfc"]
    cards.sort(key=lambda card: card.id)
    assert [(card.state, card.replaces_id) for card in cards] == [("revoked", None), ("active", old.id)]
    assert "换成新卡" in client.get("/admin/members/A001/cards").text


def test_a_replacement_that_is_the_old_card_or_anothers_is_refused_and_changes_nothing(
    sign_in: SignIn, cast: Cast, now: datetime
) -> None:
    add_member("B001", "李四", "FD01", now)
    client = sign_in(cast.bob)
    bind_nfc_card(client, "04A2B3C4D5E682", "B001")
    old = bind_nfc_card(client, "04A2B3C4D5E680")

    same, taken, useless = (
        client.post(f"/admin/cards/{old.id}/replace-nfc", data={"uid": uid})
        for uid in ("04A2B3C4D5E680", "04A2B3C4D5E682", "00000000")
    )

    assert (same.status_code, taken.status_code, useless.status_code) == (422, 422, 422)
    assert "请用另一张卡" in same.text
    assert "已绑定给另一位志愿者" in taken.text
    db.session.expire_all()
    assert old.state == CardState.ACTIVE


def test_a_card_of_paper_is_not_replaced_by_a_tap_and_charlie_replaces_nothing(
    sign_in: SignIn, cast: Cast
) -> None:
    paper = alices_card(cast)
    shown = sign_in(cast.bob).get(f"/admin/cards/{paper.id}/replace-nfc")

    assert shown.status_code == 422
    assert "长期卡可以补卡" in shown.text
    for answer in (
        sign_in(cast.charlie).get(f"/admin/cards/{paper.id}/replace-nfc"),
        sign_in(cast.charlie).post(f"/admin/cards/{paper.id}/replace-nfc", data={"uid": "04A2B3C4D5E680"}),
    ):
        assert answer.status_code == 404


def test_the_new_card_can_be_tapped_at_a_terminal_and_the_old_one_ends_at_once(
    sign_in: SignIn, cast: Cast
) -> None:
    client = sign_in(cast.bob)
    old, terminal_id = bind_nfc_card(client, "04A2B3C4D5E680"), cast.sender.terminal_id
    page = client.get(f"/admin/cards/{old.id}/replace-nfc").text

    nowhere = client.post(f"/admin/cards/{old.id}/replace-nfc", data={"terminal": "999"})
    begun, again = (
        client.post(f"/admin/cards/{old.id}/replace-nfc", data={"terminal": str(terminal_id)})
        for _ in range(2)
    )

    assert f'<option value="{terminal_id}">' in page
    assert nowhere.status_code == 404
    assert begun.location == again.location == f"/admin/terminals/{terminal_id}/cards"
    assert "请 张三（A001）现在刷卡" in client.get(begun.location).text
    db.session.expire_all()
    assert old.state == CardState.REVOKED
