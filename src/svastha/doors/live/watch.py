"""Brings the bell's rings to whoever watches a visit in this process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

import structlog

from svastha.doors.bell import ring_of
from svastha.doors.visit import House
from svastha.kit.refusals import Busy
from svastha.kit.wire import WireLost

T = TypeVar("T")

LOOK_AGAIN = 15.0  # seconds; a ring may be lost
LONGEST_WAIT = 30.0
log = structlog.get_logger()


class Watch:
    """One listener, however many watch."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._watching: dict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._stopped = False

    async def run(self) -> None:
        """Listens until cancelled. A lost connection is replaced, and everybody looks once by themselves."""
        wait = 1.0
        while True:
            began = asyncio.Event()

            def ready(began: asyncio.Event = began) -> None:
                began.set()
                self._wake_everybody()

            try:
                await self._house.bell.wire.listen(self._heard, ready=ready)
            except WireLost as lost:
                log.warning("watch_cannot_listen", error=type(lost.__cause__ or lost).__name__)
            wait = 1.0 if began.is_set() else min(2 * wait, LONGEST_WAIT)
            await asyncio.sleep(wait)

    def stop(self) -> None:
        """The server is about to go: nobody is kept waiting. Browsers come back by themselves."""
        self._stopped = True
        self._wake_everybody()

    def _heard(self, text: str) -> None:
        ring = ring_of(text)
        for id in (*ring.visits, *ring.boards) if ring else ():
            for event in self._watching.get(id, ()):
                event.set()

    def _wake_everybody(self) -> None:
        for events in self._watching.values():
            for event in events:
                event.set()

    @contextmanager
    def changes(self, *ids: UUID) -> Iterator[asyncio.Event]:
        """Set whenever something was committed about one of these visits, or doctors' days. The watcher clears it
        before looking."""
        event = asyncio.Event()
        for id in ids:
            self._watching[id].add(event)
        try:
            yield event
        finally:
            for id in ids:
                self._watching[id].discard(event)
                if not self._watching[id]:
                    del self._watching[id]

    async def looks(self, ids: UUID | Collection[UUID], look: Callable[[], Awaitable[T]]) -> AsyncGenerator[T, None]:
        """What ``look`` finds now, again after each change of the visit or of one of several visits and doctors' days,
        and again every 15 seconds in any case. It asks anew whether it may; what it raises ends this, unless the house
        is too busy to tell."""
        with self.changes(*([ids] if isinstance(ids, UUID) else set(ids))) as changed:
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
