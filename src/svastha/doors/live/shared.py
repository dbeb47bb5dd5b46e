"""Many follow the same queues, and all hear the same ring: one of them looks, for all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Hashable, Mapping
from contextlib import asynccontextmanager
from math import inf
from time import monotonic
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from svastha.doors import visit
from svastha.doors.live import watch
from svastha.doors.visit import House
from svastha.kit.db import ClinicTx

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
At = tuple[str, str]  # a clinic, and what of it
KEPT = 60.0  # seconds


class _Look:
    def __init__(self, of: set[Any], task: asyncio.Task[None]) -> None:
        self.of, self.task, self.began = of, task, inf


class _Place:
    def __init__(self) -> None:
        self.next: _Look | None = None
        self.running: _Look | None = None
        self.seen: dict[Any, tuple[Any, float]] = {}
        self.asked: dict[Any, float] = {}  # when last

    def has(self, one: Any, since: float) -> bool:
        return one in self.seen and self.seen[one][1] >= since


class Shared:
    """Nobody is shown what was seen before the moment she gives, such as when she was told of a change: whoever comes
    while an older look is under way waits for the next one, with all others who came meanwhile. So at each place there
    is one look at a time, and of each thing one for each change, however many follow it. Every 15 seconds whoever comes
    first looks in any case, at everything there that somebody follows.

    What is drawn of what was seen is drawn once as well.
    """

    def __init__(self) -> None:
        self._places: dict[At, _Place] = {}
        self._alone: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._drawn: dict[Hashable, tuple[Any, Any, float]] = {}
        self._swept = monotonic()

    async def look(
        self, at: At, since: Mapping[K, float], look: Callable[[Collection[K]], Awaitable[Mapping[K, T]]]
    ) -> dict[K, T | None]:
        """What is ``at`` a place, of each thing as it was ``since`` then or later, by ``monotonic``. ``look`` is the
        same for all who look there, and leaves out what does not exist. Raises what it raises."""
        place, now = self._places.setdefault(at, _Place()), monotonic()
        place.asked |= dict.fromkeys(since, now)
        wanted = {one: max(moment, _round(at, now)) for one, moment in since.items()}
        while due := {one for one, moment in wanted.items() if not place.has(one, moment)}:
            under_way = place.running
            if not (under_way and due <= under_way.of and under_way.began >= max(wanted[one] for one in due)):
                under_way = place.next or self._planned(at, place, look)
                under_way.of |= due
            await asyncio.shield(under_way.task)
        return {one: place.seen[one][0] for one in since}

    def _planned(self, at: At, place: _Place, look: Callable[[Any], Awaitable[Mapping[Any, Any]]]) -> _Look:
        task = asyncio.create_task(self._looked(at, place, look))
        task.add_done_callback(_had)
        place.next = _Look(set(), task)
        return place.next

    async def _looked(self, at: At, place: _Place, look: Callable[[Any], Awaitable[Mapping[Any, Any]]]) -> None:
        if place.running:
            await asyncio.wait([place.running.task])
        mine, place.next = place.next, None
        assert mine
        mine.began, place.running = monotonic(), mine
        begun = _round(at, mine.began)
        mine.of |= {
            one for one, asked in place.asked.items() if asked > begun - watch.LOOK_AGAIN and not place.has(one, begun)
        }
        try:
            found = await look(mine.of)
        finally:
            place.running = None
        place.seen |= {one: (found.get(one), mine.began) for one in mine.of}
        self._sweep()

    @asynccontextmanager
    async def reading(self, house: House, clinic: str) -> AsyncIterator[ClinicTx]:
        """One after the other: what a ring makes everybody read at once is read sooner in one connection that is there
        than in five that are opened for it."""
        async with self._alone.setdefault(clinic, asyncio.Lock()), visit.reading_clinic(house, clinic) as tx:
            yield tx

    def drawn(self, what: Hashable, of: Any, draw: Callable[[], T]) -> T:
        """As it was drawn before, if that was of the same."""
        known = self._drawn.get(what)
        found: T = known[1] if known and known[0] == of else draw()
        self._drawn[what] = of, found, monotonic()
        return found

    def _sweep(self) -> None:
        """Forget what nobody has asked for in a minute."""
        since = monotonic() - KEPT
        if self._swept > since:
            return
        self._swept = monotonic()
        self._drawn = {what: drawn for what, drawn in self._drawn.items() if drawn[2] > since}
        for place in self._places.values():
            place.asked = {one: asked for one, asked in place.asked.items() if asked > since}
            place.seen = {one: seen for one, seen in place.seen.items() if one in place.asked}
        self._places = {at: place for at, place in self._places.items() if place.asked or place.next or place.running}


def _round(at: At, now: float) -> float:
    """When the present 15 seconds began at a clinic. Not at all of them at once."""
    return now - (now + hash(at[0]) % 1000) % watch.LOOK_AGAIN


def _had(look: asyncio.Task[None]) -> None:
    """All who asked for it may have left meanwhile, and nobody hears how it went."""
    if not look.cancelled():
        look.exception()
