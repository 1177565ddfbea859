"""Every route of the admins × every role × own and foreign things, drawn from the routes themselves."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.conftest import PASSWORD_HASH, Cast
from tests.web.sides import NOW, Side, make_side
from volunteer.db import db
from volunteer.domain.roles import Capability, Role, may
from volunteer.models.admins import Appointment
from volunteer.models.columns import Base
from volunteer.models.members import Admin

SignIn = Callable[[object], FlaskClient]
# Role, whether at the brigade, squadron or detachment of "ours", and what else is said of the appointment.
ROLES = {
    "brigade": (Role.TEAM_ADMIN, "brigade", {}),
    "squadron": (Role.TEAM_ADMIN, "squadron", {}),
    "detachment": (Role.TEAM_ADMIN, "detachment", {}),
    "deputy": (Role.TEAM_ADMIN, "detachment", {"is_deputy": True}),
    "station_leader": (Role.STATION_LEADER, "station", {}),
    "auditor": (Role.AUDITOR, "squadron", {}),
    "system_admin": (Role.SYSTEM_ADMIN, "squadron", {}),
}
# What everybody may do with the own account and nobody with another's.
ABOUT_ONESELF = {Capability.SIGN_IN, Capability.OWN_ACCOUNT}
# Arguments that name no thing of anybody's.
FREE = {"month": "2026-12", "day": "2026-09-01", "number": 1, "rule_id": 1, "policy_id": 1}
# Kept by a run of the program, not by a team: nobody's until somebody prints.
NOBODYS = {"run_id": "x" * 22}
# What a form must hold to be read at all before the thing is looked for.
FORMS = {"admin.mark_participant": {"state": "declined"}}
# Written by reading or signing in, whoever does it.
KEPT_ASIDE = {"sign_ins", "attempts"}


@dataclass
class World:
    """Both sides, and a person of the role."""

    ours: Side
    theirs: Side
    person: Admin


@pytest.fixture
def world(app: Flask, cast: Cast) -> Callable[[str], World]:
    """Both sides, with somebody of this role on ours."""

    def make(name: str) -> World:
        ours, theirs = (make_side(app, cast.brigade, mark) for mark in ("71", "72"))
        role, level, more = ROLES[name]
        return World(ours, theirs, appoint(ours, cast, role, level, **more))

    return make


def appoint(side: Side, cast: Cast, role: Role, level: str, **more: object) -> Admin:
    team = {"brigade": cast.brigade, "squadron": side.squadron}.get(level, side.detachment)
    station_id = None
    if level == "station":
        station_id = station_id_of(side)
    place = {"station_id": station_id} if station_id else {"team_id": team.id}
    person = Admin(
        username="person",
        name="本人",
        team_id=team.id,
        password_hash=PASSWORD_HASH,
        created_at=NOW,
        appointments=[Appointment(role=role, appointed_at=NOW, **place, **more)],
    )
    db.session.add(person)
    db.session.commit()
    return person


def station_id_of(side: Side) -> int:
    from volunteer.queries.stations import get_station

    return get_station(side.values["stations/code"]).id


def routes(app: Flask) -> Iterator[tuple[Rule, str, Capability]]:
    """Every rule of the admins with each of its methods and what the view needs."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("admin."):
            view = app.view_functions[rule.endpoint]
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, view.needs


def things(rule: Rule) -> list[str]:
    """The arguments that name something that belongs to somebody."""
    return [
        name
        for name in sorted(rule.arguments)
        if name not in FREE and type(rule._converters[name]).__name__ != "AnyConverter"
    ]


def address(app: Flask, rule: Rule, side: Side, foreign: Side | None = None, swapped: str = "") -> str:
    """The rule's address with the side's things; ``swapped`` is taken from the foreign side."""
    values = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if type(converter).__name__ == "AnyConverter":
            values[name] = sorted(converter.items)[-1]
        elif name in FREE:
            values[name] = FREE[name]
        else:
            values[name] = value_of(foreign if foreign and name == swapped else side, rule, name)
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def value_of(side: Side, rule: Rule, name: str) -> object:
    folder = rule.rule.split("/")[2]
    for key in (f"{folder}/{name}", name):
        if key in side.values:
            return side.values[key]
    if name in NOBODYS:
        return NOBODYS[name]
    return pytest.fail(
        f"{rule.rule}: there is no own and no foreign <{name}> to try it with. "
        f"Add it to the values in tests/web/sides.py (as '{name}' or '{folder}/{name}')."
    )


