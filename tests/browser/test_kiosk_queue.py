"""Nothing scanned is lost or counts twice, whatever happens to the network, the server and the page."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Playwright, Route

from .camera import Camera
from .conftest import ARGUMENTS, Kiosk
from .station_server import StationServer, until

SCANS = "**/api/v1/scans"
SERVICE_WORKER_READY = "() => navigator.serviceWorker.ready.then(() => caches.match('/kiosk')).then(Boolean)"

# The browser says this by itself when the cable is plugged in; it only spares the test the longest pause.
NETWORK_IS_BACK = "() => dispatchEvent(new Event('online'))"


def scan(kiosk: Kiosk, number: int) -> None:
    """Scan that many different codes; each is kept before the next."""
    token = kiosk.server.next_card()
    waiting = int(kiosk.state("pending") or 0)
    for i in range(number):
        kiosk.type(token[:-2] + f"{i:02d}")
        kiosk.wait_pending(waiting + i + 1)


def assert_each_once(server: StationServer, number: int) -> None:
    """The server has scans 1 to ``number``, each once."""
    until(lambda: len(server.rows()) >= number, f"{number} scans on the server")
    assert sorted(row["seq"] for row in server.rows()) == list(range(1, number + 1))


def test_scans_made_offline_survive_a_reload_and_drain(kiosk: Kiosk, context: BrowserContext) -> None:
    until(lambda: kiosk.page.evaluate(SERVICE_WORKER_READY), "the page is kept for offline use")
    context.set_offline(True)
    scan(kiosk, 5)

    kiosk.page.reload()
    kiosk.wait("[data-view=station]")
    kiosk.wait_pending(5)
    scan(kiosk, 1)
    context.set_offline(False)

    kiosk.wait_pending(0)
    assert_each_once(kiosk.server, 6)


def test_an_offline_scan_says_that_it_is_kept(kiosk: Kiosk, context: BrowserContext, camera: Camera) -> None:
    context.set_offline(True)

    camera.show(kiosk.server.next_card())

    kiosk.wait_result("stored", "已收到，稍后计时")
    kiosk.page.get_by_text("1 条待上传").wait_for()


def test_the_age_counts_only_within_one_boot(kiosk: Kiosk, context: BrowserContext) -> None:
    until(lambda: kiosk.page.evaluate(SERVICE_WORKER_READY), "the page is kept for offline use")
    context.set_offline(True)
    scan(kiosk, 1)
    kiosk.page.reload()
    kiosk.wait("[data-view=station]")
    kiosk.wait_pending(1)
    scan(kiosk, 1)

    context.set_offline(False)
    kiosk.wait_pending(0)

    before, after = kiosk.server.rows()
    assert before["age_ms"] is None
    assert after["age_ms"] >= 0
    assert before["boot"] != after["boot"]


def test_a_terminal_says_that_it_is_alive(unenrolled: Kiosk) -> None:
    with unenrolled.page.expect_request(SCANS) as sent:
        unenrolled.enrol()

    heartbeat: Any = sent.value.post_data_json
    assert heartbeat["scans"] == []
    assert heartbeat["terminal"] == {"pending": 0, "version": "1.0.0"}


def test_an_answer_lost_on_the_way_back_counts_once(kiosk: Kiosk) -> None:
    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    kiosk.page.route(SCANS, lose_answer, times=1)

    kiosk.type(kiosk.server.next_card())

    kiosk.wait_result("in", "签到成功")
    kiosk.wait_pending(0)
    assert_each_once(kiosk.server, 1)


NO_ANSWERS: list[dict[str, Any]] = [
    {"status": 429, "json": {"error": {"code": "busy", "message": "…"}}},
    {"status": 500, "json": {"error": {"code": "bug", "message": "…"}}},
    {"status": 200, "content_type": "text/html", "body": "<h1>请登录无线网络</h1>"},
    {"status": 200, "json": {"ok": True}},
    {"status": 200, "json": {"received_at": "2026-11-15T08:00:00Z", "answers": []}},
    {"status": 400, "json": {"error": {"code": "malformed", "message": "…"}}},
]


def answering(response: dict[str, Any]) -> Callable[[Route], None]:
    """A route that gives this response without asking the server."""
    return lambda route: route.fulfill(**response)


def test_whatever_is_no_answer_keeps_the_scan(kiosk: Kiosk) -> None:
    for number, response in enumerate(NO_ANSWERS, start=1):
        kiosk.page.unroute_all(behavior="wait")
        kiosk.page.route(SCANS, answering(response))
        with kiosk.page.expect_response(SCANS):
            kiosk.type(kiosk.server.next_card())
        kiosk.wait(f'[data-connection=offline][data-pending="{number}"]')

    kiosk.page.unroute_all(behavior="wait")
    kiosk.page.evaluate(NETWORK_IS_BACK)

    kiosk.wait_pending(0)
    assert_each_once(kiosk.server, len(NO_ANSWERS))


def test_a_request_that_is_too_large_is_sent_in_smaller_parts(kiosk: Kiosk, context: BrowserContext) -> None:
    def refuse_large(route: Route) -> None:
        body: Any = route.request.post_data_json
        if len(body["scans"]) > 3:
            route.fulfill(status=413, json={"error": {"code": "too_large", "message": "…"}})
        else:
            route.continue_()

    context.set_offline(True)
    scan(kiosk, 8)
    kiosk.page.route(SCANS, refuse_large)
    context.set_offline(False)

    kiosk.wait_pending(0)
    assert_each_once(kiosk.server, 8)


def test_a_server_that_dies_and_comes_back_gets_everything_in_order(kiosk: Kiosk) -> None:
    kiosk.server.kill()
    scan(kiosk, 10)

    kiosk.server.start()
    kiosk.page.evaluate(NETWORK_IS_BACK)

    kiosk.wait_pending(0)
    assert_each_once(kiosk.server, 10)


SMALL_DISK_BYTES = 3_000_000
FILL_DISK = """async () => {
    const opening = indexedDB.open("volunteer-clock");
    await new Promise(resolve => (opening.onsuccess = resolve));
    const put = size => new Promise(resolve => {
        const tx = opening.result.transaction("facts", "readwrite");
        const bytes = new Uint8Array(size).map(() => Math.random() * 256);
        tx.objectStore("facts").put(bytes, `junk ${Math.random()}`);
        tx.oncomplete = () => resolve(true);
        tx.onabort = () => resolve(false);
    });
    for (const size of [300_000, 3_000, 30]) while (await put(size));
}"""


def test_a_full_disk_is_said_and_nothing_is_promised(context: BrowserContext, server: StationServer) -> None:
    kiosk = Kiosk(context.new_page(), server)
    session = context.new_cdp_session(kiosk.page)
    disk = {"origin": server.url, "quotaSize": SMALL_DISK_BYTES}
    session.send("Storage.overrideQuotaForOrigin", disk)
    kiosk.open()
    kiosk.enrol()
    until(lambda: kiosk.page.evaluate(SERVICE_WORKER_READY), "the page is kept for offline use")
    kiosk.page.evaluate(FILL_DISK)

    kiosk.type(server.next_card())

    kiosk.wait_result("error", "未保存，请叫工作人员")
    assert server.rows() == []


def test_a_card_counts_as_received_only_when_it_is_on_the_disk(kiosk: Kiosk, context: BrowserContext) -> None:
    context.set_offline(True)
    kiosk.page.evaluate("""() => {
        const open = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (names, mode, options) {
            const tx = open.call(this, names, mode, options);
            if (mode !== "readwrite") return tx;
            window.asked = options?.durability;
            tx.addEventListener("complete", () => {
                window.completed = document.body.dataset.result ?? "nothing";
            });
            return tx;
        };
    }""")

    kiosk.type(kiosk.server.next_card())
    kiosk.wait_result("stored", "已收到，稍后计时")

    assert kiosk.page.evaluate("() => [window.asked, window.completed]") == ["strict", "nothing"]


def test_a_revoked_terminal_keeps_its_scans_and_can_be_enrolled_again(kiosk: Kiosk) -> None:
    refusal = {"status": 401, "json": {"error": {"code": "unauthorized", "message": "…"}}}
    kiosk.page.route(SCANS, answering(refusal))
    kiosk.type(kiosk.server.next_card())
    kiosk.page.get_by_text("本终端已停用").wait_for()
    kiosk.wait_pending(1)

    kiosk.page.unroute(SCANS)
    kiosk.page.get_by_role("alert").get_by_role("button", name="重新登记").click()
    kiosk.enrol()

    kiosk.wait_pending(0)
    assert_each_once(kiosk.server, 1)


def test_a_second_window_waits_until_the_first_is_closed(kiosk: Kiosk, context: BrowserContext) -> None:
    second = Kiosk(context.new_page(), kiosk.server)
    second.open()
    second.wait("[data-view=taken]")

    kiosk.page.close()

    second.wait("[data-view=station]")


@pytest.fixture
def persistent(
    playwright: Playwright, chromium: str, camera: Camera, profile_folder: Path
) -> Iterator[Callable[[], BrowserContext]]:
    """Starts a browser on one profile, again and again; the last one is closed at the end."""
    opened: list[BrowserContext] = []

    def launch() -> BrowserContext:
        context = playwright.chromium.launch_persistent_context(
            profile_folder, executable_path=chromium, args=ARGUMENTS + camera.flags, locale="zh-CN"
        )
        opened.append(context)
        return context

    yield launch
    opened[-1].close()


def kill_browser(folder: Path) -> None:
    """End the browser that uses this profile without any warning."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if f"--user-data-dir={folder}" in words and not any(word.startswith("--type=") for word in words):
            os.kill(int(process.name), signal.SIGKILL)


def test_a_browser_that_is_killed_loses_nothing_it_confirmed(
    persistent: Callable[[], BrowserContext], server: StationServer, profile_folder: Path
) -> None:
    first = persistent()
    kiosk = Kiosk(first.pages[0], server)
    kiosk.open()
    kiosk.enrol()
    until(lambda: kiosk.page.evaluate(SERVICE_WORKER_READY), "the page is kept for offline use")
    server.kill()
    scan(kiosk, 12)

    kill_browser(profile_folder)
    second = persistent()
    kiosk = Kiosk(second.pages[0], server)
    kiosk.open()
    kiosk.wait("[data-view=station]")
    kiosk.wait_pending(12)
    server.start()

    kiosk.page.evaluate(NETWORK_IS_BACK)
    kiosk.wait_pending(0)
    assert_each_once(server, 12)
