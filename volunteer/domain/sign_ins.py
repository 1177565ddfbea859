"""Sessions: how long they last, what their token and their device are called."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from volunteer.domain.refusals import N_

IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)
SECOND_STEP_WITHIN = timedelta(minutes=10)
KEEP_ENDED = timedelta(days=30)
LONGEST_DEVICE = 120
UNKNOWN_DEVICE = N_("未知设备")

# The first that fits: Edge calls itself Chrome, Chrome calls itself Safari, Android calls itself Linux.
_BROWSERS = {
    "微信": r"MicroMessenger",
    "Edge": r"Edg(e|A|iOS)?/",
    "Firefox": r"Firefox/|FxiOS/",
    "Chrome": r"Chrom(e|ium)/|CriOS/",
    "Safari": r"Safari/",
}
_SYSTEMS = {
    "HarmonyOS": r"HarmonyOS|OpenHarmony",
    "Android": r"Android",
    "iPhone": r"iPhone",
    "iPad": r"iPad",
    "Windows": r"Windows",
    "macOS": r"Mac OS X|Macintosh",
    "Linux": r"Linux|X11",
}


def make_token() -> str:
    """A new session's token: 256 random bits."""
    return secrets.token_urlsafe(32)


def mark_password(password_hash: str | None) -> str:
    """Changes with the password, so that a new one ends older sessions."""
    return hashlib.sha256((password_hash or "").encode()).hexdigest()[:16]


def is_over(begun_at: datetime, last_seen_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a session has ended: by a person, by twelve idle hours, or after a week."""
    return ended_at is not None or now - last_seen_at >= IDLE or now - begun_at >= LONGEST


def name_device(user_agent: str) -> str:
    """What a person would call the browser, such as ``Chrome · Windows``; empty where it says nothing."""
    found = [
        next((name for name, pattern in names.items() if re.search(pattern, user_agent)), "")
        for names in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(filter(None, found))[:LONGEST_DEVICE]
