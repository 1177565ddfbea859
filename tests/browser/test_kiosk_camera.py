"""The kiosk reads QR codes from its camera: each card once, and shows what the server answered."""

from __future__ import annotations

from .camera import Camera
from .conftest import Kiosk, rest
from .station_server import until

# Long enough for the rule on held codes (absent 1.5 s, 3 s after it was taken) to take a card again.
AGAIN_MS = 3100


def test_a_card_before_the_camera_checks_its_member_in(kiosk: Kiosk, camera: Camera) -> None:
    camera.show(kiosk.server.next_card())

    kiosk.wait_result("in", "签到成功")

    assert kiosk.page.locator(".result-name").inner_text() == "张*"
    assert "今日" in kiosk.page.locator(".figures").inner_text()
    [row] = kiosk.server.rows()
    assert row["medium"] == "qr"


def test_the_card_that_the_server_prints_is_read(kiosk: Kiosk, camera: Camera) -> None:
    camera.show_card(kiosk.server.printed_card)

    kiosk.wait_result("in", "签到成功")


def test_a_held_card_is_read_once(kiosk: Kiosk, camera: Camera) -> None:
    camera.show(kiosk.server.next_card())
    kiosk.wait_result("in", "签到成功")

    kiosk.wait(":not([data-result])")

    assert len(kiosk.server.rows()) == 1
    assert kiosk.page.locator("#result").inner_text() == ""
    assert kiosk.page.get_by_role("heading", name="请出示二维码或刷卡").is_visible()


def test_a_held_card_is_not_read_again_after_a_reload(kiosk: Kiosk, camera: Camera) -> None:
    camera.show(kiosk.server.next_card())
    kiosk.wait_result("in", "签到成功")

    kiosk.page.reload()
    kiosk.wait_ready()
    rest(kiosk, AGAIN_MS)

    assert len(kiosk.server.rows()) == 1


def test_two_people_and_the_first_again(kiosk: Kiosk, camera: Camera) -> None:
    first, second = kiosk.server.next_card(), kiosk.server.next_card()

    for number, token in enumerate((first, second, first), start=1):
        camera.show(token)
        until(lambda number=number: len(kiosk.server.rows()) == number, f"scan {number}")
        if token == second:
            rest(kiosk, AGAIN_MS)

    assert [row["seq"] for row in kiosk.server.rows()] == [1, 2, 3]


SEEN_AND_TAKEN_MS = [
    ([0, 100, 1400, 2800, 4200], [0]),
    ([0, 1600], [0]),
    ([0, 1600, 3200], [0, 3200]),
    ([0, 3000], [0, 3000]),
    ([0, 2000, 3100], [0]),
]


def test_a_code_is_new_after_absence_and_a_pause(unenrolled: Kiosk) -> None:
    script = """async times => {
        const { Held } = await import("/static/js/kiosk/held.js");
        const held = new Held({}, 0, 0);
        return times.filter(time => held.see("token", time));
    }"""

    taken = [unenrolled.page.evaluate(script, seen) for seen, _ in SEEN_AND_TAKEN_MS]

    assert taken == [expected for _, expected in SEEN_AND_TAKEN_MS]


def test_two_cards_held_up_together_are_both_taken(kiosk: Kiosk, camera: Camera) -> None:
    camera.show(kiosk.server.next_card(), kiosk.server.next_card())

    until(lambda: len(kiosk.server.rows()) == 2, "both scans")


def test_a_code_that_is_no_card_is_not_sent(kiosk: Kiosk, camera: Camera) -> None:
    camera.show("https://example.org/menu")

    kiosk.wait_result("repeat", "不是志愿者证")

    assert kiosk.server.rows() == []
    assert kiosk.state("pending") == "0"


def test_a_lost_camera_is_said_and_taken_up_again(kiosk: Kiosk, camera: Camera) -> None:
    kiosk.page.evaluate("() => document.querySelector('video').srcObject.getTracks().forEach(t => t.stop())")

    kiosk.page.get_by_text("摄像头已断开，正在重试").wait_for()
    kiosk.wait("[data-camera=running]")
    camera.show(kiosk.server.next_card())

    kiosk.wait_result("in", "签到成功")


def test_the_answer_is_on_the_screen_within_half_a_second(kiosk: Kiosk) -> None:
    kiosk.type(kiosk.server.next_card())  # the first scan also warms the server up
    kiosk.wait_result("in", "签到成功")
    kiosk.page.evaluate("""() => {
        const result = document.getElementById("result");
        result.replaceChildren();
        addEventListener("keydown", () => (window.typedAt ??= performance.now()), {capture: true});
        new MutationObserver(() => (window.shownAt = performance.now())).observe(result, {childList: true});
    }""")

    kiosk.type(kiosk.server.next_card())
    kiosk.page.get_by_role("status").get_by_text("签到成功").wait_for()

    assert kiosk.page.evaluate("() => window.shownAt - window.typedAt") < 500


def test_the_last_scan_can_be_taken_back(kiosk: Kiosk, camera: Camera) -> None:
    camera.show(kiosk.server.next_card())
    kiosk.wait_result("in", "签到成功")

    kiosk.page.get_by_role("button", name="撤销").click()

    kiosk.wait_result("undone", "已撤销")
    assert kiosk.page.get_by_role("button", name="撤销").is_hidden()
