"""AES-256-GCM for what is stored, HMAC-SHA256 for what is handed out. Keys are 32 bytes."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from typing import TypeVar
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from svastha.kit.refusals import Busy

NONCE = 12
HEADER = b"svastha\x00"  # and the version in two bytes
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


class KeyNotYetKnown(Busy):
    """Sealed with a key younger than this process has heard of: it asks again, and so should whoever asked us."""

    code = "key_not_yet_known"


class Vault:
    """Seals the columns of one owner, a clinic or the platform. Text moved to another row, column or owner stays shut.

    Keys have versions. What is sealed with version 1 has no header; later versions put ``HEADER`` and their number in
    front. One vault serves the whole process: it learns new versions while it is in use.
    """

    def __init__(self, owner: UUID, keys: Mapping[int, bytes], current: int) -> None:
        self.owner = owner
        self.stale = False  # met a version it does not know
        self.learn(keys, current)

    def learn(self, keys: Mapping[int, bytes], current: int, newest: int | None = None) -> None:
        """``newest`` is the last version ever made, also when its key has been destroyed."""
        self._keys, self.current = dict(keys), current
        self._newest = max([newest or 0, current, *keys])
        self.stale = False

    def _place(self, table: str, column: str, row: UUID | str) -> bytes:
        return f"{self.owner}/{table}/{column}/{row}".encode()

    def seal(self, table: str, column: str, row: UUID | str, plain: bytes) -> bytes:
        """Raises KeyNotYetKnown when this process holds no key (yet)."""
        key = self._keys.get(self.current)
        if key is None:
            raise self._unknown()
        return header(self.current) + seal(key, plain, self._place(table, column, row))

    def open(self, table: str, column: str, row: UUID | str, sealed: bytes) -> bytes:
        """Raises Unreadable, or KeyNotYetKnown for a version that only others know."""
        place, version = self._place(table, column, row), _version(sealed)
        if version > 1 and (key := self._keys.get(version)):
            try:
                return unseal(key, sealed[len(header(version)) :], place)
            except Unreadable:
                pass  # version 1 may begin with any bytes, also with these
        if first := self._keys.get(1):
            try:
                return unseal(first, sealed, place)
            except Unreadable:
                pass
        if version > self._newest or not self._newest:
            raise self._unknown()
        raise Unreadable

    def needs_resealing(self, sealed: bytes) -> bool:
        return _version(sealed) != self.current

    def _unknown(self) -> KeyNotYetKnown:
        self.stale = True
        return KeyNotYetKnown(retry_after=1)


def header(version: int) -> bytes:
    """What text sealed with this version begins with; nothing in particular for the first."""
    return b"" if version == 1 else HEADER + version.to_bytes(2)


def _version(sealed: bytes) -> int:
    return int.from_bytes(sealed[len(HEADER) : len(HEADER) + 2]) if sealed.startswith(HEADER) else 1


def wrap(master: bytes, context: str, key: bytes) -> bytes:
    return seal(master, key, f"key/{context}".encode())


def unwrap(master: bytes, context: str, wrapped: bytes) -> bytes:
    return unseal(master, wrapped, f"key/{context}".encode())


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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
