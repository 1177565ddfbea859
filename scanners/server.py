"""The line to the server: sends scans, believes nothing but a JSON answer that names their ids."""

import http.client
import json
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from scanners import __version__
from scanners.clocks import Clocks
from scanners.outbox import Answer, Scan

TIMEOUT = 8.0  # seconds for one exchange, all of it
LARGEST_ANSWER = 8 * 1024 * 1024  # bytes
STATUSES = frozenset({"accepted", "duplicate", "refused", "quarantined"})
LONGEST_PAUSE_ASKED = 120.0  # seconds of a Retry-After that are honoured


class Reason(StrEnum):
    """Why an exchange gave nothing."""

    OFFLINE = "offline"  # no connection, or none in time
    KEY_REFUSED = "key_refused"  # 401, 403
    TOO_LARGE = "too_large"  # 413
    BUSY = "busy"  # 429, 503
    REFUSED = "refused"  # another 4xx, with a code of the server
    FAILED = "failed"  # 5xx
    UNREADABLE = "unreadable"  # not our server: a captive portal, a proxy's page, half an answer


class ServerTrouble(Exception):
    """The exchange gave no answer to go by; what was sent must be kept."""

    def __init__(self, reason: Reason, detail: str = "", pause: float = 0.0, code: str = "") -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.pause = pause  # seconds the server asked to be left alone
        self.code = code


@dataclass(frozen=True)
class Receipt:
    """The answers to one batch; ``received_at`` is the server's clock."""

    answers: list[Answer]
    received_at: datetime | None


@dataclass(frozen=True)
class StationInfo:
    """Where this terminal stands, in the server's words."""

    code: str
    name: str
    direction: str
    reader_profile: str
    server_time: datetime
    timezone: str


