"""The scan contract over HTTP: each outcome, each kind of bad input, and who may ask."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from sqlalchemy import func, select

from tests.conftest import ROOT, Cast, installation, scan
from volunteer.db import db
from volunteer.domain.cards import UNUSABLE_UIDS, CardState
from volunteer.domain.scans import ACCEPTED, QUARANTINED, REFUSED
from volunteer.domain.stations import Direction, TerminalKind
from volunteer.models.members import Member
from volunteer.models.scans import QuarantinedScan, StoredScan
from volunteer.models.stations import Terminal
from volunteer.services.cards import end_card, issue_card
from volunteer.services.terminals import enrol_terminal, prepare_terminal, revoke_terminal

HOUR = timedelta(hours=1)


class Post:
    """A terminal with its key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client, self.key = client, key

    def __call__(self, *scans: Any, status: int = 200, **more: Any) -> Any:
        response = self.client.post(
            "/api/v1/scans",
            json={"scans": list(scans), **more},
            headers={"Authorization": f"Bearer {self.key}"},
        )
        assert response.status_code == status, response.text
        return response.json

    def outcome(self, *scans: Any) -> tuple[str, str]:
        answer = self(*scans)["answers"][-1]
        return answer["status"], answer["outcome"]


@pytest.fixture
def post(client: FlaskClient, cast: Cast) -> Post:
    return Post(client, cast.key)


def terminal_key(direction: Direction, now: datetime) -> str:
    code = prepare_terminal("LC", now, direction=direction)
    return enrol_terminal(code, TerminalKind.KIOSK, None, now)[1]


def stored() -> int:
    return db.session.execute(select(func.count()).select_from(StoredScan)).scalar_one()


# Each outcome, once.


def test_checked_in_then_checked_out(post: Post, cast: Cast) -> None:
    assert post.outcome(scan(cast.token, HOUR)) == ("accepted", "checked_in")
    answer = post(scan(cast.token))["answers"][0]
    assert answer["outcome"] == "checked_out"
    assert answer["message"] == "张*，签退成功"
    assert answer["member"] == {"name": "张*", "volunteer_no": "A001"}
    assert answer["record"]["minutes"] == 60


def test_double_tap(post: Post, cast: Cast) -> None:
    assert post.outcome(scan(cast.token, timedelta(seconds=30)), scan(cast.token)) == (
        "accepted",
        "double_tap",
    )


def test_already_checked_in(post: Post, cast: Cast, now: datetime) -> None:
    post.key = terminal_key(Direction.IN, now)
    assert post.outcome(scan(cast.token, HOUR), scan(cast.token)) == ("accepted", "already_checked_in")


def test_not_checked_in(post: Post, cast: Cast, now: datetime) -> None:
    post.key = terminal_key(Direction.OUT, now)
    assert post.outcome(scan(cast.token)) == ("accepted", "not_checked_in")


def test_undone(post: Post, cast: Cast, client: FlaskClient) -> None:
    one = scan(cast.token)
    post(one)
    headers = {"Authorization": f"Bearer {cast.key}"}
    response = client.post(f"/api/v1/scans/{one['id']}/undo", headers=headers)
    assert (response.status_code, response.json["outcome"]) == (200, "undone")
    never = client.post("/api/v1/scans/00000000-0000-4000-8000-000000000000/undo", headers=headers)
    assert (never.status_code, never.json["error"]["code"]) == (422, "undo_too_late")


def test_card_unknown(post: Post) -> None:
    assert post.outcome(scan("04112233445566")) == ("refused", "card_unknown")


@pytest.mark.parametrize("state", [CardState.LOST, CardState.REVOKED, CardState.EXPIRED])
def test_card_lost_revoked_or_expired(post: Post, app: Flask, cast: Cast, state: CardState) -> None:
    card, token = issue_card("A001", installation(app).keys, datetime.now(UTC))
    end_card(card.id, state, datetime.now(UTC) - HOUR)
    assert post.outcome(scan(token)) == ("refused", f"card_{state}")


def test_token_invalid(post: Post, cast: Cast) -> None:
    wrong = cast.token[:-1] + ("0" if cast.token[-1] != "0" else "1")
    assert post.outcome(scan(wrong)) == ("refused", "token_invalid")


def test_member_inactive(post: Post, cast: Cast) -> None:
    member = db.session.get_one(Member, cast.alice.id)
    member.status = "suspended"
    db.session.commit()
    assert post.outcome(scan(cast.token)) == ("refused", "member_inactive")


@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        ("08AABBCC", "uid_random"),
        ("00000000", "uid_zero"),
        ("FFFFFFFF", "uid_blank"),
        ("01020304", "uid_shared"),
        ("PUPI-11223344", "uid_not_identity"),
        ("0411", "uid_malformed"),
    ],
)
def test_identities_that_say_nothing_are_refused(post: Post, token: str, outcome: str) -> None:
    answer = post(scan(token))["answers"][0]
    assert (answer["status"], answer["outcome"]) == ("refused", outcome)
    assert answer["message"] == UNUSABLE_UIDS[outcome]


