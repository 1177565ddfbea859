"""The audit writes itself: every act stands in it once, with what was before and after; nothing else does."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select, update

from tests.conftest import Cast
from volunteer.auditing import Acting, act_as
from volunteer.db import db, transaction
from volunteer.domain.audit import check_name, derive_name_key
from volunteer.domain.imports import ImportKind
from volunteer.domain.refusals import TeamUnknown, VolunteerNoTaken
from volunteer.models.audit import AuditEvent
from volunteer.models.members import Admin, Member
from volunteer.models.stations import Terminal
from volunteer.models.teams import Unit
from volunteer.services.members import add_member
from volunteer.services.terminals import prepare_terminal

SignIn = Callable[[Admin | Member], FlaskClient]
KEY = b"a key"


def events() -> list[AuditEvent]:
    db.session.expire_all()
    return list(db.session.execute(select(AuditEvent).order_by(AuditEvent.number)).scalars())


@pytest.fixture
def bob_acts(cast: Cast, now: datetime) -> None:
    act_as(db.session(), Acting("admin.test", "admin:bob", lambda: now, KEY, cast.bob.id, cast.detachment.id))


def changes_of(event: AuditEvent, table: str) -> list[dict]:
    return [one for one in event.changes if one["table"] == table]


def test_an_act_of_bob_stands_in_it_once_with_what_was_entered(cast: Cast, sign_in: SignIn) -> None:
    form = {"volunteer_no": "A900", "name": "李四光", "team": "FD01", "reason": "新来的"}

    sign_in(cast.bob).post("/admin/members/new", data=form)

    (event,) = events()
    made = db.session.execute(select(Member).where(Member.volunteer_no == "A900")).scalar_one()
    (row,) = changes_of(event, "members")
    assert (event.number, event.act, event.actor) == (1, "admin.new_member", "admin:bob")
    assert (event.admin_id, event.member_id, event.team_id) == (cast.bob.id, made.id, cast.detachment.id)
    assert (row["before"], row["after"]["volunteer_no"], event.reason) == (None, "A900", "新来的")


def test_a_change_stands_with_before_and_after_and_the_name_masked(
    cast: Cast, bob_acts: None, now: datetime
) -> None:
    with transaction():
        alice = db.session.get_one(Member, cast.alice.id)
        alice.name, alice.password_hash = "张四", "a new digest"

    (event,) = events()
    assert event.changes == [
        {
            "table": "members",
            "id": str(cast.alice.id),
            "before": {"name": check_name("张三", KEY), "password_hash": None},
            "after": {"name": check_name("张四", KEY), "password_hash": "changed"},
        }
    ]
    assert check_name("张三", KEY) != check_name("张四", KEY)
    assert (event.member_id, event.team_id, event.at) == (cast.alice.id, cast.detachment.id, now)


def test_what_is_set_without_having_been_read_stands_with_what_it_was(cast: Cast, bob_acts: None) -> None:
    with transaction():
        alice = db.session.get_one(Member, cast.alice.id)
        db.session.expire(alice, ["status"])
        alice.status = "suspended"

    (event,) = events()
    assert event.changes[0]["before"] == {"status": "active"}


def _rename_and_fail(member_id: int) -> None:
    with transaction():
        db.session.get_one(Member, member_id).name = "王五"
        db.session.flush()
        raise TeamUnknown(code="X")


def test_an_act_that_fails_leaves_no_event(cast: Cast, bob_acts: None, now: datetime) -> None:
    with pytest.raises(VolunteerNoTaken):
        add_member("A001", "王五", "FD01", now)
    with pytest.raises(TeamUnknown):
        _rename_and_fail(cast.alice.id)

    assert events() == []


def test_a_change_taken_back_in_the_same_transaction_is_none(cast: Cast, bob_acts: None) -> None:
    with transaction():
        alice = db.session.get_one(Member, cast.alice.id)
        alice.name = "王五"
        db.session.flush()
        alice.name = "张三"
        unit = Unit(name="一时的单位")
        db.session.add(unit)
        db.session.flush()
        db.session.delete(unit)

    assert events() == []


def test_statements_for_many_rows_stand_row_by_row(cast: Cast, bob_acts: None, now: datetime) -> None:
    add_member("A002", "王五", "FD01", now)
    add_member("B001", "赵六", "FD02", now)

    with transaction():
        of_team = Member.team_id == cast.detachment.id
        db.session.execute(update(Member).where(of_team).values(team_id=cast.other.id))

    event = events()[-1]
    assert [one["before"] for one in event.changes] == [{"team_id": cast.detachment.id}] * 2
    assert [one["after"] for one in event.changes] == [{"team_id": cast.other.id}] * 2
    # Several members: the event belongs to where they are now.
    assert (event.member_id, event.team_id) == (None, cast.other.id)


def test_very_many_rows_stand_as_their_number(cast: Cast, bob_acts: None) -> None:
    with transaction():
        db.session.execute(insert(Unit), [{"name": f"单位{one}"} for one in range(60)])
    with transaction():
        db.session.execute(delete(Unit).where(Unit.name.like("单位%")))

    made, gone = events()
    assert made.changes == [{"table": "units", "kind": "insert", "rows": 60, "columns": []}]
    assert gone.changes == [{"table": "units", "kind": "delete", "rows": 60, "columns": []}]
    # Nothing leads to a team: the event belongs to where the act was done.
    assert gone.team_id == cast.detachment.id


def test_few_new_and_deleted_rows_stand_with_their_values(cast: Cast, bob_acts: None) -> None:
    with transaction():
        db.session.execute(insert(Unit), [{"name": "甲单位"}, {"name": "乙单位"}])
    with transaction():
        db.session.execute(delete(Unit).where(Unit.name == "甲单位"))

    made, gone = events()
    assert [one["after"] for one in made.changes] == [{"name": "甲单位"}, {"name": "乙单位"}]
    assert gone.changes[0]["before"]["name"] == "甲单位"
    assert gone.changes[0]["after"] is None


def test_what_belongs_to_a_card_leads_to_its_member(cast: Cast, sign_in: SignIn) -> None:
    from volunteer.queries.members import list_cards

    card = list_cards(cast.alice.id)[0]

    sign_in(cast.bob).post(f"/admin/cards/{card.id}/lost")

    (event,) = events()
    assert (event.act, event.member_id) == ("admin.lose", cast.alice.id)
    assert changes_of(event, "cards")[0]["after"]["state"] == "lost"
    assert cast.token not in str(event.changes)


def test_looking_and_signing_in_are_no_acts(cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.bob)
    for path in ("/admin", "/admin/members", "/admin/members/A001", "/admin/members/A001/person"):
        browser.get(path)
    browser.post("/admin/sign-out")

    assert events() == []


def test_scans_leave_no_event_even_where_an_admin_acted_before(
    cast: Cast, sign_in: SignIn, hold: Callable[[datetime], None], now: datetime
) -> None:
    sign_in(cast.bob).get("/admin")

    hold(now)

    assert events() == []


def test_a_command_acts_in_its_own_name(app: Flask, cast: Cast) -> None:
    ran = app.test_cli_runner().invoke(args=["add-member", "A777", "钱七", "--team", "FD02"])

    assert ran.exit_code == 0, ran.output
    (event,) = events()
    assert (event.act, event.admin_id, event.team_id) == ("cli.add-member", None, cast.other.id)
    assert event.actor.startswith("cli:")


def test_a_member_acts_in_the_own_name(cast: Cast, sign_in: SignIn) -> None:
    sign_in(cast.alice).post("/me/data", data={"part": "contacts", "reason": "不想留"})

    (event,) = events()
    assert (event.actor, event.member_id, event.admin_id) == ("member:A001", cast.alice.id, None)
    assert event.reason == "不想留"


def test_who_asks_to_join_is_a_visitor_and_the_telephone_is_not_told(cast: Cast, client: FlaskClient) -> None:
    agreed = ["recording", "contact"]
    form = {"name": "孙八", "phone": "13812345678", "team": "FD01", "agreed": agreed, "unit": ""}

    client.post("/register", data=form)

    (event,) = events()
    key = derive_name_key(client.application.config["SECRET_KEY"])
    (row,) = changes_of(event, "registrations")
    assert (event.actor, event.team_id, row["after"]["name"]) == (
        "visitor",
        cast.detachment.id,
        check_name("孙八", key),
    )
    assert "13812345678" not in str(event.changes)
    assert row["after"]["phone_sealed"] == "changed"


def test_an_import_written_by_its_own_process_is_the_act_of_who_began_it(
    app: Flask, cast: Cast, now: datetime
) -> None:
    from tests.services.test_imports import KEYS, RULES, csv, stage
    from volunteer.imports import _act_for_who_imports
    from volunteer.services.import_work import work_on
    from volunteer.services.imports import begin_writing

    rows = [(f"Y{one:03}", "周九", "", "FD01", "") for one in range(3)]
    import_id = stage(csv(*rows), cast.bob, [cast.detachment.id])
    begin_writing(import_id, cast.bob.id, [cast.detachment.id], now)

    _act_for_who_imports(import_id)
    work_on(import_id, RULES[ImportKind.MEMBERS], KEYS, lambda: now)

    event = events()[0]
    made = changes_of(event, "members")
    assert (event.act, event.admin_id) == ("admin.import", cast.bob.id)
    assert [one["after"]["volunteer_no"] for one in made] == ["Y000", "Y001", "Y002"]
    assert "周九" not in str(event.changes)


def test_a_server_that_starts_on_a_database_that_can_be_changed_cries_out(app: Flask, now: datetime) -> None:
    from tests.services.test_append_only import BROKEN, _break
    from volunteer.gunicorn import _cry_out
    from volunteer.services.append_only import restore_triggers

    said: list[str] = []
    log = SimpleNamespace(critical=lambda text, *values: said.append(text % values))
    worker = SimpleNamespace(wsgi=app, log=log)
    _cry_out(worker)
    assert said == []

    _break(*BROKEN[0])
    _cry_out(worker)
    restore_triggers(now)

    assert len(said) == 1
    assert "scans_no_update" in said[0]


def test_a_long_row_of_small_changes_is_told_in_part_and_counted(cast: Cast, bob_acts: None) -> None:
    with transaction():
        db.session.add_all(Unit(name=f"单位{one}") for one in range(70))
    with transaction():
        ids = list(db.session.execute(select(Unit.id).where(Unit.name.like("单位%"))).scalars())
        for one in ids:
            db.session.execute(update(Unit).where(Unit.id == one).values(party_branch="一支部"))

    made, changed = events()
    assert (len(made.changes), made.changes[-1]["rows"]) == (51, 20)
    assert [one["after"] for one in changed.changes[:50]] == [{"party_branch": "一支部"}] * 50
    assert changed.changes[50:] == [
        {"table": "units", "kind": "update", "rows": 20, "columns": ["party_branch"]}
    ]


def test_what_only_ticks_is_no_act(cast: Cast, bob_acts: None) -> None:
    with transaction():
        terminals = update(Terminal).values(pending=3)
        db.session.execute(terminals)
        db.session.get_one(Member, cast.alice.id).search_keys = "zs"

    assert events() == []


def test_a_terminal_that_enrols_stands_in_it_without_its_key(
    cast: Cast, client: FlaskClient, now: datetime
) -> None:
    code = prepare_terminal("LC", datetime.now(UTC))

    key = client.post("/api/v1/terminals/enrol", json={"code": code}).json["key"]

    (event,) = events()
    assert (event.act, event.actor, event.team_id) == ("station.enrol", "visitor", cast.detachment.id)
    assert key not in str(event.changes)
    assert changes_of(event, "terminals")[0]["after"]["key_hash"] == "changed"
