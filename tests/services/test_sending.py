"""Statements sent together: in order, whatever their size, and all or nothing."""

import pytest
from flask import Flask
from sqlalchemy import bindparam, func, insert, select, text

from volunteer.db import db, send, transaction
from volunteer.domain.refusals import Collision
from volunteer.models.columns import table_of
from volunteer.models.teams import Unit

UNITS = table_of(Unit)
ADD = insert(UNITS).values(name=bindparam("new_name"), party_branch="")
COUNT = select(func.count().label("n")).select_from(UNITS)


def test_each_statement_sees_what_the_ones_before_it_did(app: Flask) -> None:
    with transaction():
        (before,), _, (after,) = send((COUNT, {}), (ADD, {"new_name": "同行单位"}), (COUNT, {}), is_last=True)

    assert after[0] == before[0] + 1
    assert db.session.execute(COUNT).scalar_one() == after[0]


def test_more_than_a_connection_holds_at_once_goes_through(app: Flask) -> None:
    length = select(func.length(bindparam("long")).label("n")).select_from(text("(SELECT 1) AS one"))
    long = "志" * 4_000_000

    with transaction():
        found = send(*[(length, {"long": long})] * 3, is_last=True)

    assert [rows[0][0] for rows in found] == [4_000_000] * 3


def test_one_that_fails_takes_all_of_them_back(app: Flask) -> None:
    count = db.session.execute(COUNT).scalar_one()
    twice = [(ADD, {"new_name": "同名单位"})] * 2

    with pytest.raises(Collision), transaction():
        send(*twice, is_last=True)

    assert db.session.execute(COUNT).scalar_one() == count
