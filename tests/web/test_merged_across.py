"""A person whose rows lie in two teams: an admin of one reads and erases nothing that the other holds."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.consents import Purpose
from volunteer.domain.erasures import ErasurePart
from volunteer.domain.merge_refusals import MergedElsewhere
from volunteer.models.consents import Consent
from volunteer.models.erasures import ErasureRequest
from volunteer.models.members import Admin, Member
from volunteer.models.people import MemberContact
from volunteer.services.consents import record_paper_consent
from volunteer.services.erasures import ask_erasure, decide_erasure
from volunteer.services.members import add_member
from volunteer.services.merges import Judge, merge_members

SignIn = Callable[[object], FlaskClient]
PHONE = "13900005678"
AWAY, KEPT = "/admin/members/A001", "/admin/members/C001"
PAPER = {"purpose": "contact", "decision": "withdrawn", "decided_on": "2026-03-05", "confirmed": "yes"}


@pytest.fixture
def kept(cast: Cast, sign_in: SignIn, brigade_admin: Admin, now: datetime) -> Member:
    """alice, of bob's team, was merged into a row of charlie's team, which has a telephone."""
    kept = add_member("C001", "张三丰", "FD02", now)
    form = {"kind": "phone", "value": PHONE, "note": ""}
    sign_in(cast.charlie).post(f"{KEPT}/file/contacts", data=form)
    scope = frozenset({cast.detachment.id, cast.other.id})
    merge_members("C001", "A001", "同一个人", Judge(brigade_admin.id, scope, now, now.date()))
    return kept


def count(table: type) -> int:
    """How many rows the table holds."""
    db.session.rollback()
    return db.session.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.mark.parametrize("page", ["/data", "/data.json", "/data.pdf"])
def test_the_own_data_are_not_read_through_a_row_that_was_merged_away(
    kept: Member, cast: Cast, sign_in: SignIn, page: str
) -> None:
    response = sign_in(cast.bob).get(AWAY + page)

    assert response.status_code == 422
    assert "已经并入另一份" in response.text
    for foreign in ("张三丰", "C001", PHONE):
        assert foreign not in response.text


def test_the_file_of_the_kept_row_is_made_only_by_who_has_every_row(
    kept: Member, cast: Cast, sign_in: SignIn, brigade_admin: Admin
) -> None:
    for kind in ("json", "pdf"):
        refused = sign_in(cast.charlie).get(f"{KEPT}/data.{kind}")
        assert refused.status_code == 422
        assert "请由上级队伍办理" in refused.text

    whole = sign_in(brigade_admin).get(f"{KEPT}/data.json")

    rows = json.loads(whole.data)["data"]["members"]
    assert {row["volunteer_no"] for row in rows} == {"C001", "A001"}


def test_no_erasure_is_asked_for_at_the_desk_on_a_row_that_was_merged_away(
    kept: Member, cast: Cast, sign_in: SignIn
) -> None:
    asked = sign_in(cast.bob).post(f"{AWAY}/data", data={"part": ["contacts"], "reason": "x"})

    assert asked.status_code == 422
    assert count(ErasureRequest) == 0


def test_a_request_that_waited_before_the_merge_erases_nothing_of_the_other_team(
    kept: Member, cast: Cast, sign_in: SignIn, brigade_admin: Admin, now: datetime
) -> None:
    ask_erasure(cast.alice.id, [ErasurePart.CONTACTS], "", now)
    page = f"/admin/erasures/{db.session.execute(select(ErasureRequest.id)).scalar_one()}"
    form = {"decision": "granted", "reply": ""}

    refused = sign_in(cast.bob).post(page, data=form)
    left = count(MemberContact)
    sign_in(brigade_admin).post(page, data=form)

    assert refused.status_code == 422
    assert "请由上级队伍办理" in refused.text
    assert (left, count(MemberContact)) == (1, 0)


@pytest.mark.parametrize("confirmed", ["", "yes"])
def test_a_withdrawal_on_paper_on_a_row_that_was_merged_away_erases_nothing(
    kept: Member, cast: Cast, sign_in: SignIn, confirmed: str
) -> None:
    response = sign_in(cast.bob).post(f"{AWAY}/consents", data=PAPER | {"confirmed": confirmed})

    assert response.status_code == 422
    assert "已经并入另一份" in response.text
    assert (count(MemberContact), count(Consent)) == (1, 0)


@pytest.mark.parametrize("confirmed", ["", "yes"])
def test_a_withdrawal_on_paper_erases_only_where_every_row_is_the_admins(
    kept: Member, cast: Cast, sign_in: SignIn, brigade_admin: Admin, confirmed: str
) -> None:
    refused = sign_in(cast.charlie).post(f"{KEPT}/consents", data=PAPER | {"confirmed": confirmed})
    left = count(MemberContact)
    sign_in(brigade_admin).post(f"{KEPT}/consents", data=PAPER)

    assert refused.status_code == 422
    assert "请由上级队伍办理" in refused.text
    assert (left, count(MemberContact)) == (1, 0)


def test_the_services_themselves_erase_nothing_outside_the_scope(
    kept: Member, cast: Cast, now: datetime
) -> None:
    ask_erasure(kept.id, [ErasurePart.CONTACTS], "", now)
    request_id = db.session.execute(select(ErasureRequest.id)).scalar_one()
    scope, day = [cast.other.id], now.date()

    with pytest.raises(MergedElsewhere):
        decide_erasure(request_id, cast.charlie.id, "", now, is_granted=True, scope=scope)
    with pytest.raises(MergedElsewhere):
        record_paper_consent(
            kept.id, Purpose.CONTACT, day, cast.charlie.id, "", now, day, is_given=False, scope=scope
        )

    assert count(MemberContact) == 1


def test_who_withdraws_with_a_merged_row_is_a_task_of_the_kept_rows_team(
    kept: Member, cast: Cast, sign_in: SignIn
) -> None:
    form = {"purpose": "recording", "confirmed": "yes"}
    sign_in(cast.alice).post("/me/consents/withdrawn", data=form)

    client = sign_in(cast.charlie)

    assert "C001" in client.get("/admin/consents/withdrawn").text
    assert "张三丰（C001）撤回了" in client.get("/admin/messages").text
    member_ids = db.session.execute(select(Consent.member_id).order_by(Consent.id)).scalars().all()
    assert member_ids == [cast.alice.id, kept.id]
