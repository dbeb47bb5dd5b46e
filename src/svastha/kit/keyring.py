"""The keys of the platform as one process holds them: unwrapped, in memory, filled and refreshed by ``domain/keys``."""

import hmac
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from svastha.kit.crypto import KeyNotYetKnown, Vault

PLATFORM = UUID(int=0)
ALGORITHM = "EdDSA"
TYPE = "at+jwt"  # RFC 9068


class SigningKey(msgspec.Struct, frozen=True):
    """``private`` is None once a key only verifies. A ``published`` one is in the JWKS."""

    kid: str
    public: dict[str, str]
    private: bytes | None
    published: bool


def new_signing_key() -> tuple[bytes, dict[str, str]]:
    """32 private bytes and the public half as a JWK, without its name."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes_raw(), OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)


class Keyring:
    def __init__(self, *, issuer: str, audience: str) -> None:
        self._issuer, self._audience = issuer, audience
        self.platform = Vault(PLATFORM, {}, 0)
        self._index: dict[int, bytes] = {}
        self._signing: dict[str, SigningKey] = {}
        self._public: dict[str, Ed25519PublicKey] = {}
        self._kid = ""
        self.active: tuple[int, ...] = ()  # versions of the blind index that look-ups use
        self._stale = True

    def learn(
        self, *, index: Mapping[int, bytes], active: tuple[int, ...], signing: Mapping[str, SigningKey], kid: str
    ) -> None:
        """``signing`` in the order in which its keys were made; ``kid`` names the one that signs."""
        self._index, self.active, self._signing, self._kid = dict(index), active, dict(signing), kid
        self._public = {name: _public(key.public) for name, key in signing.items()}
        self._stale = False

    @property
    def stale(self) -> bool:
        """Something turned up that was made or sealed with a key we do not know yet."""
        return self._stale or self.platform.stale

    @property
    def index_versions(self) -> tuple[int, ...]:
        return tuple(self._index)

    def index(self, version: int, kind: str, value: str) -> bytes:
        """The blind index of a value: 32 bytes by which it is found, and from which it cannot be had back.

        ``kind`` keeps domains apart: the same text as an e-mail address and as a number has two indexes.
        """
        key = self._index.get(version)
        if key is None:
            raise self._unknown()
        return hmac.digest(key, f"{len(kind)}:{kind}:{value}".encode(), "sha256")

    def sign(self, claims: Mapping[str, Any]) -> str:
        """A JWT. The caller gives ``exp`` (Unix seconds) and ``sub``; issuer, audience and ``iat`` are ours."""
        signer = self._signing.get(self._kid)
        if signer is None or signer.private is None:
            raise self._unknown()
        return jwt.encode(
            {"iss": self._issuer, "aud": self._audience, "iat": int(time.time()), **claims},
            Ed25519PrivateKey.from_private_bytes(signer.private),
            algorithm=ALGORITHM,
            headers={"kid": self._kid, "typ": TYPE},
        )

    def claims_of(self, token: str) -> dict[str, Any] | None:
        """What we signed, if it has not expired; None for anything else.

        The key is found by ``kid`` and can only be Ed25519, so neither ``none`` nor a MAC made with the public key is
        ever looked at.
        """
        try:
            head = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            return None
        kid = head.get("kid", "")
        public = self._public.get(kid)
        if public is None or head.get("typ") != TYPE or head.get("alg") != ALGORITHM:
            self._stale |= public is None and head.get("typ") == TYPE and head.get("alg") == ALGORITHM
            return None
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                public,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                options={"require": ["exp", "iat", "iss", "aud"], "verify_iat": False},  # clocks differ a little
            )
        except jwt.PyJWTError:
            return None
        return claims

    def jwks(self) -> dict[str, Any]:
        """RFC 7517: what verifies tokens that may still be about, and those of the next key."""
        return {
            "keys": [
                {**key.public, "kid": key.kid, "use": "sig", "alg": ALGORITHM}
                for key in self._signing.values()
                if key.published
            ]
        }

    def forget(self) -> None:
        """Have it read anew."""
        self._stale = True

    def _unknown(self) -> KeyNotYetKnown:
        self.forget()
        return KeyNotYetKnown(retry_after=1)


def _public(jwk: Mapping[str, str]) -> Ed25519PublicKey:
    found = OKPAlgorithm.from_jwk(dict(jwk))
    assert isinstance(found, Ed25519PublicKey)
    return found
