"""Sealing everything again with a newer key, a few rows at a time, while people read and write.

Each batch is a job of the worker: rows, progress and the next job are written in one transaction, so it may stop
anywhere. Rows in somebody's hands are passed over and met again in another round.
"""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import structlog

from svastha.kit.clock import now
from svastha.kit.crypto import KeyNotYetKnown, Unreadable, header
from svastha.kit.db import ClinicTx, ControlTx, Tx
from svastha.kit.outbox import announce, later
from svastha.kit.sealed import Sealed

ANOTHER_ROUND_AFTER = timedelta(seconds=2)
SEALING_AGAIN = "SELECT set_config('svastha.sealing_again', 'yes', true)"  # what is signed lets itself be sealed anew
log = structlog.get_logger()


class Reseal(msgspec.Struct, frozen=True):
    """The next batch: of which column, after which row, and how many could not be opened in this round."""

    version: int
    column: int = 0
    after: str | None = None
    unreadable: int = 0


class _Row(msgspec.Struct, frozen=True):
    key: str
    place: str
    sealed: bytes


async def reseal(tx: ControlTx | ClinicTx, job: Reseal, *, sealed: Sequence[Sealed]) -> None:
    """Raises KeyNotYetKnown while this process has not heard of the version."""
    if tx.vault.current > job.version:
        return  # a newer rotation does it all
    if tx.vault.current < job.version:
        tx.vault.stale = True
        raise KeyNotYetKnown(retry_after=1)
    columns = await living_here(tx, sealed)
    if job.column == 0 and job.after is None:
        await _count_total(tx, job.version, columns)
    if job.column < len(columns):
        announce(tx, await _batch(tx, job, columns[job.column]))
        return
    left = await left_to_do(tx, job.version, sealed)
    if left > job.unreadable:
        later(tx, Reseal(job.version), run_at=now() + ANOTHER_ROUND_AFTER)
        return
    if left:
        log.error("sealed_rows_unreadable", rows=left)
    await tx.run(
        "UPDATE rotations SET total = done, unreadable = :left, finished_at = now()"
        " WHERE what = 'data' AND version = :version",
        left=left,
        version=job.version,
    )


async def living_here(tx: Tx, sealed: Sequence[Sealed]) -> list[Sealed]:
    """Those whose tables this kind of database has."""
    here: list[str] = await tx.value(
        "SELECT coalesce(array_agg(name), '{}') FROM unnest(:names::text[]) name WHERE to_regclass(name) IS NOT NULL",
        names=[one.table for one in sealed],
    )
    return [one for one in sealed if one.table in here]


async def left_to_do(tx: ControlTx | ClinicTx, version: int, sealed: Sequence[Sealed]) -> int:
    """How many texts are sealed with another version."""
    return sum(
        [
            await tx.value(f"SELECT count(*) {_others(one)}", mine=header(version))
            for one in await living_here(tx, sealed)
        ]
    )


def _others(one: Sealed) -> str:
    return (
        f"FROM {one.table} WHERE {one.column} IS NOT NULL"
        f" AND substring({one.column} FROM 1 FOR length(:mine::bytea)) <> :mine"
    )


async def _count_total(tx: ControlTx | ClinicTx, version: int, columns: Sequence[Sealed]) -> None:
    await tx.run(
        "UPDATE rotations SET total = done + :left WHERE what = 'data' AND version = :version",
        left=await left_to_do(tx, version, columns),
        version=version,
    )


async def _batch(tx: ControlTx | ClinicTx, job: Reseal, one: Sealed) -> Reseal:
    """Returns what is to be done next."""
    beyond = f"AND {one.key} > (:after::text)::{one.kind}" if job.after is not None else "AND :after::text IS NULL"
    rows = await tx.all(
        _Row,
        f"SELECT {one.key}::text AS key, {one.place} AS place, {one.column} AS sealed {_others(one)} {beyond}"
        f" ORDER BY {one.key} LIMIT {one.at_once} FOR UPDATE SKIP LOCKED",
        mine=header(job.version),
        after=job.after,
    )
    if not rows:
        return Reseal(job.version, job.column + 1, None, job.unreadable)
    keys, again = [], []
    for row in rows:
        try:
            plain = tx.vault.open(one.table, one.column, row.place, row.sealed)
        except Unreadable:
            continue  # by nobody any more; it is counted, and does not stop the others
        keys.append(row.key)
        again.append(tx.vault.seal(one.table, one.column, row.place, plain))
    await tx.value(SEALING_AGAIN)
    await tx.run(
        f"UPDATE {one.table} AS t SET {one.column} = n.sealed"
        f" FROM unnest(:keys::text[], :again::bytea[]) AS n(key, sealed) WHERE t.{one.key} = n.key::{one.kind}",
        keys=keys,
        again=again,
    )
    await _progress(tx, job.version, len(keys))
    return Reseal(job.version, job.column, rows[-1].key, job.unreadable + len(rows) - len(keys))


async def _progress(tx: Tx, version: int, done: int) -> None:
    await tx.run(
        "UPDATE rotations SET done = done + :done WHERE what = 'data' AND version = :version",
        done=done,
        version=version,
    )
