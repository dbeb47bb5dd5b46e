"""Runs what was left for later, in every clinic, once each; any number of workers may run side by side.

A ring of the bell or the next due time brings it to a database. The safety net is a sweep, which asks PostgreSQL at
once of all databases how much was ever written to them, and looks into those where that is more than before.
"""

import asyncio
import contextlib
import inspect
from time import monotonic
from typing import Any, get_type_hints

import msgspec
import structlog
from prometheus_client import Counter, Gauge

from svastha.domain import accounts, clinics, factors
from svastha.doors import visit
from svastha.doors.bell import ring_of
from svastha.doors.jobs.seal_audit import seal_audit
from svastha.doors.jobs.standing import Standing
from svastha.doors.visit import House
from svastha.kit import idempotency, outbox
from svastha.kit.db import Tx
from svastha.kit.outbox import Handler, Job
from svastha.kit.refusals import NotFound, Refusal
from svastha.kit.wire import WireLost

BATCH = 8  # claimed at once: few enough to be begun well within their lease
HANDS = 4  # jobs at the same time in one database; of how many databases, follows from the connections there are
BRIDGES = 2  # jobs at the same time that hold a connection to each kind of database
SWEEP_SECONDS = 20.0
TIDY_EVERY = 3600.0  # also where nothing ever happens
SEAL_EVERY = 60.0
AGAIN = 0.1  # where somebody else has taken what is due
COUNT_EVERY = 60.0
NEVER = float("-inf")
DONE = Counter("svastha_jobs_total", "Jobs by kind and outcome.", ("kind", "outcome"))
BEAT = Gauge("svastha_worker_heartbeat_seconds", "When the worker last looked for work, as Unix time.")
log = structlog.get_logger()


class Finished(Exception):
    """Somebody else has done this job meanwhile: undo and be silent."""


def handlers(house: House) -> dict[str, Handler]:
    return {outbox.name_of(handler): handler for every in house.subscriptions.values() for handler in every}


def payload_type(handler: Handler) -> Any:
    inner = outbox.inner(handler)
    names = list(inspect.signature(inner).parameters)
    return get_type_hints(inner)[names[1]]


def bridges(handler: Handler) -> bool:
    """Does it bring a fact from a clinic to the control database?"""
    return "control" in inspect.signature(outbox.inner(handler)).parameters


