"""A simulated radio field: cards that answer nfcpy's udp driver frame by frame.

One datagram is one frame, ``<technology> <hex>``; checksums are never sent. A
poll for a technology that is not there is answered with a datagram that nfcpy
takes for a transmission error, so an empty poll costs no second of waiting.
"""

import itertools
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType

import ndef

NOBODY = b"-"
_serials = itertools.count(1)


def text_message(text: str) -> bytes:
    """An NDEF message of one text record."""
    return b"".join(ndef.message_encoder([ndef.TextRecord(text)]))


def uri_message(uri: str) -> bytes:
    """An NDEF message of one address record."""
    return b"".join(ndef.message_encoder([ndef.UriRecord(uri)]))


class Card:
    """What lies in the field; ``answer`` gives the frame sent back, or None for silence."""

    technology = "106A"

    def answer(self, frame: bytes) -> bytes | None:
        """The card's answer to one frame of its technology."""
        raise NotImplementedError

    def reset(self) -> None:
        """The field went off."""


class CardA(Card):
    """ISO 14443-3 type A: request, anticollision in one to three levels, selection, then ``command``."""

    sak = 0x00
    atqa = bytes.fromhex("4400")

    def __init__(self, uid: bytes) -> None:
        self.uid = uid
        self.is_selected = False
        self._selected_levels = 0

    def reset(self) -> None:
        self.is_selected = False
        self._selected_levels = 0

    def command(self, frame: bytes) -> bytes | None:
        """Answer to a frame once selected."""
        raise NotImplementedError

    def _levels(self) -> list[bytes]:
        uid, parts = self.uid, []
        while len(uid) > 4:
            parts.append(b"\x88" + uid[:3])
            uid = uid[3:]
        return [*parts, uid]

    def answer(self, frame: bytes) -> bytes | None:
        if frame in (b"\x26", b"\x52"):
            self.reset()
            return self.atqa
        if not self.is_selected and frame[:1] in (b"\x93", b"\x95", b"\x97"):
            return self._select(frame)
        return self.command(frame) if self.is_selected else None

    def _select(self, frame: bytes) -> bytes | None:
        levels, level = self._levels(), (frame[0] - 0x93) // 2
        if level >= len(levels) or level != self._selected_levels:
            return None
        part = levels[level]
        part += bytes((part[0] ^ part[1] ^ part[2] ^ part[3],))
        if frame[1] == 0x20:
            return part
        if frame[1:] != b"\x70" + part:
            return None
        self._selected_levels += 1
        self.is_selected = self._selected_levels == len(levels)
        return bytes((self.sak if self.is_selected else self.sak | 0x04,))


class Ntag213(CardA):
    """Type 2 tag with version command and 144 bytes of user memory."""

    VERSION = bytes.fromhex("0004040201000F03")

    def __init__(self, uid: bytes, message: bytes = b"") -> None:
        super().__init__(uid)
        tlv = bytes((0x03, len(message))) + message + b"\xfe"
        head = uid[:3] + b"\x00" + uid[3:7] + b"\x00\x48\x00\x00" + bytes.fromhex("E1101200")
        self.memory = (head + tlv).ljust(45 * 4, b"\x00")
        self.reads_of_memory = 0

    def command(self, frame: bytes) -> bytes | None:
        if frame[0] == 0x30 and frame[1] < 45:
            self.reads_of_memory += 1
            start = frame[1] * 4
            return (self.memory + self.memory)[start : start + 16]
        if frame[0] == 0x60:
            return self.VERSION
        self.reset()  # an unknown command mutes the chip until it is selected again
        return b"\x00" if frame[0] in (0x30, 0x1A) else None


class Classic(CardA):
    """MIFARE Classic: nothing can be read without a key."""

    sak = 0x08
    atqa = bytes.fromhex("0400")

    def command(self, frame: bytes) -> bytes | None:
        self.reset()
        return b"\x04"


class Type4A(CardA):
    """ISO 14443-4 card with an NDEF application; ``ats`` may be as short as the standard allows."""

    sak = 0x20
    atqa = bytes.fromhex("4403")

    def __init__(
        self,
        uid: bytes,
        message: bytes | None = None,
        *,
        sak: int = 0x20,
        ats: bytes = bytes.fromhex("067777810280"),
    ) -> None:
        super().__init__(uid)
        self.sak, self._ats, self._file = sak, ats, b""
        self._files = (
            {}
            if message is None
            else {
                b"\xe1\x03": bytes.fromhex("000F20003B00340406E104008000FF"),
                b"\xe1\x04": len(message).to_bytes(2, "big") + message,
            }
        )

    def command(self, frame: bytes) -> bytes | None:
        if frame[0] == 0xE0:
            return self._ats
        if frame[0] & 0xF6 == 0xB2:  # presence check
            return bytes((0xA2 | frame[0] & 1,))
        if frame[0] & 0xE2 == 0x02:
            return frame[:1] + self._apdu(frame[1:])
        return None

    def _apdu(self, apdu: bytes) -> bytes:
        instruction, length = apdu[1], apdu[4] if len(apdu) > 4 else 0
        if instruction == 0xA4 and apdu[2] == 0x04:
            return (
                b"\x90\x00" if self._files and apdu[5:12] == bytes.fromhex("D2760000850101") else b"\x6a\x82"
            )
        if instruction == 0xA4 and apdu[5:7] in self._files:
            self._file = self._files[apdu[5:7]]
            return b"\x90\x00"
        if instruction == 0xB0:
            offset = int.from_bytes(apdu[2:4], "big")
            return self._file[offset : offset + (length or 256)] + b"\x90\x00"
        return b"\x6a\x82"


