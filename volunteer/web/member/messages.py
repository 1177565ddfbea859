"""The member's own messages."""

from flask import g
from werkzeug.wrappers import Response as AnyResponse

from volunteer.web.member import member
from volunteer.web.messages import follow_message, read_messages, show_messages


@member.get("/messages")
def messages() -> str:
    """The inbox, the newest first."""
    return show_messages(g.member)


@member.post("/messages/<int:message_id>/open")
def open_message(message_id: int) -> AnyResponse:
    """Mark one as read and go where it leads."""
    return follow_message(g.member, message_id)


@member.post("/messages/read-all")
def read_all() -> AnyResponse:
    """Mark all as read."""
    return read_messages(g.member, "member.messages")
