"""An authenticator in software: makes passkeys and answers challenges, rightly or in the ways a test asks for."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://svastha.localhost"


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One passkey. ``counts`` is what it says about how often it was used."""

    def __init__(self, origin: str = ORIGIN, *, verifies: bool = True) -> None:
        self.origin, self.verifies = origin, verifies
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.handle = b""
        self.counts = 0

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": f"webauthn.{kind}", "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, rp_id: str, attested: bytes = b"") -> bytes:
        self.counts += 1
        flags = 0x01 | (0x04 if self.verifies else 0) | (0x40 if attested else 0)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.counts.to_bytes(4) + attested

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """What ``navigator.credentials.create()`` gives, in JSON."""
        asked = options["public_key"]
        self.handle = raw(asked["user"]["id"])
        public = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)})
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + cose
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(asked["rp"]["id"], attested)}
        return {
            "id": text(self.id),
            "rawId": text(self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": text(self._client_data("create", asked["challenge"])),
                "attestationObject": text(cbor2.dumps(statement)),
                "transports": ["internal", "nonsense", 7],
            },
        }

    def answer(self, options: dict[str, Any], *, rp_id: str | None = None) -> dict[str, Any]:
        """What ``navigator.credentials.get()`` gives, in JSON."""
        asked = options["public_key"]
        client = self._client_data("get", asked["challenge"])
        data = self._data(rp_id or asked["rpId"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "id": text(self.id),
            "rawId": text(self.id),
            "type": "public-key",
            "response": {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": text(self.handle),
            },
        }
