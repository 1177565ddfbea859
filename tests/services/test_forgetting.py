"""What the privacy notice promises to delete by itself is deleted, and in the time that it names."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.conftest import Cast
from volunteer.db import db
from volunteer.domain.imports import KEEP
from volunteer.domain.jobs import JobName
from volunteer.domain.notices import SHIPPED, Section
from volunteer.domain.registrations import FORGOTTEN_AFTER, RegistrationState
from volunteer.jobs import run_job
from volunteer.models.registrations import Registration

ZONE = ZoneInfo("Asia/Shanghai")


def applicant(cast: Cast, name: str, state: RegistrationState, decided_at: datetime | None) -> None:
    """A request to join alice's team in this state."""
    is_member = state is RegistrationState.APPROVED
    db.session.add(
        Registration(
            name=name,
            team_id=cast.detachment.id,
            phone_hash=name * 8,
            phone_ending="1234",
            consent="",
            code_hash=name * 16,
            state=state,
            member_id=cast.alice.id if is_member else None,
            created_at=datetime(2020, 1, 1, tzinfo=ZONE),
            decided_at=decided_at,
        )
    )
    db.session.commit()


def test_who_was_not_taken_in_is_forgotten_after_the_time_that_the_notice_names(
    cast: Cast, now: datetime
) -> None:
    long_ago, lately = (
        now - FORGOTTEN_AFTER - timedelta(seconds=1),
        now - FORGOTTEN_AFTER + timedelta(hours=1),
    )
    applicant(cast, "过期", RegistrationState.REJECTED, long_ago)
    applicant(cast, "近日", RegistrationState.REJECTED, lately)
    applicant(cast, "成员", RegistrationState.APPROVED, long_ago)
    applicant(cast, "等待", RegistrationState.WAITING, None)

    done = run_job(JobName.APPLICANTS, now, ZONE)

    assert done == 1
    assert set(db.session.execute(select(Registration.name)).scalars()) == {"近日", "成员", "等待"}
    assert run_job(JobName.APPLICANTS, now + timedelta(hours=2), ZONE) == 0
    assert run_job(JobName.APPLICANTS, now + timedelta(days=1), ZONE) == 1


@pytest.mark.parametrize(("language", "unit"), [("zh", "天"), ("en", "days")])
def test_the_notice_names_the_days_that_the_jobs_keep_to(language: str, unit: str) -> None:
    period = SHIPPED.read(Section.PERIOD, language)

    for kept in (FORGOTTEN_AFTER, KEEP):
        assert f" {kept.days} {unit}" in period
