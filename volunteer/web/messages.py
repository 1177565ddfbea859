"""The inbox, the same for members and admins."""

from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from volunteer.domain.refusals import Sentence
from volunteer.models.members import Admin, Member
from volunteer.models.messages import Message
from volunteer.queries.messages import count_unread, list_messages
from volunteer.services.messages import open_message, read_all
from volunteer.web.clock import now
from volunteer.web.dates import show_day, show_moment
from volunteer.web.forms import asked_number
from volunteer.web.languages import translate

PAGE_SIZE = 50


def show_messages(person: Admin | Member) -> str:
    """Somebody's messages, the newest first, with how many are unread."""
    page = asked_number("page", 1)
    count, rows = list_messages(person, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
    kind = "admin" if isinstance(person, Admin) else "member"
    return render_template(
        "messages/list.html",
        frame=f"{kind}/layout.html",
        kind=kind,
        rows=[(row, say(row)) for row in rows],
        count=count,
        unread=count_unread(person),
        page=page,
        pages=-(-count // PAGE_SIZE),
    )


def follow_message(person: Admin | Member, message_id: int) -> AnyResponse:
    """Mark a message as read, and go where it leads."""
    return redirect(open_message(person, message_id, now()))


def read_messages(person: Admin | Member, back: str) -> AnyResponse:
    """Mark everything as read."""
    read_all(person, now())
    flash(_("全部消息已标为已读。"))
    return redirect(url_for(back))


def say(message: Message) -> str:
    """What a message says, in the reader's language."""
    return say_stored(message.sentence)


def say_stored(stored: Any) -> str:
    """What a stored sentence says, in the reader's language."""
    params = {name: _written(name, value) for name, value in stored["params"].items()}
    return translate(Sentence(stored["msgid"], params))


def _written(name: str, value: str) -> str:
    if name.endswith("_on") and value:
        return show_day(date.fromisoformat(value))
    if name.endswith("_at") and value:
        return show_moment(datetime.fromisoformat(value))
    return value
