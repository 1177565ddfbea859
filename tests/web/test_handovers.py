"""A team goes, and nothing that waits at it is stranded: that goes to its heir; its past stays its own."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import Cast
from tests.web.sides import row
from tests.web.test_activities import FORM, publish
from tests.web.test_member_changes import MOVE, post, text
from tests.web.test_registrations import ask, only, state_of
from volunteer.db import db
from volunteer.domain.teams import TeamLevel
from volunteer.models.activities import Activity
from volunteer.models.card_events import CardBatch
from volunteer.models.certificates import CertificateBatch
from volunteer.models.columns import Base
from volunteer.models.imports import Import
from volunteer.models.member_changes import Transfer
from volunteer.models.members import Admin
from volunteer.models.reviews import ReviewItem
from volunteer.models.teams import Team
from volunteer.queries.handovers import waiting_places
from volunteer.services.teams import TeamPlan, found_team

SignIn = Callable[[object], FlaskClient]
MERGE = "/admin/teams/ZD03/merge?to=FD02"
END = "/admin/teams/ZD03/end?to=none"
# What becomes of the other columns that name a team when that team goes.
MOVED_BY_THEMSELVES = {"members.team_id", "stations.team_id", "teams.parent_id"}
REFUSED_WHILE_THERE = {"admins.team_id", "appointments.team_id", "card_batches.team_id"}
REFUSED_WHILE_THERE |= {"certificate_batches.team_id", "imports.team_id"}
HISTORY = {"teams.successor_id", "team_spans.team_id", "team_spans.parent_id", "member_teams.team_id"}
HISTORY |= {"ledger_entries.team_id", "team_totals.team_id", "audit_samples.team_id"}


@pytest.fixture
def third(cast: Cast) -> Team:
    """A detachment without people, next to those of bob and charlie."""
    return found_team(TeamPlan("ZD03", "第三分队", TeamLevel.DETACHMENT), cast.brigade.id, date(2026, 9, 1))


def waiting_transfer() -> int:
    statement = select(Transfer.id).where(Transfer.state == "proposed")
    return db.session.execute(statement).scalar_one()


def open_review(cast: Cast, team: Team) -> int:
    """Something at alice's station that waits for this team's eyes."""
    links = {"teams": team.id, "members": cast.alice.id}
    kind = {"kind": "quarantined", "key": "quarantined:1", "level": "none", "state": "open"}
    return row(ReviewItem, links, **kind, params={"scans": 1}, rows={}).id


def test_what_waits_at_a_merged_team_waits_at_its_heir(
    client: FlaskClient, sign_in: SignIn, cast: Cast, third: Team, brigade_admin: Admin
) -> None:
    code = ask(client, team="ZD03")
    post(sign_in(cast.bob), "/admin/members/A001/transfer", **MOVE | {"team": "ZD03"})
    dora = sign_in(brigade_admin)
    activity = dora.post("/admin/activities/new", data=FORM | {"team": "ZD03"}).location
    review = open_review(cast, third)

    asked = text(dora, MERGE)
    dora.post(MERGE)

    assert "加入申请 1 份，调动 1 次，没有结束的活动 1 个，待审核 1 条" in asked
    charlie = sign_in(cast.charlie)
    assert "李四" in text(charlie, "/admin/registrations")
    assert "从第一分队调到第二分队" in text(charlie, "/admin/transfers")
    assert {charlie.get(path).status_code for path in (activity, f"/admin/reviews/{review}")} == {200}
    assert "已接收，调动生效" in post(charlie, f"/admin/transfers/{waiting_transfer()}/accept")
    charlie.post(f"/admin/registrations/{only().id}", data={"decision": "approve", "volunteer_no": "C009"})
    assert "志愿者编号是 C009" in state_of(client, code)
    assert {"C009", "A001"} <= set(re.findall(r"/admin/members/(\w+)", text(charlie, "/admin/members")))


def test_a_team_at_which_nothing_waits_is_merged_without_a_word_about_it(
    sign_in: SignIn, cast: Cast, third: Team, brigade_admin: Admin
) -> None:
    assert "还没有办完的事" not in text(sign_in(brigade_admin), MERGE)


def test_what_is_over_stays_with_the_merged_team(
    client: FlaskClient, sign_in: SignIn, cast: Cast, third: Team, brigade_admin: Admin
) -> None:
    ask(client, team="ZD03")
    refusal = {"decision": "reject", "reply": "人已满"}
    sign_in(brigade_admin).post(f"/admin/registrations/{only().id}", data=refusal)
    over = datetime.now(UTC) - timedelta(days=2)
    held = publish(cast, team_id=third.id, starts_at=over, ends_at=over + timedelta(hours=2)).id
    called_off = publish(cast, team_id=third.id, state="cancelled", cancel_reason="雨").id

    sign_in(brigade_admin).post(MERGE)

    assert only().team_id == third.id
    teams = [db.session.get_one(Activity, one).team_id for one in (held, called_off)]
    assert teams == [third.id, third.id]
    assert sign_in(cast.charlie).get(f"/admin/activities/{held}").status_code == 404
    assert sign_in(brigade_admin).get(f"/admin/activities/{held}").status_code == 200


def test_a_transfer_between_two_teams_that_become_one_waits_no_more(
    sign_in: SignIn, cast: Cast, third: Team, brigade_admin: Admin
) -> None:
    post(sign_in(cast.bob), "/admin/members/A001/transfer", **MOVE | {"team": "ZD03"})

    sign_in(brigade_admin).post("/admin/teams/ZD03/merge?to=FD01")

    bob = sign_in(cast.bob)
    assert "没有等对方接收的调动" in text(bob, "/admin/transfers")
    assert "等对方队伍接收后生效" in post(bob, "/admin/members/A001/transfer", **MOVE)


def test_what_a_merged_team_proposed_its_heir_can_take_back(
    sign_in: SignIn, cast: Cast, third: Team, brigade_admin: Admin
) -> None:
    post(sign_in(cast.bob), "/admin/members/A001/transfer", **MOVE)
    db.session.get_one(Admin, cast.bob.id).is_active = False
    db.session.commit()

    sign_in(brigade_admin).post("/admin/teams/FD01/merge?to=ZD03")

    heir = Admin(
        username="eve", name="伊芙", team_id=third.id, password_hash=brigade_admin.password_hash,
        created_at=brigade_admin.created_at,
    )  # fmt: skip
    db.session.add(heir)
    db.session.commit()
    eve = sign_in(heir)
    assert "从第三分队调到第二分队" in text(eve, "/admin/transfers")
    assert "已撤回" in post(eve, f"/admin/transfers/{waiting_transfer()}/withdraw")


def test_without_an_heir_what_waits_goes_to_the_team_above(
    client: FlaskClient, sign_in: SignIn, cast: Cast, third: Team, brigade_admin: Admin
) -> None:
    ask(client, team="ZD03")

    asked = text(sign_in(brigade_admin), END)
    done = sign_in(brigade_admin).post(END)

    assert "加入申请 1 份" in asked
    assert (done.location, only().team_id) == ("/admin/teams/ZD03", cast.brigade.id)
    approved = sign_in(brigade_admin).post(f"/admin/registrations/{only().id}", data={"decision": "approve"})
    assert approved.location.startswith("/admin/members/")


@pytest.mark.parametrize("model", [CardBatch, CertificateBatch, Import])
def test_a_team_for_which_work_is_going_on_is_not_dissolved_meanwhile(
    sign_in: SignIn, cast: Cast, third: Team, brigade_admin: Admin, model: type[Base]
) -> None:
    links = {"teams": third.id, "admins": cast.bob.id}
    more = {"kind": "members", "state": "writing"} if model is Import else {"finished_at": None}
    work = row(model, links, **more)

    refused = sign_in(brigade_admin).post(MERGE)
    work.state, work.finished_at = "done", datetime.now(UTC)
    db.session.commit()

    assert (refused.status_code, "请几分钟后再试" in refused.text) == (422, True)
    assert sign_in(brigade_admin).post(MERGE).location == "/admin/teams/ZD03"


def test_a_list_prepared_for_a_team_that_is_gone_is_written_nowhere(
    sign_in: SignIn, cast: Cast, third: Team, brigade_admin: Admin
) -> None:
    dora, links = sign_in(brigade_admin), {"teams": third.id, "admins": cast.bob.id}
    kept = {"kind": "members", "state": "ready", "scope": [third.id], "sealed_samples": b""}
    prepared = row(Import, links, **kept).id
    dora.post(MERGE)

    answer = dora.post(f"/admin/imports/{prepared}/write")

    assert (answer.status_code, "“第三分队”已撤销，不能再有人加入" in answer.text) == (422, True)


def test_of_every_column_that_names_a_team_it_is_said_what_becomes_of_it(now: datetime) -> None:
    waiting = {
        f"{column.class_.__tablename__}.{column.key}"
        for places in waiting_places(now).values()
        for column, _ in places
    }
    naming = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "teams" for key in column.foreign_keys)
    }

    assert naming == waiting | MOVED_BY_THEMSELVES | REFUSED_WHILE_THERE | HISTORY
