from typing import Literal
from uuid import UUID

import msgspec

from svastha.domain.keys.locksmith import Locksmith
from svastha.domain.keys.model import data_context, index_context, signing_context
from svastha.kit.db import ControlTx

Kind = Literal["data", "index", "signing"]


class Wrap(msgspec.Struct, frozen=True):
    """One wrapped key, by its context."""

    kind: Kind
    owner: UUID | None
    version: int | None
    kid: str | None

    @property
    def context(self) -> str:
        if self.owner and self.version:
            return data_context(self.owner, self.version)
        return index_context(self.version) if self.version else signing_context(self.kid or "")


class _Kept(msgspec.Struct, frozen=True):
    wrapped: bytes
    provider: str


async def wraps(tx: ControlTx) -> list[Wrap]:
    """Every key there is."""
    return await tx.all(
        Wrap,
        """
        SELECT 'data' AS kind, owner, version, NULL AS kid FROM data_keys WHERE wrapped IS NOT NULL
        UNION ALL SELECT 'index', NULL, version, NULL FROM index_keys WHERE wrapped IS NOT NULL
        UNION ALL SELECT 'signing', NULL, NULL, kid FROM signing_keys WHERE wrapped IS NOT NULL
        """,
    )


WHERE = {
    "data": "data_keys WHERE owner = :owner AND version = :version",
    "index": "index_keys WHERE version = :version",
    "signing": "signing_keys WHERE kid = :kid",
}


async def rewrap(tx: ControlTx, locksmith: Locksmith, wrap: Wrap) -> None:
    """Wrap one key with today's provider and master key. The key itself stays, so nobody who has it notices."""
    table, where = WHERE[wrap.kind].split(" ", 1)
    which = {"owner": wrap.owner, "version": wrap.version, "kid": wrap.kid}
    kept = await tx.maybe(
        _Kept, f"SELECT wrapped, provider FROM {table} {where} AND wrapped IS NOT NULL FOR UPDATE", **which
    )
    if kept is None:
        return  # destroyed meanwhile
    key = await locksmith.unwrap(kept.wrapped, wrap.context, kept.provider)
    await tx.run(
        f"UPDATE {table} SET wrapped = :wrapped, provider = :provider {where}",
        wrapped=await locksmith.wrap(key, wrap.context),
        provider=locksmith.provider.name,
        **which,
    )