def ask(browser: FlaskClient, path: str, method: str = "GET", form: dict[str, str] | None = None) -> int:
    """The status of the answer; 500 where the view fails, which the test client would raise."""
    try:
        return browser.open(path, method=method, data=form, buffered=True).status_code
    except Exception:
        logging.exception("%s %s", method, path)
        db.session.rollback()
        return 500


def digests() -> dict[str, str]:
    """What stands in every table, as one digest each."""
    db.session.rollback()
    return {
        table.name: sha256(
            "\n".join(sorted(repr(tuple(row)) for row in db.session.execute(select(table)))).encode()
        ).hexdigest()
        for table in Base.metadata.sorted_tables
        if table.name not in KEPT_ASIDE
    }


def changed(before: dict[str, str]) -> list[str]:
    after = digests()
    return [name for name, digest in before.items() if after[name] != digest]


@pytest.mark.parametrize("name", ROLES)
def test_what_a_role_may_not_do_is_403_and_what_is_foreign_is_404_and_neither_changes_anything(
    app: Flask, sign_in: SignIn, world: Callable[[str], World], name: str
) -> None:
    here = world(name)
    role, level, more = ROLES[name]
    browser, before, wrong = sign_in(here.person), digests(), []
    for rule, method, capability in routes(app):
        if capability is Capability.SIGN_IN:
            continue
        if not may([role], capability, is_deputy=bool(more)):
            asked = [(address(app, rule, side), 403) for side in (here.ours, here.theirs)]
        elif level == "brigade" and capability not in ABOUT_ONESELF:
            continue  # nothing of the brigade is foreign to it
        else:
            asked = [(address(app, rule, here.ours, here.theirs, one), 404) for one in things(rule)]
            asked += [(address(app, rule, here.theirs), 404)] if things(rule) else []
        for path, expected in asked:
            if (status := ask(browser, path, method, FORMS.get(rule.endpoint))) != expected:
                wrong.append((method, path, status, expected))

    assert not wrong, "\n".join(map(str, wrong))
    assert changed(before) == []


@pytest.mark.parametrize("name", ROLES)
def test_what_a_role_may_do_with_own_things_opens(
    app: Flask, sign_in: SignIn, world: Callable[[str], World], name: str
) -> None:
    here = world(name)
    role, level, more = ROLES[name]
    browser, wrong = sign_in(here.person), []
    for rule, method, capability in routes(app):
        if method != "GET" or not may([role], capability, is_deputy=bool(more)):
            continue
        path = address(app, rule, here.ours)
        status = ask(browser, path)
        if status == 404 and (
            capability in ABOUT_ONESELF or rule.endpoint in ABSENT or set(things(rule)) & set(NOBODYS)
        ):
            continue
        if status == 404 and level != "brigade" and rule.endpoint in BRIGADES:
            continue
        if status == 404 and level == "station" and things(rule) and not rule.rule.startswith(STATIONS):
            continue
        if status in (403, 404, 500):
            wrong.append((path, status))

    assert not wrong, "\n".join(map(str, wrong))


STATIONS = ("/admin/stations", "/admin/terminals")
# Decided by the brigade's admins only; for everybody else they do not exist.
BRIGADES = {
    "admin.notices",
    "admin.privacy_contact",
    "admin.certificate_settings",
    "admin.correction_settings",
    "admin.close_settled_day",
    "admin.export_ledger",
    "admin.new_unit",
    "admin.confirm_day",
    "admin.move_day",
    "admin.cancel_day",
    "admin.new_star_rules",
    "admin.change_star_rule",
    "admin.retire_star_rule",
    "admin.revoke_star",
    "admin.new_policy",
    "admin.rename_category",
    "admin.end_category",
}
# Of the things on a side, these pages need another state than the one they are made in.
ABSENT = {
    "admin.sample_entry",
    "admin.correction_evidence",
    "admin.evidence",
    "admin.import_row",
    "admin.unmerge",
}


