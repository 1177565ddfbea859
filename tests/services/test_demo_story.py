"""The demo's story: something waits, is decided and was refused on every page, and the ledger holds."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.conftest import installation
from tests.services.test_demo import holidays_of
from volunteer.db import db
from volunteer.demo.districts import invent_district
from volunteer.domain.audit_acts import ACTS
from volunteer.domain.imports import ImportState
from volunteer.domain.ledger import derive_seal_key
from volunteer.domain.national_ids import derive_id_keys
from volunteer.loading.district import list_steps, load_demo
from volunteer.loading.story import Story, Tools
from volunteer.models.activities import Participation
from volunteer.models.audit import AuditEvent
from volunteer.models.certificates import Certificate
from volunteer.models.corrections import Correction, Objection
from volunteer.models.erasures import ErasureRequest
from volunteer.models.imports import Import
from volunteer.models.member_changes import Transfer
from volunteer.models.members import Admin
from volunteer.models.messages import Message
from volunteer.models.registrations import Registration
from volunteer.models.reviews import ReviewItem
from volunteer.models.stars import StarNomination
from volunteer.models.training_records import Commendation, TrainingRecord
from volunteer.queries.demo import get_admin
from volunteer.queries.derivations import derive_credits, derive_records
from volunteer.queries.ledger import list_wrong_totals, read_lines
from volunteer.services.append_only import require_append_only
from volunteer.services.seals import seal_ledger
from volunteer.verify_ledger import check
from volunteer.web.certificates import draw_certificate

KEYS = derive_id_keys("a secret for tests only")


def tools(app: Flask) -> Tools:
    here, address = installation(app), "http://localhost/verify"
    return Tools(here.keys, here.zone, KEYS, bytes(32), bytes(32), draw_certificate, address)


def states(model: Any, column: Any = None) -> dict[Any, int]:
    column = column if column is not None else model.state
    return {
        state: count for state, count in db.session.execute(select(column, func.count()).group_by(column))
    }


def waiting_for(username: str) -> list[Correction]:
    """What somebody else entered for the story's detachment."""
    admin_id = get_admin(username).id
    statement = select(Correction).where(Correction.state == "proposed", Correction.entered_by_id != admin_id)
    return list(db.session.execute(statement).scalars())


def load_interrupted(app: Flask, now: datetime) -> None:
    """The second certificate is not drawn at first: the load ends there, and is begun again."""
    drawn = []

    def draw(content: Mapping[str, Any], code: str) -> bytes:
        drawn.append(code)
        if len(drawn) == 2:
            raise KeyboardInterrupt
        return draw_certificate(content, code)

    with pytest.raises(KeyboardInterrupt):
        load_demo(now, lambda _done, _total: None, replace(tools(app), draw=draw))
    load_demo(now, lambda _done, _total: None, tools(app))


def test_every_page_tells_a_story_once_and_everything_can_be_verified(
    app: Flask, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "volunteer.loading"):
        load_interrupted(app, now)

    assert caplog.messages == []
    assert set(states(Correction)) == {"asked", "proposed", "approved", "rejected", "withdrawn"}
    assert waiting_for("demo-detachment")
    assert waiting_for("demo-brigade")
    assert states(Correction, Correction.kind)["paper"] == 9
    assert states(Objection, Objection.member_id)
    assert {"open", "accepted", "rejected", "muted"} <= set(states(ReviewItem))
    assert sorted(bool(one.revoked_at) for one in rows(Certificate)) == [False, False, True, True]
    assert set(states(StarNomination)) == {"proposed", "approved", "rejected"}
    assert any(one.revoked_at for one in rows(StarNomination))
    assert sum(one.published_at is not None for one in rows(StarNomination)) == 5
    for model in (TrainingRecord, Commendation):
        assert {bool(one.voided_at) for one in rows(model)} == {False, True}
    assert states(Registration) == {"waiting": 3, "approved": 1, "rejected": 1}
    assert states(Transfer) == {"proposed": 2, "accepted": 1, "declined": 1}
    assert {"signed_up", "waiting", "on_leave", "declined"} <= set(states(Participation))
    assert states(Import) == {ImportState.READY: 1}
    assert states(ErasureRequest) == {"waiting": 1}
    assert any(one.admin_id for one in rows(Message))
    _assert_each_act_once(app, now)
    _assert_verified(app, now)


def rows(model: Any) -> list[Any]:
    return list(db.session.execute(select(model)).scalars())


def _assert_each_act_once(app: Flask, now: datetime) -> None:
    """Also though the load was interrupted; a list is brought in by several transactions."""
    story = Story(invent_district(now, installation(app).zone, holidays_of(now)), tools(app), now)
    told = Counter((one.act, one.at.astimezone(UTC)) for one in list_steps(story) if one.act)
    noted = Counter((one.act, one.at) for one in rows(AuditEvent) if not one.actor.startswith("cli:"))

    assert len(told) > 70
    assert {act for act, _at in told - noted} == set()
    assert {act for act, _at in noted - told} <= {"admin.begin_import"}


def _assert_verified(app: Flask, now: datetime) -> None:
    zone = installation(app).zone
    seal_ledger(derive_seal_key("a secret for tests only"), now)

    assert check(read_lines(), "", {}, lambda _line: None).problems == []
    assert not list_wrong_totals()
    assert [wrong for _done, wrong in derive_records(now, zone) if wrong] == []
    assert [wrong for _day, wrong in derive_credits(zone) if wrong] == []
    require_append_only()


def test_every_admin_of_the_demo_is_confirmed_as_the_own_person(app: Flask, now: datetime) -> None:
    load_demo(now, lambda _done, _total: None, tools(app), member_count=60)

    admins = rows(Admin)
    assert len(admins) == 55
    assert all(one.member_id and one.person_confirmed_at for one in admins)


@pytest.mark.parametrize("day", ["2026-01-01T16:30", "2028-02-29T04:00", "2026-11-16T00:00"])
def test_whenever_it_is_loaded_every_step_is_past_and_has_a_name(app: Flask, day: str) -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    story = Story(invent_district(at, installation(app).zone, member_count=300), tools(app), at)

    steps = list_steps(story)

    assert len(steps) > 30
    assert all(step.at < at for step in steps)
    assert {step.act for step in steps if step.act} <= set(ACTS)
    assert all(bool(step.act) or step.is_repeatable or step.member for step in steps)