@pytest.mark.parametrize(
    "broken",
    [
        {"token": ""},
        {"token": None},
        {"token": "A" * 201},
        {"medium": "smell"},
        {"at": "yesterday"},
        {"at": "2026-09-15T10:00:00"},
        {"at": "9999-12-31T23:59:59+00:00", "age_ms": None},
        {"token": "\ud800"},
        {"id": 7},
        {"id": "not a uuid"},
        {"id": None},
        {"age_ms": -1},
        {"age_ms": 1e30},
        {"age_ms": "7"},
        {"seq": -1},
        {"seq": 2**60},
        {"boot": 7},
    ],
)
def test_malformed_scans_are_kept_and_do_not_hold_up_others(post: Post, cast: Cast, broken: Any) -> None:
    bad = {**scan(cast.token), **broken}
    answers = post(bad, scan(cast.token))["answers"]
    assert (answers[0]["status"], answers[0]["outcome"], answers[0]["id"]) == (
        "quarantined",
        "malformed",
        bad["id"],
    )
    assert answers[1]["outcome"] == "checked_in"
    assert db.session.execute(select(func.count()).select_from(QuarantinedScan)).scalar_one() == 1


@pytest.mark.parametrize("broken", [None, 7, "scan", [], {}])
def test_what_is_no_scan_at_all_is_kept_too(post: Post, broken: Any) -> None:
    assert post.outcome(broken) == ("quarantined", "malformed")


def test_id_reused(post: Post, cast: Cast) -> None:
    one = scan(cast.token)
    post(one)
    assert post.outcome({**one, "token": "04112233445566"}) == ("quarantined", "id_reused")


def test_duplicate_repeats_the_first_answer(post: Post, cast: Cast) -> None:
    one = scan(cast.token)
    first, second = post(one)["answers"][0], post(one)["answers"][0]
    assert second == {**first, "status": "duplicate"}


def test_each_outcome_has_a_line_in_the_documentation() -> None:
    text = (ROOT / "docs" / "api.md").read_text()
    missing = [outcome for outcome in (*ACCEPTED, *REFUSED, *QUARANTINED) if f"| `{outcome}` |" not in text]
    assert missing == []


# Time.


def test_the_monotonic_age_decides_whatever_the_wall_clock_says(post: Post, cast: Cast) -> None:
    answer = post(scan(cast.token, HOUR, at="2001-01-01T00:00:00+08:00"))
    checked_in = datetime.fromisoformat(answer["answers"][0]["record"]["checked_in_at"])
    received = datetime.fromisoformat(answer["received_at"])
    assert abs(received - HOUR - checked_in) < timedelta(milliseconds=2)


def test_a_scan_from_the_future_is_taken_as_now_and_marked(post: Post, cast: Cast) -> None:
    late = scan(cast.token, at=(datetime.now(UTC) + 24 * HOUR).isoformat())
    del late["age_ms"]
    answer = post(late)
    record = answer["answers"][0]["record"]
    assert datetime.fromisoformat(record["checked_in_at"]) <= datetime.fromisoformat(answer["received_at"])
    assert db.session.execute(select(StoredScan.is_time_suspect)).scalar_one() is True


def test_without_an_age_the_measured_offset_corrects_the_wall_clock(post: Post, cast: Cast) -> None:
    slow = datetime.now(UTC) - 24 * HOUR
    one = scan(cast.token, at=(slow - HOUR).isoformat())
    del one["age_ms"]
    answer = post(one, sent_at=slow.isoformat())
    checked_in = datetime.fromisoformat(answer["answers"][0]["record"]["checked_in_at"])
    assert abs(datetime.fromisoformat(answer["received_at"]) - HOUR - checked_in) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "sent_at", ["1970-01-01T00:00:00Z", "2015-06-01T00:00:00Z", "9999-12-31T23:00:00Z", "junk"]
)
def test_a_dead_clock_battery_costs_no_answer(post: Post, cast: Cast, sent_at: str) -> None:
    old = scan(cast.token, at="2015-06-01T00:00:00Z")
    del old["age_ms"]
    answers = post(scan(cast.token, HOUR), old, sent_at=sent_at)["answers"]
    assert [answer["status"] for answer in answers] == ["accepted", "accepted"]


