"""Many follow the same queue, and all hear the same ring: one of them looks, for all."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Shared:
    """Nobody is shown what was seen before she asked: whoever comes while a look is under way waits for the next one,
    with all others who came meanwhile. So of each thing there is one look at a time, however many follow it."""

    def __init__(self) -> None:
        self._next: dict[Hashable, asyncio.Task[Any]] = {}
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    async def look(self, what: Hashable, look: Callable[[], Awaitable[T]]) -> T:
        """``look`` is the same for all who ask for ``what``. Raises what it raises."""
        task = self._next.get(what)
        if task is None:
            task = self._next[what] = asyncio.create_task(self._after(self._running.get(what), what, look))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # all may have left meanwhile
        found: T = await asyncio.shield(task)
        return found

    async def _after(self, before: asyncio.Task[Any] | None, what: Hashable, look: Callable[[], Awaitable[T]]) -> T:
        if before:
            await asyncio.wait([before])
        mine = self._running[what] = self._next.pop(what)
        try:
            return await look()
        finally:
            if self._running[what] is mine:
                del self._running[what]
