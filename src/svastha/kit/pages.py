"""Pages that stay put while rows come and go: an opaque, signed cursor says where the last one ended.

A cursor is good only for the purpose it was made for; put into the purpose whatever must not change between pages.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from svastha.kit.crypto import sign, signed
from svastha.kit.i18n import N_
from svastha.kit.refusals import BadRequest

S = TypeVar("S")
T = TypeVar("T")


class BadCursor(BadRequest):
    code = "bad_cursor"
    says = N_("This page is no longer there. Start again from the first one.")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """``next_cursor`` is None on the last page."""

    items: list[T]
    next_cursor: str | None = None


class Cursors(Generic[T]):
    """Of one list. ``kind``: of the place where a page ends; places are signed for this ``purpose`` alone."""

    def __init__(self, kind: type[T], *, secret: str, purpose: str) -> None:
        self._kind, self._secret, self._purpose = kind, secret, f"cursor\0{purpose}"

    def at(self, place: T) -> str:
        return sign(self._secret, self._purpose, place)

    def place(self, cursor: str | None) -> T | None:
        """Where the page before ended; None without a cursor. Raises BadCursor for one of another purpose, and for
        anything else."""
        if not cursor:
            return None
        place = signed(self._secret, self._purpose, cursor, self._kind)
        if place is None:
            raise BadCursor
        return place

    def page(self, found: list[S], limit: int, place: Callable[[S], T]) -> tuple[list[S], str | None]:
        """At most ``limit`` of what was found, and the cursor of the next page if more was: ask for one more.
        ``place``: of one of them."""
        if len(found) <= limit:
            return found, None
        return found[:limit], self.at(place(found[limit - 1]))