class RandomIdPhone(Type4A):
    """A phone: type 4 and peer-to-peer (SAK 60), with a new identity whenever the field returns."""

    def __init__(self, message: bytes | None = None) -> None:
        super().__init__(b"\x08\x01\x02\x03", message, sak=0x60)

    def reset(self) -> None:
        super().reset()
        self.uid = b"\x08" + next(_serials).to_bytes(3, "big")


class FeliCa(Card):
    """Type 3 card: polling, and NDEF blocks if it has a message."""

    technology = "212F"
    PMM = bytes.fromhex("00F0000000014300")  # FeliCa Lite-S

    def __init__(self, idm: bytes, message: bytes | None = None) -> None:
        self.idm = idm
        self._blocks = [] if message is None else self._ndef_blocks(message)

    @staticmethod
    def _ndef_blocks(message: bytes) -> list[bytes]:
        head = (
            bytes((0x10, 4, 1))
            + (13).to_bytes(2, "big")
            + bytes(5)
            + b"\x01"
            + len(message).to_bytes(3, "big")
        )
        padded = message + bytes(-len(message) % 16)
        return [head + sum(head).to_bytes(2, "big"), *(padded[n : n + 16] for n in range(0, len(padded), 16))]

    def answer(self, frame: bytes) -> bytes | None:
        code, body = frame[1], frame[2:]
        if code == 0x00:
            return self._poll(body)
        if code != 0x06 or body[:8] != self.idm:
            return None
        count = body[11]
        numbers = [body[13 + 2 * n] for n in range(count)]
        if not self._blocks or any(n >= len(self._blocks) for n in numbers):
            return self._framed(0x07, b"\x01\xa8")
        return self._framed(0x07, b"\x00\x00" + bytes((count,)) + b"".join(self._blocks[n] for n in numbers))

    def _poll(self, body: bytes) -> bytes | None:
        system = b"\x12\xfc" if self._blocks else b"\x88\xb4"
        if body[:2] not in (b"\xff\xff", system):
            return None
        asked = system if body[2] == 1 else b""
        return bytes((18 + len(asked), 0x01)) + self.idm + self.PMM + asked

    def _framed(self, code: int, body: bytes) -> bytes:
        return bytes((10 + len(body), code)) + self.idm + body


class CardB(Card):
    """Type B card without NDEF, such as a resident identity card."""

    technology = "106B"

    def __init__(self, pupi: bytes) -> None:
        self._pupi = pupi

    def answer(self, frame: bytes) -> bytes | None:
        if frame[0] == 0x05:
            return b"\x50" + self._pupi + bytes.fromhex("D103860C008080")
        if frame[0] == 0x1D:
            return b"\x08"
        if frame[0] & 0xE2 == 0x02:
            return frame[:1] + b"\x6a\x82"
        return None


class Field(AbstractContextManager["Field"]):
    """The field of one reader, on a loopback port of its own; holds one card at a time."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.path = f"udp:127.0.0.1:{self._socket.getsockname()[1]}"
        self._changed = threading.Condition()
        self._card: Card | None = None
        self.polls = 0
        self.spoil: Callable[[bytes], bytes | None] | None = None  # changes each answer on its way
        self._thread = threading.Thread(target=self._serve, name="field", daemon=True)

    def __enter__(self) -> "Field":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"STOP", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def put(self, card: Card) -> None:
        """Lay a card on the reader, in place of any other."""
        with self._changed:
            card.reset()
            self._card = card

    def clear(self) -> None:
        """Take the card away."""
        with self._changed:
            self._card = None

    def wait_for_polls(self, count: int, deadline: float = 10.0) -> None:
        """Wait until the reader has looked ``count`` more times for a card of the first technology."""
        with self._changed:
            goal = self.polls + count
            assert self._changed.wait_for(lambda: self.polls >= goal, deadline), "the reader does not poll"

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(1024)
            if data == b"STOP":
                return
            with self._changed:
                reply = self._reply(data)
                if data.startswith((b"106A 26", b"106A 52")):
                    self.polls += 1
                    self._changed.notify_all()
            if reply is not None:
                self._socket.sendto(reply, sender)

    def _reply(self, data: bytes) -> bytes | None:
        if data.startswith(b"RFOFF"):
            if self._card:
                self._card.reset()
            return None
        technology, digits = data.decode().split()
        frame = bytes.fromhex(digits)
        answer = self._card.answer(frame) if self._card and self._card.technology == technology else None
        if answer is not None and self.spoil:
            answer = self.spoil(answer)
        if answer:
            return f"{technology} {answer.hex()}".encode()
        return NOBODY if answer is None and is_poll(technology, frame) else None


def is_poll(technology: str, frame: bytes) -> bool:
    """Whether this frame asks if any card is there."""
    return (
        frame in (b"\x26", b"\x52")
        or (technology == "106B" and len(frame) == 3 and frame[0] == 0x05)
        or (technology == "212F" and len(frame) == 6 and frame[1] == 0x00)
    )
