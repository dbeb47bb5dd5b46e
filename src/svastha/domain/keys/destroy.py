from uuid import UUID

from svastha.domain.keys.make import LOCK
from svastha.kit.db import ControlTx


async def destroy(tx: ControlTx, owner: UUID) -> int:
    """All keys of a clinic: what it sealed is unreadable from now on, for everybody. Returns how many there were."""
    return await _destroy(tx, owner, below=65536)


async def destroy_old(tx: ControlTx, owner: UUID, *, below: int) -> int:
    """Keys that nothing is sealed with any more; the caller has looked. Backups from before become unreadable."""
    return await _destroy(tx, owner, below=below)


async def _destroy(tx: ControlTx, owner: UUID, *, below: int) -> int:
    await tx.value("SELECT pg_advisory_xact_lock(:lock)", lock=LOCK)
    return await tx.run(
        "UPDATE data_keys SET wrapped = NULL, destroyed_at = now(), retired_at = least(retired_at, now())"
        " WHERE owner = :owner AND version < :below AND wrapped IS NOT NULL",
        owner=owner,
        below=below,
    )
