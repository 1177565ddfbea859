"""Two admins at the same instant: one nomination, and one judgement."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

from flask import Flask

from tests.conftest import Cast
from tests.web.stars import as_person, brigade_judge, nominations, old_hand, rule_of
from volunteer.db import db
from volunteer.domain.nominations import Actor
from volunteer.domain.refusals import Refusal
from volunteer.models.members import Admin
from volunteer.services.nominations import nominate
from volunteer.services.star_judgements import approve, reject

NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


def at_once(app: Flask, *acts: Callable[[], object]) -> list[str]:
    """Do these at the same instant; of each what the rules said, or nothing."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        with app.app_context():
            barrier.wait(timeout=30)
            try:
                act()
            except Refusal as refusal:
                return refusal.code
            finally:
                db.session.remove()
        return ""

    db.session.remove()
    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def acting(app: Flask, cast: Cast, admin: Admin) -> Actor:
    scope = frozenset([cast.brigade.id, cast.detachment.id, cast.other.id])
    return Actor(admin.id, scope, True, NOW, app.config["TIMEZONE"])


def test_two_admins_nominate_the_same_member_and_it_is_one_nomination(app: Flask, cast: Cast) -> None:
    admins = [as_person(cast.bob, "A091"), brigade_judge(cast, "dora", "A090")]
    old_hand("A010", "李四", 400)
    rule, actors = rule_of(1).id, [acting(app, cast, admin) for admin in admins]

    said = at_once(app, *(lambda one=one: nominate(["A010"], rule, "很好", one) for one in actors))

    assert sorted(said) == ["", "star_nominated_already"]
    assert [one.state for one in nominations()] == ["proposed"]


def test_one_judge_grants_and_another_refuses_and_only_one_of_them_is_heard(app: Flask, cast: Cast) -> None:
    admins = [brigade_judge(cast, "dora", "A090"), brigade_judge(cast, "erin", "A092")]
    old_hand("A010", "李四", 400)
    nominator = acting(app, cast, as_person(cast.bob, "A091"))
    dora, erin = (acting(app, cast, admin) for admin in admins)
    (made,) = nominate(["A010"], rule_of(1).id, "很好", nominator).done

    said = at_once(app, lambda: approve([made], "", dora), lambda: reject(made, "再议", erin))

    assert sorted(said) == ["", "nomination_decided"]
    (one,) = nominations()
    assert (one.state, one.judged_by_id) == (
        ("approved", dora.admin_id) if said[0] == "" else ("rejected", erin.admin_id)
    )
