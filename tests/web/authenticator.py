"""A passkey authenticator in software (WebAuthn level 2, ES256), for tests that need to send odd answers."""

import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(value: bytes) -> str:
    """Base 64 as WebAuthn writes it."""
    return urlsafe_b64encode(value).decode().rstrip("=")


@dataclass
class Authenticator:
    """One credential; ``asks_who`` says whether it checks the person's finger."""

    origin: str = "http://localhost"
    rp_id: str = "localhost"
    asks_who: bool = True
    count: int = 0
    credential_id: bytes = b"a credential of this test"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: bytes = b""

    def create(self, options: dict[str, Any]) -> str:
        """The answer to ``navigator.credentials.create``."""
        self.handle = urlsafe_b64decode(options["user"]["id"] + "==")
        public = self.key.public_key().public_numbers()
        key = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)})
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + key
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        response = {"attestationObject": text(cbor2.dumps(made))}
        return self._answer("webauthn.create", options["challenge"], response)

    def get(self, options: dict[str, Any]) -> str:
        """The answer to ``navigator.credentials.get``."""
        self.count += 1
        client, data = self._client("webauthn.get", options["challenge"]), self._data(0)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": text(self.handle),
        }
        return self._answer("webauthn.get", options["challenge"], response)

    def _answer(self, kind: str, challenge: str, response: dict[str, str]) -> str:
        named = text(self.credential_id)
        client = {"clientDataJSON": text(self._client(kind, challenge))}
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": client | response})

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.asks_who else 0)
        return sha256(self.rp_id.encode()).digest() + struct.pack(">BI", flags, self.count)
