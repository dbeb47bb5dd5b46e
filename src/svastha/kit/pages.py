"""Pages that stay put while rows come and go: an opaque, signed cursor says where the last one ended.

A cursor is good only for the purpose it was made for; put into the purpose whatever must not change between pages.
"""

from typing import Generic, TypeVar

import msgspec

from svastha.kit.crypto import sign, signed
from svastha.kit.i18n import N_
from svastha.kit.refusals import BadRequest

T = TypeVar("T")


class BadCursor(BadRequest):
    code = "bad_cursor"
    says = N_("This page is no longer there. Start again from the first one.")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """``next_cursor`` is None on the last page."""

    items: list[T]
    next_cursor: str | None = None


def cursor_at(place: object, *, secret: str, purpose: str) -> str:
    return sign(secret, f"cursor\0{purpose}", place)


def place_of(cursor: str, kind: type[T], *, secret: str, purpose: str) -> T:
    """What :func:`cursor_at` was given. Refuses a cursor of another purpose, and anything else."""
    place = signed(secret, f"cursor\0{purpose}", cursor, kind)
    if place is None:
        raise BadCursor
    return place
