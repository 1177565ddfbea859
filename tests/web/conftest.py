"""An admin of the whole brigade, and a hand that holds alice's card to the station's terminal."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from flask import Flask

from tests.conftest import PASSWORD_HASH, Cast, installation
from volunteer.db import db
from volunteer.domain.cards import CardKeys
from volunteer.domain.scans import Medium, Reading
from volunteer.models.members import Admin
from volunteer.services.scans import take_scans


@pytest.fixture
def brigade_admin(cast: Cast, now: datetime) -> Admin:
    """An admin who sees every team."""
    admin = Admin(
        username="dora", name="朵拉", team_id=cast.brigade.id, password_hash=PASSWORD_HASH, created_at=now
    )
    db.session.add(admin)
    db.session.commit()
    return admin


@pytest.fixture
def hold(app: Flask, cast: Cast) -> Callable[[datetime], None]:
    """Hold alice's card to the terminal at an instant."""

    def hold_card(at: datetime, token: str | None = None) -> None:
        reading = Reading(uuid4(), token or cast.token, Medium.QR, at, None)
        answer = take_scans(cast.sender, [reading], installation(app), at)[0]
        assert answer.status == "accepted"

    return hold_card


@pytest.fixture
def keys(app: Flask) -> CardKeys:
    """The keys behind the cards of this installation."""
    return installation(app).keys
