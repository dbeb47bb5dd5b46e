"""AES-256-GCM for what is stored, HMAC-SHA256 for what is handed out. Keys are 32 bytes."""

import base64
import binascii
import hashlib
import hmac
import os
from typing import TypeVar
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
T = TypeVar("T")


class Unreadable(Exception):
    """Wrong key, wrong place, or a changed byte."""


def new_key() -> bytes:
    return AESGCM.generate_key(256)


def seal(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def unseal(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to)
    except (InvalidTag, ValueError) as broken:
        raise Unreadable from broken


class Vault:
    """Seals the columns of one clinic. Text moved to another row, column or clinic does not open."""

    def __init__(self, owner: UUID, key: bytes) -> None:
        self._owner, self._key = owner, key

    def _place(self, table: str, column: str, row: UUID | str) -> bytes:
        return f"{self._owner}/{table}/{column}/{row}".encode()

    def seal(self, table: str, column: str, row: UUID | str, plain: bytes) -> bytes:
        return seal(self._key, plain, self._place(table, column, row))

    def open(self, table: str, column: str, row: UUID | str, sealed: bytes) -> bytes:
        return unseal(self._key, sealed, self._place(table, column, row))


def wrap(master: bytes, owner: UUID, key: bytes) -> bytes:
    return seal(master, key, f"key/{owner}".encode())


def unwrap(master: bytes, owner: UUID, wrapped: bytes) -> bytes:
    return unseal(master, wrapped, f"key/{owner}".encode())


def key_from(text: str) -> bytes:
    """32 bytes from base64url. Raises ValueError."""
    key = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(key) != 32:
        raise ValueError("a key has 32 bytes")
    return key


def digest(text: str | bytes) -> bytes:
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).digest()


def sign(secret: str, purpose: str, body: object) -> str:
    """A small value as a URL-safe token that only this server can have made, for this purpose."""
    raw = msgspec.json.encode(body)
    mac = hmac.digest(secret.encode(), purpose.encode() + b"\0" + raw, "sha256")[:16]
    return base64.urlsafe_b64encode(mac + raw).rstrip(b"=").decode()


def signed(secret: str, purpose: str, token: str, kind: type[T]) -> T | None:
    """What :func:`sign` was given, or None for anything else."""
    try:
        data = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (binascii.Error, ValueError, UnicodeEncodeError):
        return None
    mac, raw = data[:16], data[16:]
    if not hmac.compare_digest(mac, hmac.digest(secret.encode(), purpose.encode() + b"\0" + raw, "sha256")[:16]):
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError:
        return None
