"""Privacy notices: the one in force and the older ones, which stay readable."""

from typing import Any, cast

from sqlalchemy import func, select

from volunteer.db import db
from volunteer.domain.notices import FIRST_VERSION, SHIPPED, NoticeText
from volunteer.domain.refusals import NotFound
from volunteer.models.duty_days import Setting
from volunteer.models.notices import NoticeReading, PrivacyNotice

CONTACT_SETTING = "privacy_contact"


def get_current_notice() -> NoticeText:
    """The newest version; the shipped one where none was published here."""
    statement = select(PrivacyNotice).order_by(PrivacyNotice.version.desc()).limit(1)
    found = db.session.execute(statement).scalar_one_or_none()
    return _text_of(found) if found else SHIPPED


def get_notice(version: int) -> NoticeText:
    """That version; refuses where there is none."""
    if version == FIRST_VERSION:
        return SHIPPED
    statement = select(PrivacyNotice).where(PrivacyNotice.version == version)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return _text_of(found)


def list_notices() -> list[NoticeText]:
    """Every version, newest first, the shipped one last."""
    statement = select(PrivacyNotice).order_by(PrivacyNotice.version.desc())
    return [*map(_text_of, db.session.execute(statement).scalars()), SHIPPED]


def find_unread_version(member_id: int) -> int | None:
    """The version in force where the member has not opened it yet; None where there is nothing new to read.

    The shipped one is what everybody agreed to who joined; only what came after it is news.
    """
    newest = select(func.max(PrivacyNotice.version)).scalar_subquery()
    read = select(NoticeReading.version).where(NoticeReading.member_id == member_id).scalar_subquery()
    version, was_read = db.session.execute(select(newest, read)).one()
    return version if version is not None and (was_read is None or was_read < version) else None


def find_privacy_contact() -> str:
    """Whom people write to about their data, as the brigade set it; empty before it did."""
    setting = db.session.get(Setting, CONTACT_SETTING)
    return setting.value if setting else ""


def _text_of(row: PrivacyNotice) -> NoticeText:
    return NoticeText(row.version, cast("dict[str, dict[str, Any]]", row.sections), row.published_at)
