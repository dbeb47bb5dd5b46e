"""What must happen later, written in the same transaction as the fact that asks for it.

Each subscriber of an event is a job of its own: one that fails neither holds back another nor is forgotten, and a job
that runs twice must do no harm.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from svastha.kit.clock import now
from svastha.kit.db import Announced, Batch, Tx
from svastha.kit.ids import uuid7

Handler = Callable[..., Awaitable[None]]
Subscriptions = Mapping[type, Sequence[Handler]]

PATIENCE = 8  # attempts before a job is set aside
LEASE = timedelta(minutes=2)
SOON = timedelta(minutes=1)

JOBS = Batch(
    "INSERT INTO jobs (id, kind, payload, run_at, key) SELECT id, kind, payload, coalesce(run_at, now()), key"
    " FROM jsonb_to_recordset(:rows) AS r(id uuid, kind text, payload jsonb, run_at timestamptz, key text)"
    " ON CONFLICT ON CONSTRAINT one_job_per_key DO NOTHING"
)


def announce(tx: Tx, event: Any) -> None:
    """Tell whoever listens to this type of event, once this transaction has committed."""
    tx.announced.append(Announced(event))


def later(tx: Tx, job: Any, *, run_at: datetime, key: str | None = None) -> None:
    """The same, not before this instant. A second job with the same key changes nothing."""
    tx.announced.append(Announced(job, run_at, key))


def inner(handler: Handler) -> Any:
    """The verb itself, behind what ``wiring.py`` has bound to it."""
    return inspect.unwrap(getattr(handler, "func", handler))


def name_of(handler: Handler) -> str:
    """Stable across restarts: ``room.verb``."""
    verb = inner(handler)
    room = verb.__module__.removeprefix("svastha.").removeprefix("domain.").split(".")[0]
    return f"{room}.{verb.__name__}"


def enqueue(tx: Tx, subscriptions: Subscriptions) -> int:
    """Called at the door: one row for each subscriber. Returns how many of them must be told of: whoever sweeps through
    what was written learns in time of those that are for later."""
    count, soon = 0, now() + SOON
    for told in tx.announced:
        for handler in subscriptions.get(type(told.what), ()):
            name = name_of(handler)
            tx.write_at_the_door(
                JOBS,
                id=uuid7(),
                kind=name,
                payload=msgspec.to_builtins(told.what),
                run_at=told.run_at,
                key=f"{name}:{told.key}" if told.key else None,
            )
            count += told.run_at is None or told.run_at < soon
    tx.announced.clear()
    return count


class Job(msgspec.Struct, frozen=True):
    id: UUID
    kind: str
    payload: dict[str, Any]
    attempts: int


async def claim(tx: Tx, *, most: int) -> list[Job]:
    """Jobs that are due, leased to this worker. A lease that runs out makes the job due again; one that has let every
    lease run out may be what the workers die of, and is set aside."""
    taken = await tx.all(
        Job,
        """
        UPDATE jobs SET attempts = attempts + 1, leased_until = now() + :lease,
            set_aside_at = CASE WHEN attempts >= :patience THEN now() END,
            last_error = CASE WHEN attempts >= :patience THEN 'worker_died' ELSE last_error END
        WHERE id IN (
            SELECT id FROM jobs
            WHERE run_at <= now() AND set_aside_at IS NULL AND (leased_until IS NULL OR leased_until < now())
            ORDER BY run_at LIMIT :most FOR UPDATE SKIP LOCKED
        )
        RETURNING id, kind, payload, attempts
        """,
        lease=LEASE,
        most=most,
        patience=PATIENCE,
    )
    return [job for job in taken if job.attempts <= PATIENCE]


async def done(tx: Tx, job: Job) -> bool:
    """In the transaction of the work itself. False: somebody else finished it, so this transaction must not commit."""
    return (
        await tx.run("DELETE FROM jobs WHERE id = :id AND attempts = :attempts", id=job.id, attempts=job.attempts) == 1
    )


async def failed(tx: Tx, job: Job, error: str) -> None:
    """Try again after 2, 4, 8 … seconds (with up to half as much again), or set it aside for a person to look at."""
    await tx.run(
        """
        UPDATE jobs SET leased_until = NULL, last_error = :error,
            run_at = now() + make_interval(secs => least(3600, 2 ^ attempts) * (1 + random() / 2)),
            set_aside_at = CASE WHEN attempts >= :patience THEN now() END
        WHERE id = :id AND attempts = :attempts
        """,
        id=job.id,
        attempts=job.attempts,
        error=error,
        patience=PATIENCE,
    )


class Waiting(msgspec.Struct, frozen=True):
    """Of one kind: how many could be done now, since when the first of them, and how many are set aside."""

    kind: str
    due: int
    since: datetime | None
    set_aside: int


async def waiting(tx: Tx) -> list[Waiting]:
    return await tx.all(
        Waiting,
        """
        SELECT kind, count(*) FILTER (WHERE set_aside_at IS NULL) AS due,
            min(greatest(run_at, leased_until)) FILTER (WHERE set_aside_at IS NULL) AS since,
            count(set_aside_at) AS set_aside
        FROM jobs
        WHERE set_aside_at IS NOT NULL OR (run_at <= now() AND (leased_until IS NULL OR leased_until < now()))
        GROUP BY kind
        """,
    )


async def next_run_in(tx: Tx) -> float | None:
    """Seconds until the next job is due, by the database's clock: the worker's own may be wrong, or be set. Not more
    than 0: there is one. However many wait, it looks at those that are leased and at one more."""
    found: float | None = await tx.value(
        """
        SELECT extract(epoch FROM CASE WHEN free <= now() THEN free ELSE least(free, (
            SELECT min(greatest(run_at, leased_until)) FROM jobs
            WHERE set_aside_at IS NULL AND run_at <= now() AND leased_until IS NOT NULL)) END - now())::float8
        FROM (SELECT (SELECT run_at FROM jobs WHERE set_aside_at IS NULL AND leased_until IS NULL
            ORDER BY run_at LIMIT 1) AS free) f
        """
    )
    return found


async def set_aside(tx: Tx) -> int:
    """How many jobs wait for a person to look at them."""
    count: int = await tx.value("SELECT count(*) FROM jobs WHERE set_aside_at IS NOT NULL")
    return count


class SetAside(msgspec.Struct, frozen=True):
    """What it was about stays in its row: that may name people."""

    id: UUID
    kind: str
    attempts: int
    last_error: str | None
    set_aside_at: datetime


async def aside(tx: Tx) -> list[SetAside]:
    """Who waits longest comes first."""
    return await tx.all(
        SetAside,
        "SELECT id, kind, attempts, last_error, set_aside_at FROM jobs WHERE set_aside_at IS NOT NULL"
        " ORDER BY set_aside_at, id",
    )


async def retry(tx: Tx, id: UUID) -> bool:
    """Due now, with all its attempts before it. False when it is not set aside."""
    again = "set_aside_at = NULL, leased_until = NULL, attempts = 0, run_at = now()"
    return await tx.run(f"UPDATE jobs SET {again} WHERE id = :id AND set_aside_at IS NOT NULL", id=id) == 1


async def drop(tx: Tx, id: UUID) -> bool:
    """Never to be done. False when it is not set aside."""
    return await tx.run("DELETE FROM jobs WHERE id = :id AND set_aside_at IS NOT NULL", id=id) == 1
