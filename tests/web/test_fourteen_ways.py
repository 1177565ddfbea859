"""bob alone wants to give alice, his friend, five hours. He tries fourteen ways.

Each is refused, or credits nothing and lies plainly on the review desk, in the audit, or in
what ``verify-ledger`` says.
"""

import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.conftest import Cast, installation, scan
from tests.services.hours_people import add_linked_admin, link
from volunteer.db import db
from volunteer.domain.station_refusals import UndoTooLate
from volunteer.models.audit import AuditEvent
from volunteer.models.cards import Card
from volunteer.models.certificates import Certificate
from volunteer.models.corrections import Correction
from volunteer.models.ledger import LedgerEntry
from volunteer.models.members import Admin
from volunteer.models.records import ServiceRecord
from volunteer.models.reviews import ReviewItem
from volunteer.models.scans import StoredScan
from volunteer.models.stations import Station, Terminal
from volunteer.queries.append_only import list_missing_triggers
from volunteer.queries.derivations import derive_credits, derive_records
from volunteer.queries.ledger import list_wrong_totals, read_lines
from volunteer.services.cards import issue_card
from volunteer.services.detectors import find_reviews
from volunteer.services.members import add_member
from volunteer.services.scans import undo_scan
from volunteer.services.seals import seal_ledger
from volunteer.services.settlements import settle_days
from volunteer.verify_ledger import check, kept_seals

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime.now(UTC)
# Yesterday at nine: the pages ask the real clock.
NINE = datetime.combine(NOW.astimezone(ZONE).date() - timedelta(days=1), time(9), ZONE)
FIVE_HOURS = timedelta(hours=5)
HANDLED = {"handler": "王芳", "responsible_person": "陈建国", "contact": "0755-28900000"}
SignIn = Callable[[object], FlaskClient]


@pytest.fixture(autouse=True)
def friend(app: Flask, cast: Cast, now: datetime) -> None:
    """alice, whose card bob has borrowed; bob is a known person of her detachment."""
    link(cast.bob, "B001", "FD01", now)
    db.session.execute(update(Card).values(issued_at=NINE - timedelta(days=900)))
    db.session.commit()


def wish(**change: str) -> dict[str, str]:
    station = db.session.execute(select(Station.id).order_by(Station.id)).scalars().first()
    return {
        "volunteer_no": "A001",
        "kind": "makeup_record",
        "day": NINE.date().isoformat(),
        "came": "09:00",
        "left": "14:00",
        "station": str(station),
        "activity": "",
        "reason": "忘带卡",
        **change,
    }


def key_of(cast: Cast) -> dict[str, str]:
    """The station's key, as its terminal sends it."""
    return {"Authorization": f"Bearer {cast.key}"}


def serve(client: FlaskClient, cast: Cast, *held: datetime, **more: Any) -> list[dict[str, Any]]:
    """Scans over HTTP with the station's key; what was answered."""
    sent = [scan(cast.token, age=datetime.now(UTC) - at, **more) for at in held]
    answer = client.post("/api/v1/scans", json={"scans": sent}, headers=key_of(cast))
    return list(answer.json["answers"])


def night_passes(app: Flask, cast: Cast) -> int:
    """The jobs run, the terminal has reported; the minutes that alice has in the ledger."""
    now = datetime.now(UTC)
    terminal = db.session.get_one(Terminal, cast.sender.terminal_id)
    terminal.last_contact_at, terminal.pending = now, 0
    db.session.commit()
    find_reviews(now, ZONE)
    settle_days(now, ZONE)
    seal_ledger(app.extensions["seal_key"], now)
    mine = select(func.coalesce(func.sum(LedgerEntry.minutes), 0)).where(
        LedgerEntry.member_id == cast.alice.id
    )
    return int(db.session.execute(mine).scalar_one())


def desk() -> set[str]:
    """The kinds of what lies on the review desk."""
    rows = db.session.execute(select(ReviewItem.kind).where(ReviewItem.state == "open"))
    return set(rows.scalars())


def acts() -> list[tuple[str, str]]:
    """Who did what, as the audit has it."""
    return [tuple(row) for row in db.session.execute(select(AuditEvent.actor, AuditEvent.act))]  # type: ignore[misc]


def verify(app: Flask, kept: list[dict[str, Any]] | None = None) -> list[str]:
    """Everything that ``verify-ledger --derive`` finds wrong."""
    db.session.rollback()
    key = app.extensions["seal_key"].public_key
    found = check(read_lines(), key, kept_seals(kept or []), lambda _: None).problems
    found += list_wrong_totals() + [f"missing: {one.name}" for one in list_missing_triggers()]
    found += [wrong for _, part in derive_records(datetime.now(UTC), ZONE) for wrong in part]
    return found + [wrong for _, part in derive_credits(ZONE) for wrong in part]


