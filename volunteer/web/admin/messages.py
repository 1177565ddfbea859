"""The admin's own messages."""

from flask import g
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.roles import Capability
from volunteer.web.admin import admin
from volunteer.web.admin.guards import needs
from volunteer.web.messages import follow_message, read_messages, show_messages


@admin.get("/messages")
@needs(Capability.READ_MESSAGES)
def messages() -> str:
    """The inbox, the newest first."""
    return show_messages(g.admin)


@admin.post("/messages/<int:message_id>/open")
@needs(Capability.OWN_ACCOUNT)
def open_own_message(message_id: int) -> AnyResponse:
    """Mark one as read and go where it leads."""
    return follow_message(g.admin, message_id)


@admin.post("/messages/read-all")
@needs(Capability.OWN_ACCOUNT)
def read_all_messages() -> AnyResponse:
    """Mark all as read."""
    return read_messages(g.admin, "admin.messages")
