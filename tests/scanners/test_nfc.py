"""Cards through the real nfcpy stack: its udp driver on one side, a simulated field on the other."""

import random
import threading
import time
from collections.abc import Iterator

import pytest

from scanners.readers import Condition, Medium
from scanners.readers.failures import Patience
from scanners.readers.nfc import NfcReader
from tests.scanners.field import (
    CardA,
    CardB,
    Classic,
    FeliCa,
    Field,
    Ntag213,
    RandomIdPhone,
    Type4A,
    text_message,
    uri_message,
)

TOKEN = "VC1-7M3QK2ZP9XA1B4CDEFGHJKMN"
UID4 = bytes.fromhex("DEADBEEF")
UID7 = bytes.fromhex("04A2B3C4D5E680")
IDM = bytes.fromhex("02FE010203040506")


class Taken:
    """What a reader has put, with a wait for the next."""

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self._changed = threading.Condition()

    def put(self, token: str, medium: Medium) -> None:
        assert medium is Medium.NFC
        with self._changed:
            self.tokens.append(token)
            self._changed.notify_all()

    def wait(self, count: int, deadline: float = 5.0) -> list[str]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.tokens) >= count, deadline), self.tokens
            return list(self.tokens)


@pytest.fixture
def field() -> Iterator[Field]:
    with Field() as field:
        yield field


@pytest.fixture
def reader(field: Field) -> NfcReader:
    return NfcReader(field.path, gap=0.2, pause=0.005, patience=Patience(0.01, 0.02))


@pytest.fixture
def taken(reader: NfcReader) -> Iterator[Taken]:
    """A running reader and what it puts."""
    taken, stop = Taken(), threading.Event()
    thread = threading.Thread(target=reader.run, args=(taken.put, stop))
    thread.start()
    yield taken
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (Ntag213(UID7, text_message(TOKEN)), TOKEN),
        (Ntag213(UID7, uri_message(f"https://hours.example/c?a=1&b=%25/{TOKEN}")), TOKEN),
        (Ntag213(UID7, text_message("something else")), UID7.hex().upper()),
        (Ntag213(UID7), UID7.hex().upper()),
        (Classic(UID4), "DEADBEEF"),
        (Classic(UID7), UID7.hex().upper()),
        (Type4A(UID7, text_message(TOKEN)), TOKEN),
        (Type4A(UID7), UID7.hex().upper()),
        (Type4A(UID7, text_message(TOKEN), ats=b"\x02\x00"), TOKEN),
        (Type4A(UID7, text_message(TOKEN), ats=b"\x01"), TOKEN),
        (Type4A(UID4, text_message(TOKEN), sak=0x60), TOKEN),
        (RandomIdPhone(text_message(TOKEN)), TOKEN),
        (FeliCa(IDM, text_message(TOKEN)), TOKEN),
        (FeliCa(IDM), IDM.hex().upper()),
        (CardB(bytes(4)), "PUPI-00000000"),
        (Classic(bytes.fromhex("04112233445566778899")), "04112233445566778899"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_card_gives_its_token_else_its_identity(
    field: Field, taken: Taken, card: CardA, expected: str
) -> None:
    field.put(card)

    assert taken.wait(1) == [expected]


def test_a_held_card_is_read_once(field: Field, taken: Taken) -> None:
    field.put(Classic(UID4))
    taken.wait(1)

    field.wait_for_polls(150)

    assert taken.tokens == ["DEADBEEF"]


def test_the_message_of_a_held_card_is_read_once(field: Field, taken: Taken) -> None:
    card = Ntag213(UID7, text_message(TOKEN))
    field.put(card)
    taken.wait(1)
    reads = card.reads_of_memory

    field.wait_for_polls(50)

    assert card.reads_of_memory == reads


def test_a_held_phone_with_changing_identity_is_read_once(field: Field, taken: Taken) -> None:
    field.put(RandomIdPhone())
    assert taken.wait(1)[0].startswith("08")

    field.wait_for_polls(50)

    assert len(taken.tokens) == 1


def test_a_card_taken_away_and_brought_back_is_read_again(field: Field, taken: Taken) -> None:
    card = Ntag213(UID7, text_message(TOKEN))
    field.put(card)
    taken.wait(1)
    field.clear()
    field.wait_for_polls(80)  # longer than the gap

    field.put(card)

    assert taken.wait(2) == [TOKEN, TOKEN]


def test_cards_swapped_without_a_pause_are_all_read(field: Field, taken: Taken) -> None:
    cards = [Classic(bytes((0x10, n, 1, 1))) for n in range(40)]

    for count, card in enumerate(cards, 1):
        field.put(card)
        taken.wait(count)

    assert taken.tokens == [card.uid.hex().upper() for card in cards]


def test_a_card_pulled_away_in_the_middle_of_the_read_is_not_taken_for_its_number(
    field: Field, taken: Taken
) -> None:
    card = Ntag213(UID7, text_message(TOKEN))
    field.put(card)
    field.spoil = lambda answer: answer if len(answer) < 16 else field_lost(field)
    field.wait_for_polls(20)
    assert taken.tokens == []

    field.spoil = None
    field.put(card)

    assert taken.wait(1) == [TOKEN]


def field_lost(field: Field) -> bytes | None:
    """The card leaves while it answers."""
    field.clear()
    return b""


def test_spoilt_frames_do_not_end_the_reader(field: Field, taken: Taken) -> None:
    chance = random.Random(7)
    field.spoil = lambda answer: bytes(
        byte ^ (chance.randrange(256) if chance.random() < 0.05 else 0) for byte in answer
    )
    cards = [
        Ntag213(UID7, text_message(TOKEN)),
        Type4A(UID7, text_message(TOKEN)),
        FeliCa(IDM),
        Classic(UID4),
    ]
    for _ in range(2):
        for card in cards:
            field.put(card)
            field.wait_for_polls(3)
    field.spoil = None
    field.clear()
    field.wait_for_polls(80)

    before = len(taken.tokens)
    field.put(Ntag213(bytes.fromhex("04A2B3C4D5E681"), text_message(TOKEN[:-1] + "P")))

    assert taken.wait(before + 1)[-1] == TOKEN[:-1] + "P"


def test_an_unplugged_reader_is_opened_again(
    field: Field, taken: Taken, reader: NfcReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nfc.clf.udp

    field.put(Classic(UID4))
    taken.wait(1)
    lost = threading.Event()

    def unplugged(device: object, target: object) -> None:
        lost.set()
        raise OSError(19, "No such device")

    with monkeypatch.context() as patch:
        patch.setattr(nfc.clf.udp.Device, "sense_tta", unplugged)
        assert lost.wait(5)
        wait_until(lambda: reader.health().condition is Condition.ABSENT)
    field.put(Classic(b"\x11\x22\x33\x44"))

    assert taken.wait(2)[-1] == "11223344"
    assert reader.health().is_ready


def test_a_missing_reader_is_reported_and_waited_for() -> None:
    reader, stop = NfcReader("tty:NOTHING0:pn532", patience=Patience(0.01, 0.02)), threading.Event()
    thread = threading.Thread(target=reader.run, args=(lambda *read: None, stop))

    thread.start()
    wait_until(lambda: reader.health().condition is Condition.ABSENT)

    assert thread.is_alive()
    stop.set()
    thread.join(5)
    assert reader.health().condition is Condition.CLOSED


def wait_until(condition: object, deadline: float = 5.0) -> None:
    """Wait for a condition that other threads bring about."""
    end = time.monotonic() + deadline
    assert callable(condition)
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.005)
