"""Many follow the same queue, and all hear the same ring: one of them looks, for all."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Any, TypeVar

T = TypeVar("T")
KEPT = 60.0  # seconds


class Shared:
    """Nobody is shown what was seen before ``since``, such as the moment she was told of a change: whoever comes while
    an older look is under way waits for the next one, with all others who came meanwhile. So of each thing there is one
    look at a time, and one for each change, however many follow it."""

    def __init__(self) -> None:
        self._next: dict[Hashable, asyncio.Task[Any]] = {}
        self._running: dict[Hashable, tuple[asyncio.Task[Any], float]] = {}  # and when it began
        self._seen: dict[Hashable, tuple[Any, float]] = {}

    async def look(self, what: Hashable, since: float, look: Callable[[], Awaitable[T]]) -> T:
        """``look`` is the same for all who ask for ``what``. ``since``: by ``monotonic``. Raises what it raises."""
        if what in self._seen and self._seen[what][1] >= since:
            seen: T = self._seen[what][0]
            return seen
        if what in self._running and self._running[what][1] >= since:
            task = self._running[what][0]
        elif what in self._next:
            task = self._next[what]
        else:
            task = self._next[what] = asyncio.create_task(self._after(what, look))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # all may have left meanwhile
        found: T = await asyncio.shield(task)
        return found

    async def _after(self, what: Hashable, look: Callable[[], Awaitable[T]]) -> T:
        if what in self._running:
            await asyncio.wait([self._running[what][0]])
        began = monotonic()
        mine = self._running[what] = self._next.pop(what), began
        try:
            found = await look()
        finally:
            if self._running[what] is mine:
                del self._running[what]
        self._seen = {key: seen for key, seen in self._seen.items() if seen[1] > began - KEPT} | {what: (found, began)}
        return found
