"""Routes that have something in common: a path, a guard, a limit."""

from typing import Any, Self

import litestar


class Router(litestar.Router):
    """Made for one application. Litestar copies a router with all that is in it, which was a third of starting it."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self
