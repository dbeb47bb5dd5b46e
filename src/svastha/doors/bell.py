"""Tells other processes that something was committed: jobs to do, visits and doctors' days that changed. Losing a ring
loses nothing but a moment, since everybody also looks by themselves."""

import asyncio
from uuid import UUID

import msgspec
import structlog

from svastha.kit.wire import Wire

AT_ONCE = 90  # ids of each kind in one ring: PostgreSQL takes 8000 bytes
log = structlog.get_logger()


class Ring(msgspec.Struct, frozen=True):
    clinic: str | None  # None: the control database
    jobs: bool
    visits: tuple[UUID, ...] = ()
    boards: tuple[UUID, ...] = ()  # of these doctors


def ring_of(text: str) -> Ring | None:
    """None for what is not understood, such as of another version while the two run side by side."""
    try:
        return msgspec.json.decode(text, type=Ring)
    except (msgspec.MsgspecError, RecursionError):
        log.warning("ring_not_understood")
        return None


class Bell:
    """Rings once for all that was committed within a few milliseconds."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self._waiting: list[Ring] = []
        self._task: asyncio.Task[None] | None = None

    def ring(self, ring: Ring) -> None:
        for at in range(0, max(1, len(ring.visits), len(ring.boards)), AT_ONCE):
            visits, boards = ring.visits[at : at + AT_ONCE], ring.boards[at : at + AT_ONCE]
            self._waiting.append(Ring(ring.clinic, ring.jobs, visits, boards))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._waiting:
            rings, self._waiting = self._waiting[:40], self._waiting[40:]
            texts = [msgspec.json.encode(ring).decode() for ring in dict.fromkeys(rings)]
            try:
                await self.wire.send(texts)
            except Exception as trouble:
                log.warning("bell_lost", error=type(trouble).__name__)

    async def close(self) -> None:
        if self._task:
            await asyncio.wait([self._task], timeout=2)
        await self.wire.close()