class Worker:
    def __init__(self, house: House) -> None:
        self._house = house
        self._handlers = handlers(house)
        self._types = {name: payload_type(handler) for name, handler in self._handlers.items()}
        self._bridging = {name for name, handler in self._handlers.items() if bridges(handler)}
        self._due: dict[str | None, float] = {}
        self._tidied: dict[str | None, float] = {}
        self._sealed: dict[str | None, float] = {}
        self._written: dict[str | None, int | None] = {}
        self._counted: dict[str | None, float] = {}
        self._standing = Standing()
        self._busy: dict[str | None, asyncio.Task[None]] = {}
        self._places = max(1, house.settings.connections // HANDS)
        self._bridges = asyncio.Semaphore(BRIDGES)
        self._woken = asyncio.Event()
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()

    def wake(self, place: str | None) -> None:
        """Before all that only falls due."""
        self._due[place] = NEVER
        self._woken.set()

    def _plan(self, place: str | None, at: float) -> None:
        self._due[place] = min(at, self._due.get(place, at))

    async def run(self) -> None:
        listener = asyncio.create_task(self._listen())
        sweeper = asyncio.create_task(self._sweep())
        try:
            while not self._stopping:
                BEAT.set_to_current_time()
                await self._wait()
                for place in sorted(
                    (place for place, at in self._due.items() if at <= monotonic()), key=self._due.__getitem__
                ):
                    if self._may_begin(place):
                        del self._due[place]
                        self._busy[place] = asyncio.create_task(self._look_after(place))
        finally:
            for task in (listener, sweeper):
                task.cancel()
            await asyncio.gather(listener, sweeper, *self._busy.values(), return_exceptions=True)

    def _may_begin(self, place: str | None) -> bool:
        """Many at once, so that a slow one holds up no other; no more than can have the connections they need."""
        return place not in self._busy and (place is None or len(self._busy) < self._places)

    async def _wait(self) -> None:
        free = (at for place, at in self._due.items() if self._may_begin(place))
        next_at = min(free, default=monotonic() + SWEEP_SECONDS)
        self._woken.clear()
        if next_at > monotonic() and not self._stopping:
            try:
                await asyncio.wait_for(self._woken.wait(), min(SWEEP_SECONDS, next_at - monotonic()))
            except TimeoutError:
                pass

    async def _look_after(self, place: str | None) -> None:
        try:
            await self._tidy(place)
            await self._seal(place)
            await self._count(place)
            if await self.drain(place):
                self._plan(place, monotonic())  # the others have their turn first
        except NotFound:
            self._due.pop(place, None)  # a clinic that has closed
            self._standing.forget(place)
        except Exception as trouble:  # the database may be away: come back soon, look after the others meanwhile
            log.warning("worker_cannot_look", clinic=place, error=type(trouble).__name__)
            self._due[place] = monotonic() + 2
        finally:
            self._busy.pop(place, None)
            self._woken.set()

    async def _tidy(self, place: str | None) -> None:
        next_at = self._tidied.get(place, NEVER) + TIDY_EVERY
        if monotonic() < next_at:
            self._plan(place, next_at)
            return
        self._tidied[place] = monotonic()
        self._plan(place, monotonic() + TIDY_EVERY)
        if place is None:
            async with visit.to_control(self._house) as control:
                await accounts.tidy(control)
                await factors.tidy(control)
        else:
            async with visit.to_clinic(self._house, place) as tx:
                await idempotency.forget(tx)

    async def _seal(self, place: str | None) -> None:
        next_at = self._sealed.get(place, NEVER) + SEAL_EVERY
        if monotonic() < next_at:
            self._plan(place, next_at)
            return
        self._sealed[place] = monotonic()
        with self._standing.sealing(place):
            sealed = await seal_audit(self._house, place)
        if sealed.entries:
            self._plan(place, monotonic() + SEAL_EVERY)
        elif sealed.anchored:
            await self._expect(place, sealed.anchored)

    async def _expect(self, place: str | None, ours: int) -> None:
        """What looking at an idle clinic has written, and nobody else, is no reason to look there again."""
        before = self._written.get(place)
        if before is None:
            return
        async with self._reading(place) as tx:
            if (after := await clinics.written_here(tx)) == before + ours:
                self._written[place] = after

    async def _count(self, place: str | None) -> None:
        next_at = self._counted.get(place, NEVER) + COUNT_EVERY
        if monotonic() < next_at:
            self._plan(place, next_at)
            return
        self._counted[place] = monotonic()
        async with self._reading(place) as tx:
            waiting = await outbox.waiting(tx)
        self._standing.note(place, waiting)
        if waiting:
            self._plan(place, monotonic() + COUNT_EVERY)

    def _to(self, place: str | None) -> Any:
        return visit.to_clinic(self._house, place) if place else visit.to_control(self._house)

    def _reading(self, place: str | None) -> Any:
        return visit.reading_clinic(self._house, place) if place else self._house.routing.reading_control()

    async def drain(self, place: str | None) -> int:
        """Do what is due now in one database. Returns how many jobs were taken."""
        async with self._reading(place) as tx:
            wait = await outbox.next_run_in(tx)
        if wait is None or wait > 0:
            if wait is not None:
                self._plan(place, monotonic() + wait)
            return 0
        async with self._to(place) as tx:
            taken: list[Job] = await outbox.claim(tx, most=BATCH)
        if not taken:
            self._plan(place, monotonic() + AGAIN)
        hands = asyncio.Semaphore(HANDS)
        await asyncio.gather(*(self._do(place, job, hands) for job in taken))
        return len(taken)

    async def _do(self, place: str | None, job: Job, hands: asyncio.Semaphore) -> None:
        async with hands:
            await self._try(place, job)

    async def _try(self, place: str | None, job: Job) -> None:
        handler = self._handlers.get(job.kind)
        try:
            if handler is None:
                raise LookupError(f"nobody handles {job.kind}")
            payload = msgspec.convert(job.payload, self._types[job.kind], strict=False)
            bridging = job.kind in self._bridging
            async with self._bridges if bridging else contextlib.nullcontext(), self._to(place) as tx:
                await self._call(handler, tx, payload, bridging=bridging)
                if not await outbox.done(tx, job):
                    raise Finished
            DONE.labels(job.kind, "done").inc()
        except Finished:
            DONE.labels(job.kind, "twice").inc()
        except Exception as trouble:
            outcome = "set_aside" if job.attempts >= outbox.PATIENCE else "failed"
            DONE.labels(job.kind, outcome).inc()
            reason = trouble.code if isinstance(trouble, Refusal) else type(trouble).__name__
            log.warning(
                "job_failed",
                kind=job.kind,
                job=str(job.id),
                attempts=job.attempts,
                outcome=outcome,
                error=reason,
                exc_info=trouble if self._house.settings.log_level == "debug" else None,
            )
            with contextlib.suppress(Refusal):  # the database is away as well: its lease will run out
                async with self._to(place) as tx:
                    await outbox.failed(tx, job, reason)

    async def _call(self, handler: Handler, tx: Tx, payload: Any, *, bridging: bool) -> None:
        if not bridging:
            await handler(tx, payload)
            return
        # A fact for the other side: written and committed there first. If this side then fails, it is written again.
        async with visit.to_control(self._house) as control:
            await handler(tx, payload, control=control)

    async def _sweep(self) -> None:
        """What is written while one looks is more than before the next time."""
        while True:
            try:
                before, self._written = self._written, await self._house.routing.written()
                for place, much in self._written.items():
                    if much is None or before.get(place) != much:
                        self._plan(place, monotonic())
                self._woken.set()
            except Exception as trouble:
                log.warning("sweep_failed", error=type(trouble).__name__)
            await asyncio.sleep(SWEEP_SECONDS)

    async def _listen(self) -> None:
        while True:
            try:
                await self._house.bell.wire.listen(self._heard, ready=lambda: None)
            except WireLost as lost:
                log.warning("worker_cannot_listen", error=type(lost.__cause__ or lost).__name__)
            await asyncio.sleep(1)

    def _heard(self, text: str) -> None:
        ring = ring_of(text)
        if ring and ring.jobs:
            self.wake(ring.clinic)
