"""Brings the bell's rings to whoever watches a visit in this process."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import TypeVar
from uuid import UUID

import structlog

from svastha.doors.bell import ring_of
from svastha.doors.visit import House
from svastha.kit.refusals import Busy
from svastha.kit.wire import keep_listening

T = TypeVar("T")

LOOK_AGAIN = 15.0  # seconds; a ring may be lost
AT_ONCE, LONGEST_DELAY = 100, 10.0  # looks in a second where all have to look, and the seconds that may take
JUST_NOW = 1.0  # seconds; of many who come at once, not each needs a look of her own, and a ring may be under way
log = structlog.get_logger()


class Change(asyncio.Event):
    def set_within(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(random.uniform(0, seconds), self.set)  # noqa: S311 - no secret


class Watch:
    """One listener, however many watch."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._watching: dict[UUID, set[Change]] = defaultdict(set)
        self._rung: dict[UUID, float] = {}  # when last, of those who are watched
        self._deaf = -inf  # when this last began to listen
        self._stopped = False

    async def run(self) -> None:
        """Listens until cancelled. Whenever it begins to, everybody looks once by themselves, the many not at once."""
        await keep_listening(self._house.bell.wire, self._heard, ready=self._all_look, cut="watch_cannot_listen")

    def stop(self) -> None:
        """The server is about to go: nobody is kept waiting. Browsers come back by themselves."""
        self._stopped = True
        for event in self._everybody():
            event.set()

    def _heard(self, text: str) -> None:
        ring = ring_of(text)
        for id in (*ring.visits, *ring.boards) if ring else ():
            if id in self._watching:
                self._rung[id] = monotonic()
                for event in self._watching[id]:
                    event.set()

    def _all_look(self) -> None:
        self._deaf, everybody = monotonic(), self._everybody()
        for event in everybody:
            event.set_within(min(LONGEST_DELAY, len(everybody) / AT_ONCE))

    def _everybody(self) -> set[Change]:
        return set().union(*self._watching.values())

    @contextmanager
    def changes(self, *ids: UUID) -> Iterator[Change]:
        """Set whenever something was committed about one of these visits, or doctors' days. The watcher clears it
        before looking."""
        event = Change()
        for id in ids:
            self._watching[id].add(event)
        try:
            yield event
        finally:
            for id in ids:
                self._watching[id].discard(event)
                if not self._watching[id]:
                    del self._watching[id]
                    self._rung.pop(id, None)

    def since(self, began: float, *ids: UUID) -> float:
        """The last ring, by ``monotonic``, for whoever watches these since ``began``: what was seen later will do."""
        return max(began - JUST_NOW, self._deaf, *(self._rung.get(id, -inf) for id in ids))

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
                again = asyncio.get_running_loop().call_later(LOOK_AGAIN, changed.set)
                try:
                    await changed.wait()
                finally:
                    again.cancel()