@pytest.mark.parametrize(
    "at", ["1970-01-01T00:05:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_with_an_age_the_wall_clock_may_show_any_year(post: Post, cast: Cast, at: str) -> None:
    assert post.outcome(scan(cast.token, HOUR, at=at)) == ("accepted", "checked_in")


@pytest.mark.parametrize("spell", [str.upper, lambda text: text.replace("-", ""), lambda text: f"{{{text}}}"])
def test_an_id_is_answered_in_the_terminal_s_own_spelling(
    post: Post, cast: Cast, spell: Callable[[str], str]
) -> None:
    one = scan(cast.token)
    one["id"] = spell(one["id"])
    assert [post(one)["answers"][0]["id"] for _again in range(2)] == [one["id"]] * 2


@pytest.mark.parametrize("terminal", [{"version": "x" * 33}, {"pending": -1}, {"pending": 2**40}, 7, "x"])
def test_a_wrong_report_of_the_terminal_holds_up_no_scan(post: Post, cast: Cast, terminal: object) -> None:
    assert post(scan(cast.token), terminal=terminal)["answers"][0]["outcome"] == "checked_in"


# Requests that are refused whole.


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"scans": 7}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"scans": []}', "text/plain", 415),
        (b"scans=1", "application/x-www-form-urlencoded", 415),
        (json.dumps({"scans": [{}] * 501}).encode(), "application/json", 413),
        (b'{"scans": ["' + b"x" * 10_000_000 + b'"]}', "application/json", 413),
    ],
)
def test_bad_requests_are_refused_in_words_and_nothing_is_written(
    client: FlaskClient, cast: Cast, body: bytes, kind: str, status: int
) -> None:
    response = client.post(
        "/api/v1/scans", data=body, content_type=kind, headers={"Authorization": f"Bearer {cast.key}"}
    )
    assert response.status_code == status
    assert response.json["error"]["message"]
    assert stored() == 0
    assert db.session.execute(select(func.count()).select_from(QuarantinedScan)).scalar_one() == 0


def test_five_hundred_scans_are_answered_one_by_one(post: Post, cast: Cast) -> None:
    scans = [scan(cast.token, timedelta(minutes=2 * number)) for number in range(500)]
    answers = post(*scans)["answers"]
    assert [answer["id"] for answer in answers] == [one["id"] for one in scans]
    assert stored() == 500


def test_an_empty_request_is_a_sign_of_life(post: Post, cast: Cast) -> None:
    post(terminal={"pending": 7, "version": "1.2.3"}, sent_at=datetime.now(UTC).isoformat())
    terminal = db.session.get_one(Terminal, cast.sender.terminal_id, populate_existing=True)
    assert (terminal.pending, terminal.version) == (7, "1.2.3")
    assert terminal.last_contact_at is not None


@pytest.mark.parametrize(
    "key", ["", "Bearer", "Bearer x", "Bearer 1.x", "Bearer 99999999999999999999.x", "Basic YTpi"]
)
def test_without_its_key_a_terminal_gets_nothing(client: FlaskClient, cast: Cast, key: str) -> None:
    for method, path in (("POST", "/api/v1/scans"), ("GET", "/api/v1/station")):
        response = client.open(path, method=method, json={"scans": []}, headers={"Authorization": key})
        assert (response.status_code, response.json["error"]["code"]) == (401, "terminal_unknown")


def test_a_revoked_terminal_is_refused_at_once(post: Post, cast: Cast) -> None:
    terminal = db.session.get_one(Terminal, cast.sender.terminal_id)
    revoke_terminal(terminal, datetime.now(UTC))
    assert post(scan(cast.token), status=401)["error"]["message"]
    assert stored() == 0


def test_a_terminal_key_opens_no_page(client: FlaskClient, cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {cast.key}"}
    for path in ("/admin/", "/me/"):
        assert client.get(path, headers=headers).status_code == 302


def test_messages_come_in_the_language_asked_for(client: FlaskClient, cast: Cast) -> None:
    headers = {"Authorization": f"Bearer {cast.key}", "Accept-Language": "en"}
    answer = client.post("/api/v1/scans", json={"scans": [scan(cast.token)]}, headers=headers).json[
        "answers"
    ][0]
    assert answer["message"] == "张*: checked in"


# Enrolment.


def test_a_one_time_code_becomes_a_key_once(client: FlaskClient, cast: Cast) -> None:
    code = prepare_terminal("LC", datetime.now(UTC))
    response = client.post("/api/v1/terminals/enrol", json={"code": code.lower().replace("-", " ")})
    assert response.status_code == 201
    who = client.get("/api/v1/station", headers={"Authorization": f"Bearer {response.json['key']}"})
    assert who.json["station"] == {"code": "LC", "name": "龙城广场U站", "kind": "u_station"}
    again = client.post("/api/v1/terminals/enrol", json={"code": code})
    assert (again.status_code, again.json["error"]["code"]) == (422, "code_unknown")


def test_a_code_ends_after_ten_minutes(client: FlaskClient, cast: Cast) -> None:
    code = prepare_terminal("LC", datetime.now(UTC) - timedelta(minutes=10))
    assert client.post("/api/v1/terminals/enrol", json={"code": code}).status_code == 422


def test_keys_and_codes_are_stored_hashed(app: Flask, cast: Cast) -> None:
    row = db.session.execute(select(Terminal.__table__)).mappings().one()
    assert cast.key not in str(dict(row))
    assert cast.key.split(".")[1] not in str(dict(row))


# The served document.


def test_the_served_document_is_correct_openapi(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    validate(document)
    served = {
        (rule.rule.replace("<uuid:scan_id>", "{scan_id}"), method.lower())
        for rule in client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.startswith("station.") and rule.endpoint != "station.openapi"
    }
    described = {
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if method in ("get", "post")
    }
    assert described == served
