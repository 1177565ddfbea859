"""A small load generator: prepared requests over keep-alive connections, one thread each."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """What came of a run."""

    per_second: float
    p50_ms: float
    p99_ms: float
    failures: int


def prepare(path: str, key: str, body: bytes) -> bytes:
    """One HTTP request as bytes."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def run(port: int, queues: Sequence[Sequence[bytes]]) -> Result:
    """Send each queue over a connection of its own, all at once; a request waits for its answer."""
    times: list[float] = []
    failures = []
    start = threading.Barrier(len(queues) + 1)

    def send(queue: Sequence[bytes]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            start.wait()
            mine = []
            for request in queue:
                began = time.perf_counter()
                connection.sendall(request)
                status, text = _receive(connection)
                mine.append(time.perf_counter() - began)
                if status != 200 or b'"accepted"' not in text:
                    failures.append(text)
            times.extend(mine)

    threads = [threading.Thread(target=send, args=(queue,)) for queue in queues]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - began
    times.sort()
    return Result(
        per_second=len(times) / elapsed,
        p50_ms=1000 * times[len(times) // 2],
        p99_ms=1000 * times[int(len(times) * 0.99)],
        failures=len(failures),
    )


def _receive(connection: socket.socket) -> tuple[int, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += _more(connection)
    return int(head.split(b" ", 2)[1]), body


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(1 << 20)
    if not part:
        raise ConnectionError("the server closed the connection")
    return part
