"""Privacy notices: a new version is published; none is ever changed."""

from collections.abc import Mapping
from datetime import datetime

from volunteer.db import db, transaction
from volunteer.domain.cells import tidy_text
from volunteer.domain.members import require_length
from volunteer.domain.notices import LONGEST_NOTICE_CONTACT, clean_sections
from volunteer.models.duty_days import Setting
from volunteer.models.notices import PrivacyNotice
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


def set_privacy_contact(text: str) -> None:
    """Whom people write to about their data; every version of the notice shows it."""
    contact = require_length(tidy_text(text), LONGEST_NOTICE_CONTACT)
    with transaction():
        db.session.merge(Setting(name=CONTACT_SETTING, value=contact))