class Server:
    """One kept-alive connection; not for use by two threads at once."""

    def __init__(
        self,
        url: str,
        key: str = "",
        *,
        language: str = "zh",
        ca_file: str | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        parts = urlsplit(url)
        self._is_secure = parts.scheme == "https"
        self._host, self._port, self._prefix = parts.hostname or "", parts.port, parts.path.rstrip("/")
        self._headers = {
            "Accept": "application/json",
            "Accept-Language": language,
            "User-Agent": f"volunteer-station/{__version__}",
        }
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._tls = ssl.create_default_context(cafile=ca_file) if self._is_secure else None
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        """Drop the connection; the next exchange opens another."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def send(self, scans: Sequence[Scan], pending: int, clocks: Clocks) -> Receipt:
        """Send a batch (empty: a sign of life); the answers to scans of this batch and to no others."""
        body = {
            "sent_at": clocks.now().isoformat(timespec="milliseconds"),
            "terminal": {"pending": pending, "version": __version__},
            "scans": [as_sent(scan, clocks) for scan in scans],
        }
        answer = self._exchange("POST", "/api/v1/scans", body)
        if not isinstance(answer.get("answers"), list):
            raise ServerTrouble(Reason.UNREADABLE, "no answers")
        sent = {scan.id for scan in scans}
        found = [parsed for raw in answer["answers"] if (parsed := parse_answer(raw)) and parsed.id in sent]
        return Receipt(found, parse_time(answer.get("received_at")))

    def station(self) -> StationInfo:
        """What the server knows of this station and terminal."""
        answer = self._exchange("GET", "/api/v1/station")
        try:
            station, terminal = answer["station"], answer["terminal"]
            server_time = parse_time(answer["server_time"])
            if server_time is None:
                raise ValueError("server_time")
            return StationInfo(
                str(station["code"]),
                str(station["name"]),
                str(terminal.get("direction", "both")),
                str(terminal.get("reader_profile", "hex")),
                server_time,
                str(answer.get("timezone", "")),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ServerTrouble(Reason.UNREADABLE, str(error)) from error

    def enrol(self, code: str) -> tuple[str, str, str]:
        """Exchange a one-time code for (terminal id, key, station name); the code is spent by this."""
        answer = self._exchange(
            "POST", "/api/v1/terminals/enrol", {"code": code, "version": __version__, "kind": "scanner"}
        )
        try:
            return str(answer["terminal_id"]), str(answer["key"]), str(answer["station"]["name"])
        except (KeyError, TypeError) as error:
            raise ServerTrouble(Reason.UNREADABLE, str(error)) from error

    def _exchange(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request and its JSON object; anything else is raised as trouble."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            response, content = self._converse(method, path, data)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise ServerTrouble(Reason.OFFLINE, str(error) or type(error).__name__) from error
        return understand(response, content)

    def _converse(self, method: str, path: str, data: bytes | None) -> tuple[http.client.HTTPResponse, bytes]:
        deadline = time.monotonic() + self._timeout
        if self._connection is not None:
            try:
                return self._ask(self._connection, method, path, data, deadline)
            except (ConnectionError, http.client.RemoteDisconnected, http.client.CannotSendRequest):
                self.close()  # the server had closed the idle connection; every request may be repeated
        self._connection = self._connect()
        return self._ask(self._connection, method, path, data, deadline)

    def _connect(self) -> http.client.HTTPConnection:
        if self._tls:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout, context=self._tls
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        data: bytes | None,
        deadline: float,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        headers = self._headers if data is None else {**self._headers, "Content-Type": "application/json"}
        connection.request(method, self._prefix + path, data, headers)
        response = connection.getresponse()
        content = b""
        while True:
            # a server that drips bytes would otherwise renew the socket's timeout for ever
            if time.monotonic() > deadline or len(content) > LARGEST_ANSWER:
                raise TimeoutError("the answer does not end")
            piece = response.read1(65536)
            if not piece:
                break
            content += piece
        missing = response.length
        response.close()  # else the connection counts as busy and cannot be used again
        if missing:
            raise http.client.IncompleteRead(content, missing)
        return response, content


def as_sent(scan: Scan, clocks: Clocks) -> dict[str, Any]:
    """A scan in the words of the contract. Its age is given only within the same start of the machine."""
    fields: dict[str, Any] = {
        "id": scan.id,
        "seq": scan.seq,
        "token": scan.token,
        "medium": scan.medium,
        "at": scan.at.isoformat(timespec="milliseconds"),
        "boot": scan.boot,
    }
    if scan.boot == clocks.boot:
        fields["age_ms"] = max(0, int(clocks.monotonic() * 1000) - scan.monotonic_ms)
    return fields


def understand(response: http.client.HTTPResponse, content: bytes) -> dict[str, Any]:
    """The JSON object of a good answer; every other answer is a trouble with its reason."""
    try:
        parsed = json.loads(content) if "json" in response.headers.get("Content-Type", "") else None
    except ValueError:
        parsed = None
    if response.status in (200, 201) and isinstance(parsed, dict):
        return parsed
    detail, code = error_words(parsed)
    reasons = {
        401: Reason.KEY_REFUSED,
        403: Reason.KEY_REFUSED,
        413: Reason.TOO_LARGE,
        429: Reason.BUSY,
        503: Reason.BUSY,
    }
    if response.status in reasons:
        reason = reasons[response.status]
        # a portal answers 403 as well; only our own error speaks about our key
        if reason is Reason.KEY_REFUSED and not code:
            reason = Reason.UNREADABLE
    elif response.status >= 500:
        reason = Reason.FAILED
    else:
        reason = Reason.REFUSED if response.status >= 400 and code else Reason.UNREADABLE
    raise ServerTrouble(reason, detail or f"HTTP {response.status}", asked_pause(response), code)


def error_words(parsed: object) -> tuple[str, str]:
    """Sentence and code of the server's own error object; empty for anything else."""
    error = parsed.get("error") if isinstance(parsed, dict) else None
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("message", "")), str(error.get("code", ""))


def asked_pause(response: http.client.HTTPResponse) -> float:
    """Seconds the server asked to wait; dates and nonsense count as nothing."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), LONGEST_PAUSE_ASKED) if text.isdecimal() else 0.0


def parse_answer(raw: object) -> Answer | None:
    """One answer, or None when it does not name an id with a known status: then the scan is kept."""
    if not isinstance(raw, dict) or not isinstance(raw.get("id"), str) or raw.get("status") not in STATUSES:
        return None
    member = raw.get("member")
    name = member.get("name") if isinstance(member, dict) else None
    return Answer(
        raw["id"],
        raw["status"],
        str(raw.get("outcome") or ""),
        str(raw.get("message") or ""),
        str(name) if name else None,
        str(raw.get("remark") or ""),
    )


def parse_time(text: object) -> datetime | None:
    """An instant with zone, or None."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
