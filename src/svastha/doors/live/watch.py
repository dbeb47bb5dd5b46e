"""Brings the bell's rings to whoever watches a visit in this process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
import structlog

from svastha.doors.bell import CHANNEL, Ring
from svastha.doors.visit import House
from svastha.kit.refusals import Busy

T = TypeVar("T")

LOOK_AGAIN = 15.0  # seconds; a ring may be lost
LONGEST_WAIT = 30.0
log = structlog.get_logger()


class Watch:
    """One connection that listens, however many watch."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._watching: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._stopped = False

    async def run(self) -> None:
        """Listens until cancelled. A lost connection is replaced, and everybody looks once by themselves."""
        wait = 1.0
        while True:
            connection = None
            try:
                connection = await self._house.connections.connect(self._house.routing.control)
                lost = asyncio.Event()
                connection.add_termination_listener(lambda *_, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._heard)
                self._wake_everybody()
                wait = 1.0
                await lost.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as trouble:
                log.warning("watch_cannot_listen", error=type(trouble).__name__)
            finally:
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def stop(self) -> None:
        """The server is about to go: nobody is kept waiting. Browsers come back by themselves."""
        self._stopped = True
        self._wake_everybody()

    def _heard(self, _connection: Any, _pid: int, _channel: str, text: str) -> None:
        for id in msgspec.json.decode(text, type=Ring).visits:
            for event in self._watching.get(id, ()):
                event.set()

    def _wake_everybody(self) -> None:
        for events in self._watching.values():
            for event in events:
                event.set()

    @contextmanager
    def changes(self, visit_id: UUID) -> Iterator[asyncio.Event]:
        """Set whenever something was committed about this visit. The watcher clears it before looking."""
        event = asyncio.Event()
        self._watching[visit_id].add(event)
        try:
            yield event
        finally:
            self._watching[visit_id].discard(event)
            if not self._watching[visit_id]:
                del self._watching[visit_id]

    async def looks(self, visit_id: UUID, look: Callable[[], Awaitable[T]]) -> AsyncGenerator[T, None]:
        """What ``look`` finds now, again after each change of the visit, and again every 15 seconds in any case. It
        asks anew whether it may; what it raises ends this, unless the house is too busy to tell."""
        with self.changes(visit_id) as changed:
            while not self._stopped:
                changed.clear()
                try:
                    found = await look()
                except Busy as busy:
                    log.warning("watch_cannot_look", error=busy.code)
                else:
                    yield found
                try:
                    await asyncio.wait_for(changed.wait(), LOOK_AGAIN)
                except TimeoutError:
                    pass
