"""Exchanging the one-time code of an admin for this terminal's own key."""

import os
from dataclasses import replace
from pathlib import Path

from scanners.server import Reason, Server, ServerTrouble
from scanners.settings import BadSettings, Settings, check_url, read_settings, write_settings
from scanners.words import _, get_language


class NotEnrolled(Exception):
    """No key was written; the message says what to do."""


def enrol(url: str, code: str, path: Path) -> str:
    """Write ``path`` (mode 0600) with the key for ``code``; returns the station's name.

    Settings that stand there already are kept, apart from the server's own.
    Whether the file can be written is tried first, because the code works only once.
    """
    url = check_url(url)
    before = settings_before(path)
    try:
        write_settings(path.with_name(path.name + ".trial"), before)
        os.unlink(path.with_name(path.name + ".trial"))
    except OSError as error:
        raise NotEnrolled(_("不能写入 %(path)s：%(detail)s", path=path, detail=error.strerror)) from error
    server = Server(url, language=get_language(), ca_file=before.ca_file)
    try:
        terminal_id, key, name = server.enrol(code.strip().upper())
    except ServerTrouble as trouble:
        raise NotEnrolled(refusal_words(trouble)) from trouble
    finally:
        server.close()
    write_settings(path, replace(before, url=url, key=key, terminal_id=terminal_id))
    return name


def settings_before(path: Path) -> Settings:
    """What the file says now; the defaults when there is none. A broken file is not overwritten."""
    if not path.exists():
        return Settings(
            url="http://localhost",
            key="-",
            language=get_language(),
            outbox=path.resolve().parent / "outbox.db",
        )
    try:
        return read_settings(path)
    except BadSettings as error:
        raise NotEnrolled(
            _("%(path)s 已存在但不能读取，请先改正或移走它。（%(detail)s）", path=path, detail=error)
        ) from error


def refusal_words(trouble: ServerTrouble) -> str:
    """Why there is no key, for the person at the terminal."""
    if trouble.reason is Reason.REFUSED:
        return trouble.detail
    if trouble.reason is Reason.OFFLINE:
        return _(
            "连不上服务器（%(detail)s）。如果服务器已用掉这个注册码，请管理员再发一个。",
            detail=trouble.detail,
        )
    if trouble.reason is Reason.UNREADABLE:
        return _("这个地址上没有本系统的服务器，请检查地址。")
    return _("服务器暂时不能注册终端（%(detail)s），请稍后再试。", detail=trouble.detail)
