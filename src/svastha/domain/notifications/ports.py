import re
from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

import msgspec

from svastha.domain.notifications.model import Attachment, Channel

_REFERENCE = re.compile(r"([a-z][a-z0-9-]{1,30}[a-z0-9])?/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


class Letter(msgspec.Struct, frozen=True):
    """One message on its way. The id names it for ever: a second copy of the same mail carries the same Message-ID.

    ``body`` is the whole text. Where a provider only fills in a text it has approved, it gets ``values`` in the order
    of the text in this ``locale``, or the ``code`` alone if there is one.
    """

    id: UUID
    to: str
    subject: str
    body: str
    template: str
    locale: str
    values: tuple[str, ...] = ()
    code: str = ""
    attachments: tuple[Attachment, ...] = ()
    clinic: str = ""

    @property
    def reference(self) -> str:
        """What a provider is given, to say what it speaks of when it reports. Nothing personal."""
        return f"{self.clinic}/{self.id}"


def place_of(reference: str) -> tuple[str | None, UUID] | None:
    """The clinic (None: the control database) and the message that a reference of ours names."""
    found = _REFERENCE.fullmatch(reference)
    return (found[1], UUID(found[2])) if found else None


class Unreachable(Exception):
    """Not this person, or not this message, by this channel: asking again will not help. Carries a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotTaken(Exception):
    """The other side has certainly not taken it: it was never reached, or said so."""


class Way(Protocol):
    """A way out. Returning means the other side has taken the letter; the answer is its id there, if it has one.

    Raises Unreachable, or NotTaken where it may be tried again. Anything else leaves open whether it was taken.
    """

    async def send(self, letter: Letter) -> str: ...


Ways = Mapping[Channel, Way]
