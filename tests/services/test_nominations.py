"""Stars in the database: what it says no to, whoever sends the statement."""

from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from tests.conftest import Cast
from tests.web.stars import LONG_AGO, as_person, brigade_judge, rule_of
from volunteer.db import db
from volunteer.models.columns import table_of
from volunteer.models.stars import StarNomination, StarRule

NOMINATIONS = table_of(StarNomination)
LATER = LONG_AGO.replace(year=2026)


@pytest.fixture
def proposed(cast: Cast) -> dict[str, Any]:
    """Alice nominated by bob, with dora of the brigade to judge; as the values of a row."""
    judge = brigade_judge(cast, "dora", "A090")
    as_person(cast.bob, "A091")
    ids = {"judge": judge.id, "judge_person": judge.member_id}
    row = {
        "member_id": cast.alice.id, "rule_id": rule_of(1).id, "minutes": 6000, "state": "proposed",
        "nominated_by_id": cast.bob.id, "nominated_person_id": cast.bob.member_id,
        "nominated_at": LONG_AGO, "reason": "好", "reply": "", "document": "", "revoke_reason": "",
    }  # fmt: skip
    db.session.commit()
    return {"row": row, **ids}


def judged(proposed: dict[str, Any], **more: Any) -> dict[str, Any]:
    by = {"judged_by_id": proposed["judge"], "judged_person_id": proposed["judge_person"], "judged_at": LATER}
    return {**proposed["row"], **by, "state": "approved", **more}


def published(proposed: dict[str, Any]) -> dict[str, Any]:
    return {"published_at": LATER, "published_by_id": proposed["judge"]}


def revoked(proposed: dict[str, Any]) -> dict[str, Any]:
    return {"revoked_at": LATER, "revoked_by_id": proposed["judge"], "revoke_reason": "有误"}


def write(row: dict[str, Any]) -> None:
    db.session.execute(insert(NOMINATIONS).values(**row))
    db.session.commit()


def test_three_different_people_are_written(proposed: dict[str, Any]) -> None:
    write(judged(proposed, **published(proposed)))

    assert db.session.query(StarNomination).count() == 1


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("nominator_and_nominee", lambda one: {"nominated_person_id": one["row"]["member_id"]}),
        ("judge_and_nominee", lambda one: {"judged_person_id": one["row"]["member_id"]}),
        ("nominator_and_judge", lambda one: {"judged_person_id": one["row"]["nominated_person_id"]}),
        ("two_accounts", lambda one: {"judged_by_id": one["row"]["nominated_by_id"]}),
        ("judge", lambda one: {"judged_by_id": None, "judged_person_id": None}),
        ("judge", lambda one: {"judged_person_id": None}),
        ("judged", lambda one: {"judged_at": None}),
        ("withdrawn", lambda one: {"withdrawn_by_id": one["judge"]}),
        ("published", lambda one: {"published_at": LATER}),
        ("published", lambda one: {"state": "rejected", **published(one)}),
        ("revoked", lambda one: revoked(one)),
        ("revoked", lambda one: {**published(one), **revoked(one), "revoke_reason": ""}),
    ],
)
def test_the_database_refuses_a_star_that_not_three_people_stand_behind(
    proposed: dict[str, Any], name: str, change: Any
) -> None:
    with pytest.raises(IntegrityError, match=f"ck_star_nominations_{name}\\b"):
        write(judged(proposed, **change(proposed)))
    db.session.rollback()


def test_a_proposed_star_cannot_be_approved_by_one_statement_without_a_judge(
    proposed: dict[str, Any],
) -> None:
    write(proposed["row"])

    with pytest.raises(IntegrityError, match="ck_star_nominations_judge"):
        db.session.execute(update(NOMINATIONS).values(state="approved", judged_at=LATER))
    db.session.rollback()


def test_one_live_nomination_per_member_and_rule_and_a_new_one_after_revoking(
    proposed: dict[str, Any],
) -> None:
    write(judged(proposed, **published(proposed)))
    with pytest.raises(IntegrityError):
        write(proposed["row"])
    db.session.rollback()

    db.session.execute(update(NOMINATIONS).values(**revoked(proposed)))
    write(proposed["row"])

    assert db.session.query(StarNomination).count() == 2


@pytest.mark.parametrize(
    ("name", "change"),
    [("thresholds", {"minutes": 0}), ("stars", {"stars": 6}), ("judged_by", {"judged_by": "nobody"})],
)
def test_the_database_refuses_a_rule_that_is_none(cast: Cast, name: str, change: dict[str, Any]) -> None:
    row = {
        "scheme": "甲", "year": 2026, "stars": 1, "minutes": 60, "tenure_months": 0, "judged_by": "city",
        "is_metered_only": False, "source": "文",
    }  # fmt: skip

    with pytest.raises(IntegrityError, match=f"ck_star_rules_{name}"):
        db.session.execute(insert(table_of(StarRule)).values(**row | change))
    db.session.rollback()
