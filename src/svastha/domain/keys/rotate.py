from datetime import timedelta
from uuid import UUID

import msgspec

from svastha.domain.keys.locksmith import Locksmith
from svastha.domain.keys.make import LOCK
from svastha.domain.keys.model import SPREAD, data_context
from svastha.domain.keys.reseal import Reseal
from svastha.kit.clock import now
from svastha.kit.crypto import new_key
from svastha.kit.db import ClinicTx, ControlTx
from svastha.kit.outbox import announce, later


class Rotation(msgspec.Struct, frozen=True):
    """``total`` is counted when it begins, some minutes after the key was made."""

    version: int
    done: int
    total: int
    unreadable: int
    finished: bool


async def newest_version(tx: ControlTx, owner: UUID) -> int:
    """0 when all its keys were destroyed, or never made."""
    found: int | None = await tx.value(
        "SELECT max(version) FROM data_keys WHERE owner = :owner AND wrapped IS NOT NULL", owner=owner
    )
    return found or 0


async def make_next(tx: ControlTx, locksmith: Locksmith, owner: UUID, after: int, *, spread: timedelta = SPREAD) -> int:
    """The key after version ``after``, if nobody else has made it. It begins to seal when all processes know it."""
    await tx.value("SELECT pg_advisory_xact_lock(:lock)", lock=LOCK)
    version = after + 1
    if await newest_version(tx, owner) != after:
        return version
    await tx.run(
        "INSERT INTO data_keys (owner, version, wrapped, provider, current_from)"
        " VALUES (:owner, :version, :wrapped, :provider, now() + :spread::interval)",
        owner=owner,
        version=version,
        wrapped=await locksmith.wrap(new_key(), data_context(owner, version)),
        provider=locksmith.provider.name,
        spread=spread,
    )
    await tx.run(
        "UPDATE data_keys SET retired_at = now() + :spread::interval * 2 WHERE owner = :owner AND version < :version"
        " AND retired_at IS NULL",
        owner=owner,
        version=version,
        spread=spread,
    )
    return version


async def begin(tx: ControlTx | ClinicTx, version: int, *, spread: timedelta = SPREAD) -> None:
    """In the owner's database: seal everything again once nobody seals with the old key any more."""
    begun = await tx.run(
        "INSERT INTO rotations (what, version) VALUES ('data', :version) ON CONFLICT DO NOTHING", version=version
    )
    if begun:
        later(tx, Reseal(version), run_at=now() + 2 * spread)
    elif not await tx.value(
        "SELECT EXISTS (SELECT FROM jobs WHERE kind = 'keys.reseal' AND set_aside_at IS NULL)"
        " OR finished_at IS NOT NULL FROM rotations WHERE what = 'data' AND version = :version",
        version=version,
    ):
        announce(tx, Reseal(version))  # it had given up


async def rotation(tx: ControlTx | ClinicTx, version: int) -> Rotation | None:
    return await tx.maybe(
        Rotation,
        "SELECT version, done, total, unreadable, finished_at IS NOT NULL AS finished FROM rotations"
        " WHERE what = 'data' AND version = :version",
        version=version,
    )
