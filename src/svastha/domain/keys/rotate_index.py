"""The index key is changed in four steps, so that every look-up finds and no address is taken twice at any moment.

coming: all processes learn of the key. filling: every change is written with both; what was there is filled in.
active: look-ups use both. Then the older is retired: nobody writes it, nobody looks it up, and it is destroyed.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec

from svastha.domain.keys.indexes import INDEX_LOCK
from svastha.domain.keys.locksmith import Locksmith
from svastha.domain.keys.make import LOCK
from svastha.domain.keys.model import SPREAD, index_context
from svastha.kit.clock import now
from svastha.kit.crypto import KeyNotYetKnown, new_key
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce, later

AT_ONCE = 200
Fill = Callable[[ControlTx, int, int], Awaitable[int]]  # of this version, at most so many; returns how many
Left = Callable[[ControlTx, int], Awaitable[int]]  # how many have none of this version yet
Drop = Callable[[ControlTx, int], Awaitable[int]]  # forget those of this version


class RotateIndex(msgspec.Struct, frozen=True):
    version: int
    spread: float  # seconds


class IndexKey(msgspec.Struct, frozen=True):
    version: int
    state: str
    done: int


async def index_keys(tx: ControlTx) -> list[IndexKey]:
    return await tx.all(
        IndexKey,
        "SELECT k.version, k.state, coalesce(r.done, 0) AS done FROM index_keys k"
        " LEFT JOIN rotations r ON r.what = 'index' AND r.version = k.version ORDER BY k.version",
    )


async def rotate_index(tx: ControlTx, locksmith: Locksmith, *, spread: timedelta = SPREAD) -> int:
    """Begin. Returns the version; that of the rotation under way if there is one, which is set going again."""
    await tx.value("SELECT pg_advisory_xact_lock(:lock)", lock=LOCK)
    live = [key for key in await index_keys(tx) if key.state != "retired"]
    newest = live[-1].version
    if len(live) > 1:
        announce(tx, RotateIndex(newest, spread.total_seconds()))
        return newest
    await tx.run(
        "INSERT INTO index_keys (version, wrapped, provider, state) VALUES (:version, :wrapped, :provider, 'coming')",
        version=newest + 1,
        wrapped=await locksmith.wrap(new_key(), index_context(newest + 1)),
        provider=locksmith.provider.name,
    )
    await tx.run("INSERT INTO rotations (what, version) VALUES ('index', :version)", version=newest + 1)
    later(tx, RotateIndex(newest + 1, spread.total_seconds()), run_at=now() + spread)
    return newest + 1


async def advance_index(tx: ControlTx, job: RotateIndex, *, fill: Fill, left: Left, drop: Drop) -> None:
    """One step, or one batch of the filling. May run twice."""
    state = await tx.value("SELECT state FROM index_keys WHERE version = :version FOR UPDATE", version=job.version)
    if job.version not in tx.keys.index_versions:
        tx.keys.forget()
        raise KeyNotYetKnown(retry_after=1)
    if state == "coming":
        await _stop_writers(tx)
        await tx.run("UPDATE index_keys SET state = 'filling' WHERE version = :version", version=job.version)
        announce(tx, job)
    elif state == "filling":
        await _fill(tx, job, fill, left)
    elif state == "active":
        await _retire_older(tx, job, drop)


async def _stop_writers(tx: ControlTx) -> None:
    """Wait for those who write with the versions of a moment ago; those who come wait for us to commit."""
    await tx.value("SELECT pg_advisory_xact_lock(:lock)", lock=INDEX_LOCK)


async def _fill(tx: ControlTx, job: RotateIndex, fill: Fill, left: Left) -> None:
    filled = await fill(tx, job.version, AT_ONCE)
    if filled:
        await tx.run(
            "UPDATE rotations SET done = done + :filled WHERE what = 'index' AND version = :version",
            filled=filled,
            version=job.version,
        )
        announce(tx, job)
        return
    if await left(tx, job.version):  # passed over, because somebody had them in hand
        later(tx, job, run_at=now() + timedelta(seconds=1))
        return
    await tx.run(
        "UPDATE index_keys SET state = 'active', active_since = now() WHERE version = :version", version=job.version
    )
    later(tx, job, run_at=now() + timedelta(seconds=job.spread))


async def _retire_older(tx: ControlTx, job: RotateIndex, drop: Drop) -> None:
    since = await tx.value("SELECT active_since FROM index_keys WHERE version = :version", version=job.version)
    if (ready := since + timedelta(seconds=job.spread)) > now():
        later(tx, job, run_at=ready)
        return
    await _stop_writers(tx)
    older: list[int] = await tx.value(
        "SELECT coalesce(array_agg(version), '{}') FROM index_keys WHERE version < :version AND state <> 'retired'",
        version=job.version,
    )
    for version in older:
        await drop(tx, version)
    await tx.run(
        "UPDATE index_keys SET state = 'retired', retired_at = now(), wrapped = NULL WHERE version < :version"
        " AND state <> 'retired'",
        version=job.version,
    )
    await tx.run(
        "UPDATE rotations SET total = done, finished_at = now() WHERE what = 'index' AND version = :version",
        version=job.version,
    )
