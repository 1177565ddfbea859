"""Where somebody tries from: the address, and whether the browser was signed in to this account before."""

import secrets
from typing import Any

from flask import current_app, request
from flask.wrappers import Response
from itsdangerous import BadSignature, URLSafeSerializer

from volunteer.domain.attempts import Origin, fold_address

COOKIE, KEEP_SECONDS, MOST_NAMES = "known_device", 400 * 24 * 3600, 8


def current_address() -> str:
    """The address that attempts are counted under."""
    return fold_address(request.remote_addr or "")


def current_origin(name: str) -> Origin:
    """Where the attempt at this account comes from; a known device counts only for accounts it names."""
    kept = _read()
    return Origin(current_address(), kept["id"] if name in kept["names"] else None)


def remember_device(name: str, response: Response) -> Response:
    """Let the browser prove next time that this account's owner has signed in on it."""
    kept = _read()
    names = [name, *(one for one in kept["names"] if one != name)][:MOST_NAMES]
    response.set_cookie(
        COOKIE,
        _signer().dumps({"id": kept["id"], "names": names}),
        max_age=KEEP_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def _read() -> dict[str, Any]:
    try:
        kept: dict[str, Any] = _signer().loads(request.cookies.get(COOKIE, ""))
    except BadSignature:
        kept = {"id": secrets.token_urlsafe(16), "names": []}
    return kept


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known device")
