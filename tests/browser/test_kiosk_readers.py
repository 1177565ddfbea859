"""Readers that type, and NFC in the browser: what arrives at the server is the token or the full UID."""

from __future__ import annotations

from .conftest import Kiosk, rest
from .station_server import until

GAP_MS = 350
TEXT = "new TextEncoder().encode"
NFC = """
    window.NDEFReader = class extends EventTarget {
        scan() {
            window.tapNFC = (serialNumber, records) => {
                const event = new Event("reading");
                this.dispatchEvent(Object.assign(event, {serialNumber, message: {records}}));
            };
            if (window.denyNFC) return Promise.reject(new DOMException("", "NotAllowedError"));
            return Promise.resolve();
        }
    };
"""


def ask(kiosk: Kiosk, module: str, expression: str, *arguments: object) -> object:
    """The value of an expression over a kiosk module ``m`` and the arguments ``a``."""
    script = f"async a => {{ const m = await import('/static/js/kiosk/{module}.js'); return {expression}; }}"
    return kiosk.page.evaluate(script, list(arguments))


def test_a_usb_scanner_checks_in(kiosk: Kiosk) -> None:
    kiosk.type(kiosk.server.next_card())

    kiosk.wait_result("in", "签到成功")

    assert [row["medium"] for row in kiosk.server.rows()] == ["keyboard"]


def test_twenty_cards_through_the_scanner_are_twenty_scans(kiosk: Kiosk) -> None:
    token = kiosk.server.next_card()
    tokens = [token[:-2] + f"{i:02d}" for i in range(20)]

    for token in tokens:
        kiosk.type(token)

    until(lambda: len(kiosk.server.rows()) == 20, "twenty scans")
    assert [row["seq"] for row in kiosk.server.rows()] == list(range(1, 21))


def test_keys_pressed_just_before_do_not_spoil_a_scan(kiosk: Kiosk) -> None:
    kiosk.page.keyboard.type("7X-")

    kiosk.type(kiosk.server.next_card())

    kiosk.wait_result("in", "签到成功")


def test_the_scanners_enter_presses_no_button(kiosk: Kiosk) -> None:
    kiosk.type(kiosk.server.next_card())
    kiosk.wait_result("in", "签到成功")
    kiosk.page.get_by_role("button", name="撤销").focus()
    asked: list[str] = []
    kiosk.page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))

    kiosk.type(kiosk.server.next_card())
    until(lambda: len(kiosk.server.rows()) == 2, "the second scan")
    kiosk.wait_result("in", "签到成功")

    assert asked == ["scans"]


def test_the_undo_button_works_from_the_keyboard(kiosk: Kiosk) -> None:
    kiosk.type(kiosk.server.next_card())
    kiosk.wait_result("in", "签到成功")

    rest(kiosk, GAP_MS)  # an Enter that follows at once would still be the scanner's
    kiosk.page.get_by_role("button", name="撤销").focus()
    kiosk.page.keyboard.press("Enter")

    kiosk.wait_result("undone", "已撤销")


def test_a_chinese_input_method_does_not_swallow_the_card(kiosk: Kiosk) -> None:
    session = kiosk.page.context.new_cdp_session(kiosk.page)

    for character in kiosk.server.next_card():
        code = {"-": "Minus"}.get(character) or f"{'Digit' if character.isdigit() else 'Key'}{character}"
        key = {"key": "Process", "code": code, "windowsVirtualKeyCode": 229}
        session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
        session.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})

    kiosk.wait_result("in", "签到成功")


TYPED = [
    # profile, what the reader types, the UID it means (none: not in that format)
    ("hex", "04a2b3c4d5e680", "04A2B3C4D5E680"),
    ("hex", "04:A2:B3:C4", "04A2B3C4"),
    ("hex", "0415091859", None),
    ("hex_reversed", "C4B3A204", "04A2B3C4"),
    ("decimal10", "0077771716", "04A2B3C4"),
    ("decimal10_reversed", "3300106756", "04A2B3C4"),
    ("decimal10", "4294967296", None),
    ("decimal10", "12345678901", None),
    ("6h8d", "10662852", "A2B3C4"),
    ("6h8d", "99999999", None),
    ("2h4h", "162,46020", "A2B3C4"),
    ("2h4h", "16246020", "A2B3C4"),
    ("2h4h", "300,46020", None),
]


def test_a_typed_number_becomes_the_uid_of_the_card(unenrolled: Kiosk) -> None:
    found = [ask(unenrolled, "profiles", "m.uidOf(...a)", profile, line) for profile, line, _ in TYPED]

    assert found == [uid for _, _, uid in TYPED]


def test_a_usb_card_reader_sends_the_uid(kiosk: Kiosk) -> None:
    kiosk.type("04A2B3C4D5E680")

    kiosk.wait_result("error", "未能计时")

    assert [row["medium"] for row in kiosk.server.rows()] == ["keyboard"]


def test_a_number_in_another_format_is_not_taken_for_a_card(kiosk: Kiosk) -> None:
    kiosk.type("162,46020")

    kiosk.wait_result("repeat", "不是志愿者证")

    assert kiosk.server.rows() == []


def start_with_nfc(kiosk: Kiosk) -> None:
    """Enrol a phone that has NFC and touch its start button."""
    kiosk.page.add_init_script(NFC)
    kiosk.page.reload()
    kiosk.enrol()
    kiosk.page.get_by_role("button", name="开始值守").click()


def test_a_token_on_an_nfc_tag_is_read(unenrolled: Kiosk) -> None:
    start_with_nfc(unenrolled)
    link = f"https://clock.example/c/{unenrolled.server.next_card()}"

    unenrolled.page.wait_for_function("() => window.tapNFC")
    script = f"link => tapNFC('04:a2:b3:c4', [{{recordType: 'url', data: {TEXT}(link)}}])"
    unenrolled.page.evaluate(script, link)

    unenrolled.wait_result("in", "签到成功")
    assert [row["medium"] for row in unenrolled.server.rows()] == ["nfc"]


def test_an_nfc_tag_without_our_token_gives_its_uid(unenrolled: Kiosk) -> None:
    start_with_nfc(unenrolled)
    unenrolled.page.wait_for_function("() => window.tapNFC")
    requests = []
    unenrolled.page.on("request", lambda request: requests.append(request.post_data or ""))

    unenrolled.page.evaluate("() => tapNFC('04:a2:b3:c4:d5:e6:80', [])")
    unenrolled.wait_result("error", "未能计时")

    assert any('"token":"04A2B3C4D5E680"' in request for request in requests)


def test_denied_nfc_is_said_and_the_scanner_goes_on(unenrolled: Kiosk) -> None:
    unenrolled.page.add_init_script("window.denyNFC = true")
    start_with_nfc(unenrolled)

    unenrolled.page.get_by_text("NFC 未获授权").wait_for()
    unenrolled.type(unenrolled.server.next_card())

    unenrolled.wait_result("in", "签到成功")