@contextmanager
def without_trigger(name: str, table: str) -> Iterator[None]:
    """What only somebody with the whole server can do."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    if is_sqlite:
        made = db.session.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name})
        back = made.scalar_one()
        db.session.execute(text(f"DROP TRIGGER {name}"))
    else:
        back = f"ALTER TABLE {table} ENABLE TRIGGER {name}"
        db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {name}"))
    db.session.commit()
    try:
        yield
    finally:
        db.session.rollback()
        db.session.execute(text(back))
        db.session.commit()


def test_1_a_record_from_the_back_office_waits_for_somebody_else(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    made = sign_in(cast.bob).post("/admin/corrections/new", data=wish())
    assert made.status_code == 302
    assert night_passes(app, cast) == 0
    assert db.session.execute(select(Correction.state)).scalar_one() == "proposed"
    assert ("admin:bob", "admin.new_correction") in acts()


def test_2_he_cannot_approve_what_he_entered(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    bob = sign_in(cast.bob)
    made = bob.post("/admin/corrections/new", data=wish())
    refused = bob.post(f"{made.location}/approve")
    assert (refused.status_code, "三个不同的人" in refused.text) == (422, True)
    assert night_passes(app, cast) == 0


def test_3_a_second_account_of_his_own_does_not_help(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    # given an account more, that nobody knows the person of
    second = Admin(
        username="bob2",
        name="鲍勃",
        team_id=cast.detachment.id,
        password_hash=cast.bob.password_hash,
        created_at=NINE,
    )
    db.session.add(second)
    db.session.commit()
    made = sign_in(cast.bob).post("/admin/corrections/new", data=wish())

    # then it approves nothing, and cannot become the same person
    refused = sign_in(second).post(f"{made.location}/approve")
    assert (refused.status_code, "还没有关联本人" in refused.text) == (422, True)
    with pytest.raises(DBAPIError):
        db.session.execute(update(Admin).where(Admin.id == second.id).values(member_id=cast.bob.member_id))
    db.session.rollback()
    assert night_passes(app, cast) == 0


def test_4_a_time_edited_in_the_record_is_not_what_the_scans_say(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    serve(client, cast, NINE, NINE + timedelta(minutes=10))
    later = NINE + FIVE_HOURS
    db.session.execute(update(ServiceRecord).values(checked_out_at=later, minutes=300, is_settled=False))
    db.session.commit()
    night_passes(app, cast)
    assert any("does not follow from the scans" in one for one in verify(app))


def test_5_a_moved_clock_is_on_the_review_desk(app: Flask, client: FlaskClient, cast: Cast) -> None:
    # given a terminal that claims two instants of yesterday and knows no age
    for at in (NINE, NINE + FIVE_HOURS):
        held = scan(cast.token, at=at.isoformat())
        del held["age_ms"]
        client.post("/api/v1/scans", json={"scans": [held]}, headers=key_of(cast))
    night_passes(app, cast)
    assert "suspect_clock" in desk()


def test_6_a_check_out_cannot_be_deleted_to_stay_longer(app: Flask, client: FlaskClient, cast: Cast) -> None:
    answers = serve(client, cast, NINE, NINE + timedelta(minutes=10))
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(StoredScan.__table__.delete())  # type: ignore[attr-defined]
    db.session.rollback()
    # nor undone once the minute is over
    late = datetime.now(UTC) + timedelta(minutes=2)
    with pytest.raises(UndoTooLate):
        undo_scan(cast.sender, UUID(answers[1]["id"]), installation(app), late)
    assert night_passes(app, cast) == 10


def test_7_a_rule_changed_by_one_person_does_not_hold(
    app: Flask, cast: Cast, sign_in: SignIn, now: datetime
) -> None:
    dora = add_linked_admin("dora", "朵拉", cast.brigade, now)
    generous = {
        "from_on": (NOW + timedelta(days=30)).date().isoformat(),
        "grace_minutes": "60",
        "cap_minutes": "720",
        "rounding_minutes": "1",
        "at_once_minutes": "600",
        "parent_minutes": "720",
        "most_pairs": "9",
        "office_hours": "flag",
        "reason": "照顾",
        "what": "propose",
    }
    assert sign_in(cast.bob).post("/admin/policies/new", data=generous).status_code == 404
    client = sign_in(dora)
    made = client.post("/admin/policies/new", data=generous)
    assert made.status_code == 302, made.text
    refused = client.post(made.location, data={"what": "approve"})
    assert refused.status_code == 422
    assert ("admin:dora", "admin.new_policy") in acts()


def test_8_a_minute_written_into_the_database_breaks_the_chain(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    serve(client, cast, NINE, NINE + timedelta(hours=1))
    assert night_passes(app, cast) == 60
    for statement in ("UPDATE ledger_entries SET minutes = 300", "DELETE FROM ledger_entries"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()
    assert verify(app) == []

    # and whoever takes the trigger away first is found twice over
    with without_trigger("ledger_entries_no_update", "ledger_entries"):
        db.session.execute(text("UPDATE ledger_entries SET minutes = 300"))
        db.session.commit()
        assert "missing: ledger_entries_no_update" in verify(app)
    assert any("its content was changed" in one for one in verify(app))


def test_9_a_scan_sent_again_counts_once(app: Flask, client: FlaskClient, cast: Cast) -> None:
    scans = [scan(cast.token, age=datetime.now(UTC) - at) for at in (NINE, NINE + timedelta(hours=1))]
    headers = key_of(cast)
    for _ in range(5):
        answers = client.post("/api/v1/scans", json={"scans": scans}, headers=headers).json["answers"]
    assert {one["status"] for one in answers} == {"duplicate"}
    assert night_passes(app, cast) == 60


def test_10_a_borrowed_terminal_key_leaves_numbers_that_do_not_fit(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    # given the station's own scans, and between them two that bob makes up with its key
    boot = str(uuid4())
    serve(client, cast, NINE, seq=41, boot=boot)
    serve(client, cast, NINE + FIVE_HOURS, seq=42, boot=boot)
    serve(client, cast, NINE + FIVE_HOURS + timedelta(hours=1), seq=42, boot=boot)
    night_passes(app, cast)
    assert "repeated_seq" in desk()


def test_11_an_import_brings_members_and_never_hours(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    table = "姓名,志愿者编号,服务时长\n李四,Z900,300\n".encode()
    sign_in(cast.bob).post(
        "/admin/imports", data={"kind": "members", "file": (io.BytesIO(table), "名单.csv")}
    )
    assert night_passes(app, cast) == 0
    assert db.session.execute(select(func.count(ServiceRecord.id))).scalar_one() == 0


def test_12_a_merge_stands_in_the_audit_and_two_places_are_held(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    # given somebody else's five hours, served while alice was elsewhere herself
    add_member("Z901", "李四", "FD01", NINE - timedelta(days=90))
    _, token = issue_card("Z901", app.extensions["installation"].keys, NINE - timedelta(days=90))
    serve(client, cast, NINE, NINE + timedelta(hours=1))
    other = [scan(token, age=datetime.now(UTC) - at) for at in (NINE, NINE + FIVE_HOURS)]
    client.post("/api/v1/scans", json={"scans": other}, headers=key_of(cast))

    # when bob says that they are one person
    merged = sign_in(cast.bob).post(
        "/admin/members/A001/merge", data={"other": "Z901", "keep": "A001", "reason": "同一人"}
    )
    assert merged.status_code == 302

    # then it is told with his name, and nothing counts twice before somebody has looked
    assert night_passes(app, cast) == 0
    assert ("admin:bob", "admin.merge") in acts()
    assert "two_places" in desk()


def is_intact(document: bytes) -> bool:
    """Whether the signature in the PDF still covers what stands in it."""
    (signature,) = PdfFileReader(io.BytesIO(document)).embedded_signatures
    context = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    # In a thread: the library starts an event loop, and a browser's may be running in this one.
    with ThreadPoolExecutor(1) as aside:
        return bool(aside.submit(validate_pdf_signature, signature, context).result().intact)


def test_13_a_forged_certificate_is_told_from_the_real_one(
    app: Flask, client: FlaskClient, cast: Cast, sign_in: SignIn
) -> None:
    serve(client, cast, NINE, NINE + timedelta(hours=1))
    night_passes(app, cast)
    day = NINE.date().isoformat()
    sign_in(cast.bob).post(
        "/admin/members/A001/certificates",
        data={
            "first_on": day,
            "last_on": day,
            "handler": "王芳",
            "responsible_person": "陈建国",
            "contact": "1",
        },
    )
    real = db.session.execute(select(Certificate)).scalar_one()
    assert is_intact(real.document)

    place = real.document.index(b"endobj")
    forged = real.document[: place - 3] + b"9" + real.document[place - 2 :]
    assert not is_intact(forged)
    unknown = app.test_client().get(f"/verify/{real.serial[:-1]}X?c=AAAAAAAAAAAAAAAA")
    assert "1.0" not in unknown.text


def test_14_an_old_backup_put_back_lacks_the_seals_that_were_kept(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    # given a night's seal, and a void the night after that an auditor has taken home
    serve(client, cast, NINE, NINE + timedelta(hours=1))
    night_passes(app, cast)
    old = list(read_lines())
    serve(client, cast, NINE + timedelta(minutes=30))
    night_passes(app, cast)
    kept = json.loads(json.dumps(list(read_lines())))
    assert verify(app, kept) == []

    # when the state of the first night is put back, then the later seal is missed
    found = check(old, app.extensions["seal_key"].public_key, kept_seals(kept), lambda _: None)
    assert any("older data were put back" in one for one in found.problems)