@pytest.mark.parametrize("name", ROLES)
def test_an_empty_form_about_own_things_is_answered_and_never_fails(
    app: Flask, sign_in: SignIn, world: Callable[[str], World], name: str
) -> None:
    here = world(name)
    role, _, more = ROLES[name]
    wrong = []
    for rule, method, capability in routes(app):
        if method == "GET" or not may([role], capability, is_deputy=bool(more)):
            continue
        path = address(app, rule, here.ours)
        status = ask(sign_in(here.person), path, method)
        if status in (403, 500):
            wrong.append((method, path, status))

    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("name", ROLES)
def test_no_page_offers_what_the_role_may_not_do(
    app: Flask, sign_in: SignIn, world: Callable[[str], World], name: str
) -> None:
    here = world(name)
    role, _, more = ROLES[name]
    browser, wrong = sign_in(here.person), []
    for rule, method, capability in routes(app):
        if method != "GET" or not may([role], capability, is_deputy=bool(more)):
            continue
        answer = browser.get(address(app, rule, here.ours), buffered=True)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            for offered, needed in offers(app, answer.text):
                if not may([role], needed, is_deputy=bool(more)):
                    wrong.append((answer.request.path, offered, str(needed)))

    assert not wrong, "\n".join(map(str, wrong))


def offers(app: Flask, page: str) -> Iterator[tuple[str, Capability]]:
    """The admins' addresses that a page links to or sends forms to, with what each needs."""
    adapter = app.url_map.bind("localhost")
    for link, action in set(re.findall(r'href="(/admin[^"#?]*)|method="post" action="(/admin[^"#?]*)', page)):
        endpoint, _ = adapter.match(link or action, method="GET" if link else "POST")
        yield link or action, app.view_functions[endpoint].needs


def test_an_auditor_of_the_brigade_changes_no_row_by_any_request(
    app: Flask, sign_in: SignIn, cast: Cast, world: Callable[[str], World]
) -> None:
    here = world("auditor")
    auditor = appoint_again(here.person, cast)
    browser, before, wrong = sign_in(auditor), digests(), []
    for rule, method, capability in routes(app):
        if capability in ABOUT_ONESELF or capability is Capability.DRAW_SAMPLES:
            continue  # a sample is the auditor's own protocol and touches no hours
        path = address(app, rule, here.theirs)
        status = ask(browser, path, method)
        if method != "GET" and status != 403:
            wrong.append((method, path, status))

    assert not wrong, "\n".join(map(str, wrong))
    assert set(changed(before)) <= LOGS


# Who looked at whose file is written down, an auditor's look too.
LOGS = {"access_log", "access_log_members"}


def appoint_again(person: Admin, cast: Cast) -> Admin:
    appointment = db.session.query(Appointment).filter_by(admin_id=person.id).one()
    appointment.team_id = cast.brigade.id
    db.session.commit()
    return person


@pytest.mark.parametrize("more", [{"until_on": date(2020, 1, 1)}, {"from_on": date(2999, 1, 1)}])
def test_without_an_appointment_in_force_every_route_leads_to_the_sign_in_and_changes_nothing(
    app: Flask, sign_in: SignIn, cast: Cast, more: dict[str, object]
) -> None:
    ours = make_side(app, cast.brigade, "71")
    person = appoint(ours, cast, Role.TEAM_ADMIN, "brigade", **more)
    before, wrong = digests(), []
    for rule, method, capability in routes(app):
        if capability is not Capability.SIGN_IN:
            answer = sign_in(person).open(address(app, rule, ours), method=method, buffered=True)
            if answer.location != "/admin/sign-in":
                wrong.append((method, rule.rule, answer.status_code))

    assert not wrong, "\n".join(map(str, wrong))
    assert changed(before) == []


def test_every_route_names_what_it_needs(app: Flask) -> None:
    missing = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("admin.") and not hasattr(app.view_functions[rule.endpoint], "needs")
    ]
    assert missing == []
