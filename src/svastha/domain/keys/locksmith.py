import asyncio
from collections.abc import Sequence
from time import monotonic
from uuid import UUID

import msgspec
import structlog

from svastha.domain.keys.model import (
    PUBLISHED_FOR,
    TRUSTED_FOR,
    Wrapped,
    data_context,
    index_context,
    signing_context,
)
from svastha.domain.keys.ports import KeyProvider, ProviderAway
from svastha.kit.crypto import Unreadable, Vault
from svastha.kit.db import Tx
from svastha.kit.keyring import PLATFORM, Keyring, SigningKey

AGAIN_AFTER = 1.0  # seconds, when something unknown turned up
log = structlog.get_logger()


class _Destroyed(msgspec.Struct, frozen=True):
    owner: UUID
    version: int


class _Index(msgspec.Struct, frozen=True):
    version: int
    wrapped: bytes
    provider: str
    state: str


class _Signing(msgspec.Struct, frozen=True):
    kid: str
    wrapped: bytes | None
    provider: str
    public: dict[str, str]
    current: bool
    published: bool


class Locksmith:
    """Wraps and unwraps keys, and keeps this process's keyring up to date. What was unwrapped once is remembered: the
    provider is asked when a process starts and when a key is made, never on the way of a request."""

    def __init__(self, ring: Keyring, provider: KeyProvider, others: Sequence[KeyProvider] = ()) -> None:
        self.ring, self.provider = ring, provider
        self._providers = {one.name: one for one in (*others, provider)}
        self._unwrapped: dict[str, bytes] = {}
        self._lock = asyncio.Lock()
        self._read_at: float | None = None

    async def wrap(self, key: bytes, context: str) -> bytes:
        return await self.provider.wrap(key, context)

    async def unwrap(self, wrapped: bytes, context: str, provider: str) -> bytes:
        """Raises ProviderAway, also for a provider or a master key that the settings do not tell of."""
        known = self._unwrapped.get(context)
        if known is None:
            holder = self._providers.get(provider)
            if holder is None:
                log.error("key_provider_not_set", provider=provider)
                raise ProviderAway(retry_after=60)
            try:
                known = await holder.unwrap(wrapped, context)
            except Unreadable:
                log.error("key_does_not_open", context=context, provider=provider)
                raise ProviderAway(retry_after=60) from None
            self._unwrapped[context] = known
        return known

    def forget(self) -> None:
        """Read the keyring anew before it is used again."""
        self._read_at = None

    @property
    def fresh(self) -> bool:
        if self._read_at is None:
            return False
        return monotonic() - self._read_at < (AGAIN_AFTER if self.ring.stale else TRUSTED_FOR)

    async def refresh(self, tx: Tx) -> None:
        """Fill the keyring if it is not fresh. When the provider is away, we go on with what we have."""
        if self.fresh:
            return
        async with self._lock:
            if self.fresh:
                return
            try:
                await self._read(tx)
            except ProviderAway as away:
                log.error("keys_not_read", error=away.code)
            self._read_at = monotonic()

    async def _read(self, tx: Tx) -> None:
        for gone in await tx.all(_Destroyed, "SELECT owner, version FROM data_keys WHERE wrapped IS NULL"):
            self._unwrapped.pop(data_context(gone.owner, gone.version), None)  # nor does it live on in our memory
        await self.vault(tx, PLATFORM, self.ring.platform)
        index, active = {}, []
        for row in await tx.all(
            _Index,
            "SELECT version, wrapped, provider, state FROM index_keys WHERE state <> 'retired' ORDER BY version",
        ):
            index[row.version] = await self.unwrap(row.wrapped, index_context(row.version), row.provider)
            if row.state == "active":
                active.append(row.version)
        signing, kid = {}, ""
        for key in await tx.all(
            _Signing,
            "SELECT kid, wrapped, provider, public, current_from <= now() AS current,"
            " retired_at IS NULL OR retired_at > now() - :published_for::interval AS published"
            " FROM signing_keys ORDER BY current_from, kid",
            published_for=PUBLISHED_FOR,
        ):
            private = None
            if key.wrapped is not None:
                private = await self.unwrap(key.wrapped, signing_context(key.kid), key.provider)
                kid = key.kid if key.current else kid
            if key.published:
                signing[key.kid] = SigningKey(key.kid, key.public, private, key.published)
        self.ring.learn(index=index, active=tuple(active), signing=signing, kid=kid)

    async def vault(self, tx: Tx, owner: UUID, known: Vault | None = None) -> Vault | None:
        """The owner's vault, the known one brought up to date if given. None: its keys were destroyed.

        Raises ProviderAway when no key can be had.
        """
        rows = await tx.all(
            Wrapped,
            "SELECT version, wrapped, provider, current_from <= now() AS current FROM data_keys"
            " WHERE owner = :owner ORDER BY version",
            owner=owner,
        )
        keys: dict[int, bytes] = {}
        away: ProviderAway | None = None
        for row in rows:
            if row.wrapped is not None:
                try:
                    context = data_context(owner, row.version)
                    keys[row.version] = await self.unwrap(row.wrapped, context, row.provider)
                except ProviderAway as trouble:  # the other versions open without it
                    away = trouble
        if away and not keys:
            raise away
        current = max((row.version for row in rows if row.current and row.version in keys), default=0)
        newest = max((row.version for row in rows if row.version in keys or row.wrapped is None), default=0)
        vault = known or Vault(owner, {}, 0)
        vault.learn(keys, current, newest)
        return vault if keys else None
