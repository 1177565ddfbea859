"""The other end of the contract: stores each id once and answers it, or misbehaves as a test asks."""

import contextlib
import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

KEY = "key-of-this-terminal"
Reply = tuple[int, str, bytes]
JSON, HTML = "application/json", "text/html; charset=utf-8"


def as_json(value: object, status: int = 200) -> Reply:
    """A JSON answer."""
    return status, JSON, json.dumps(value).encode()


def error(status: int, code: str, message: str = "") -> Reply:
    """The server's own error object."""
    return as_json({"error": {"code": code, "message": message}}, status)


class Peer(AbstractContextManager["Peer"]):
    """A server on loopback.

    ``before`` sees a batch before it is stored and may answer in its place;
    ``after`` sees the good answer once everything is stored and may replace it
    (None: cut the connection).
    """

    def __init__(self, port: int = 0) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.deliveries: list[str] = []  # every id each time it came
        self.batches: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.before: Callable[[list[dict[str, Any]]], Reply | None] = lambda scans: None
        self.after: Callable[[dict[str, Any]], Reply | None] = as_json
        self.refused_tokens: dict[str, str] = {}
        self.codes = {"ABCD-EFGH"}
        self.offset = timedelta()
        self._changed = threading.Condition()
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # one packet an answer

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                peer.headers.append(dict(self.headers))
                self.reply(peer.answer(self.path, self.headers, json.loads(self.rfile.read(length))))

            def do_GET(self) -> None:
                self.reply(peer.answer(self.path, self.headers, None))

            def reply(self, reply: Reply | None) -> None:
                if reply is None:
                    self.close_connection = True
                    return
                status, kind, content = reply
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
                self.wfile.flush()

            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):  # a terminal that was killed
                    super().handle()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        class Listener(ThreadingHTTPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._listener = Listener(("127.0.0.1", port), Handler)
        self.port = self._listener.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Peer":
        threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    def wait_for(self, condition: Callable[[], bool], deadline: float = 15.0) -> None:
        """Wait until something holds that batches bring about."""
        with self._changed:
            assert self._changed.wait_for(condition, deadline), f"not in time: {len(self.rows)} rows"

    def answer(self, path: str, headers: Any, body: Any) -> Reply | None:
        """One request."""
        self.paths.append(path)
        if not path.startswith("/api/v1/"):
            return 404, HTML, b"<html>not here</html>"
        if path == "/api/v1/terminals/enrol":
            return self._enrol(body)
        if headers.get("Authorization") != f"Bearer {KEY}":
            return error(401, "key_invalid", "密钥无效")
        if path == "/api/v1/station":
            return as_json(self._station())
        with self._changed:
            try:
                return self._take(body)
            finally:
                self._changed.notify_all()

    def _take(self, body: dict[str, Any]) -> Reply | None:
        self.batches.append(body)
        instead = self.before(body["scans"])
        if instead is not None:
            return instead
        answers = [self._store(scan) for scan in body["scans"]]
        return self.after({"received_at": self._now(), "answers": answers})

    def _store(self, scan: dict[str, Any]) -> dict[str, Any]:
        self.deliveries.append(scan["id"])
        is_new = self.rows.setdefault(scan["id"], scan) is scan
        outcome = self.refused_tokens.get(scan["token"], "checked_in")
        status = "accepted" if outcome == "checked_in" else "refused"
        message = "张*，签到成功" if status == "accepted" else "未登记的卡"
        return {
            "id": scan["id"],
            "status": status if is_new else "duplicate",
            "outcome": outcome,
            "message": message,
            "member": {"name": "张*", "volunteer_no": "1"},
            "record": None,
            "totals": None,
        }

    def _now(self) -> str:
        return (datetime.now(UTC) + self.offset).isoformat()

    def _station(self) -> dict[str, Any]:
        return {
            "station": {"code": "U1", "name": "龙城U站", "kind": "u_station"},
            "terminal": {"id": "t1", "name": "1号", "direction": "both", "reader_profile": "decimal10"},
            "server_time": self._now(),
            "timezone": "Asia/Shanghai",
        }

    def _enrol(self, body: dict[str, Any]) -> Reply:
        if body["code"] not in self.codes:
            return error(422, "code_unknown", "注册码无效或已过期")
        self.codes.discard(body["code"])
        return as_json(
            {
                "terminal_id": "t1",
                "key": KEY,
                "station": {"code": "U1", "name": "龙城U站", "kind": "u_station"},
            },
            201,
        )
