"""Privacy notices: a new version is published and shown to every member; none is ever changed."""

from collections.abc import Mapping
from datetime import datetime

from volunteer.db import db, transaction
from volunteer.domain.cells import tidy_text
from volunteer.domain.members import require_length
from volunteer.domain.notices import LONGEST_NOTICE_CONTACT, clean_sections
from volunteer.models.duty_days import Setting
from volunteer.models.notices import NoticeReading, PrivacyNotice
from volunteer.queries.notices import CONTACT_SETTING, get_current_notice


def publish_notice(typed: Mapping[str, Mapping[str, str]], admin_id: int, now: datetime) -> int:
    """Put these texts in force as the next version, and give its number."""
    with transaction():
        current = get_current_notice()
        notice = PrivacyNotice(
            version=current.version + 1,
            sections=clean_sections(typed, current),
            published_at=now,
            published_by_id=admin_id,
        )
        db.session.add(notice)
        db.session.flush()
    return notice.version


def note_reading(member_id: int, now: datetime) -> None:
    """The member has opened the version that is in force."""
    with transaction():
        version = get_current_notice().version
        read = db.session.get(NoticeReading, member_id)
        if read is None or read.version < version:
            db.session.merge(NoticeReading(member_id=member_id, version=version, read_at=now))


def set_privacy_contact(text: str) -> None:
    """Whom people write to about their data; every version of the notice shows it."""
    contact = require_length(tidy_text(text), LONGEST_NOTICE_CONTACT)
    with transaction():
        db.session.merge(Setting(name=CONTACT_SETTING, value=contact))
