"""A correction of a member's file by somebody else: into the member's history, and told to the member."""

from collections.abc import Mapping

from volunteer.db import db
from volunteer.domain.identities import FILE_PATH
from volunteer.models.member_changes import MemberEvent
from volunteer.models.messages import Message


def note_correction(event: MemberEvent, msgid: str, params: Mapping[str, str]) -> None:
    """Add the event, and the message that says it to the member, once for this event."""
    db.session.add(event)
    db.session.flush()
    db.session.add(
        Message(
            key=f"corrected:{event.id}",
            member_id=event.member_id,
            sentence={"msgid": msgid, "params": dict(params)},
            path=FILE_PATH,
            sent_at=event.at,
        )
    )
