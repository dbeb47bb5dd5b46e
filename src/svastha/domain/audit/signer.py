from hashlib import sha256
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from svastha.kit.db import ControlTx


class Signer(Protocol):
    """Whoever signs seals; ``id`` is the SHA-256 of its public key, in hexadecimal."""

    @property
    def id(self) -> str: ...

    def sign(self, what: bytes) -> bytes:
        """64 bytes, Ed25519."""
        ...


class KeptKey:
    def __init__(self, private: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(private)
        self.public = self._key.public_key().public_bytes_raw()
        self.id = fingerprint(self.public)

    def sign(self, what: bytes) -> bytes:
        return self._key.sign(what)


class Kept(msgspec.Struct, frozen=True):
    id: str
    sealed: bytes


class PublicKey(msgspec.Struct, frozen=True):
    """What checks the seals that its private half signed."""

    id: str
    public: bytes


def fingerprint(public: bytes) -> str:
    return sha256(public).hexdigest()


async def signer(tx: ControlTx) -> Signer:
    """With the newest key of the house, made the first time."""
    kept = await tx.maybe(Kept, "SELECT id, sealed FROM sealing_keys ORDER BY made_at DESC, id LIMIT 1")
    if kept:
        return KeptKey(tx.vault.open("sealing_keys", "sealed", kept.id, kept.sealed))
    private = Ed25519PrivateKey.generate().private_bytes_raw()
    made = KeptKey(private)
    await tx.run(
        "INSERT INTO sealing_keys (id, public, sealed) VALUES (:id, :public, :sealed)",
        id=made.id,
        public=made.public,
        sealed=tx.vault.seal("sealing_keys", "sealed", made.id, private),
    )
    return made


async def public_keys(tx: ControlTx) -> list[PublicKey]:
    return await tx.all(PublicKey, "SELECT id, public FROM sealing_keys ORDER BY made_at, id")
