"""Settings from the environment, and the secret that everything keyed derives from."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from volunteer.domain.installation_refusals import SecretMissing, SettingWrong

ROOT = Path(__file__).resolve().parent.parent
INSTANCE = ROOT / "instance"


def load_config(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The Flask configuration. Refuses to go on without a secret, unless this is the demo."""
    is_demo = environ.get("VOLUNTEER_DEMO", "0") == "1"
    url = environ.get("VOLUNTEER_DATABASE_URL") or f"sqlite:///{INSTANCE / 'volunteer.db'}"
    secure = environ.get("VOLUNTEER_SECURE_COOKIES", "0") == "1"
    return {
        "SECRET_KEY": find_secret(environ, is_demo),
        "SQLALCHEMY_DATABASE_URI": with_driver(url),
        "TIMEZONE": find_zone(environ.get("VOLUNTEER_TIMEZONE", "Asia/Shanghai")),
        "DEMO": is_demo,
        "PROXIES": find_number(environ, "VOLUNTEER_PROXIES"),
        "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        # A form left open over lunch still works; it ends with the session.
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
    }


def find_secret(environ: Mapping[str, str], is_demo: bool) -> str:
    """The secret from the environment, or the one kept in the instance folder.

    Only the demo may invent one; it then keeps it for the next start.
    """
    if secret := environ.get("VOLUNTEER_SECRET_KEY"):
        return secret
    kept = INSTANCE / "secret_key"
    # The demo's secret goes with the demo's database and no other.
    if kept.exists() and (is_demo or not environ.get("VOLUNTEER_DATABASE_URL")):
        return kept.read_text().strip()
    if not is_demo:
        raise SecretMissing()
    INSTANCE.mkdir(exist_ok=True)
    # "x": where two processes start together, one of them writes and both read.
    try:
        with open(os.open(kept, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return kept.read_text().strip()


def find_number(environ: Mapping[str, str], name: str) -> int:
    """The number that a setting names, 0 where it is not set; refuses what is none."""
    text = environ.get(name) or "0"
    if not (text.isascii() and text.isdigit()):
        raise SettingWrong(name=name, value=text)
    return int(text)


def find_zone(name: str) -> ZoneInfo:
    """The time zone of that name; refuses one that does not exist."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingWrong(name="VOLUNTEER_TIMEZONE", value=name) from None


def with_driver(url: str) -> str:
    """The URL with its driver named, so that the same one is used everywhere; refuses what is none."""
    try:
        make_url(url)
    except ArgumentError:
        # Not shown: it may hold a password.
        raise SettingWrong(name="VOLUNTEER_DATABASE_URL", value="…") from None
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url
