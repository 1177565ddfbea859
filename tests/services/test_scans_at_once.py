"""Two terminals, the same card, the same instant: exactly one record, each of 200 times."""

import multiprocessing
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import func, select

from tests.conftest import Cast, installation
from volunteer.db import db
from volunteer.domain.scans import Medium, Reading
from volunteer.domain.stations import TerminalKind
from volunteer.models.records import ServiceRecord
from volunteer.models.scans import StoredScan
from volunteer.services.cards import issue_card
from volunteer.services.members import add_member
from volunteer.services.scans import Sender, take_scans
from volunteer.services.terminals import enrol_terminal, prepare_terminal

TIMES = 200


def hold_all(url: str, sender: Sender, tokens: list[str], at: datetime, barrier: Any, said: Any) -> None:
    """One terminal in a process of its own: hold each card when the other does."""
    from volunteer.factory import create_app

    app = create_app(SQLALCHEMY_DATABASE_URI=url)
    outcomes = []
    with app.app_context():
        for token in tokens:
            barrier.wait(timeout=60)
            reading = Reading(uuid4(), token, Medium.QR, at, timedelta(0))
            outcomes.append(take_scans(sender, [reading], installation(app), at)[0].outcome)
        db.session.remove()
        db.engine.dispose()
    said.put(outcomes)


def test_two_terminals_at_the_same_instant_make_one_record(
    app: Flask, cast: Cast, database_url: str, now: datetime
) -> None:
    here = installation(app)
    numbers = [add_member(f"R{number:03}", "王五", "FD01", now).volunteer_no for number in range(TIMES)]
    tokens = [issue_card(number, here.keys, now)[1] for number in numbers]
    second, _ = enrol_terminal(prepare_terminal("LC", now), TerminalKind.SCANNER, None, now)
    senders = [cast.sender, Sender(second.id, second.station_id, cast.sender.direction)]
    db.session.remove()

    spawn = multiprocessing.get_context("spawn")
    barrier, said = spawn.Barrier(2), spawn.Queue()
    processes = [
        spawn.Process(target=hold_all, args=(database_url, sender, tokens, now, barrier, said))
        for sender in senders
    ]
    for process in processes:
        process.start()
    outcomes = [said.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(timeout=60)

    # The smaller id comes first: where it arrives second, the record is re-derived, never doubled.
    pairs = {tuple(sorted(pair)) for pair in zip(*outcomes, strict=True)}
    assert pairs <= {("checked_in", "double_tap"), ("checked_in", "checked_in")}
    per_member = (
        select(func.count(ServiceRecord.id))
        .where(ServiceRecord.state == "open")
        .group_by(ServiceRecord.member_id)
    )
    assert db.session.execute(per_member).scalars().all() == [1] * TIMES
    assert db.session.execute(select(func.count()).select_from(StoredScan)).scalar_one() == 2 * TIMES
