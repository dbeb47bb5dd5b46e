"""Tells other processes that something was committed: jobs to do, visits that changed. Losing a ring loses nothing but
a moment, since everybody also looks by themselves."""

import asyncio
from uuid import UUID

import msgspec
import structlog

from svastha.domain.clinics import Routing

CHANNEL = "svastha"
log = structlog.get_logger()


class Ring(msgspec.Struct, frozen=True):
    clinic: str | None  # None: the control database
    jobs: bool
    visits: tuple[UUID, ...] = ()


class Bell:
    """Rings once for all that was committed within a few milliseconds, outside the transactions themselves: a commit
    that notifies would make every other such commit wait for it."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing
        self._waiting: list[Ring] = []
        self._task: asyncio.Task[None] | None = None

    def ring(self, ring: Ring) -> None:
        self._waiting.append(ring)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._waiting:
            rings, self._waiting = self._waiting[:40], self._waiting[40:]
            texts = [msgspec.json.encode(ring).decode() for ring in dict.fromkeys(rings)]
            try:
                async with self._routing.reading_control() as tx:
                    await tx.value(
                        "SELECT count(pg_notify(:channel, text)) FROM unnest(:texts::text[]) text",
                        channel=CHANNEL,
                        texts=texts,
                    )
            except Exception as trouble:
                log.warning("bell_lost", error=type(trouble).__name__)

    async def close(self) -> None:
        if self._task:
            await asyncio.wait([self._task], timeout=2)
