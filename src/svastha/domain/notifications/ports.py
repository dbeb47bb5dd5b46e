from typing import Protocol
from uuid import UUID

import msgspec

from svastha.domain.notifications.model import Attachment


class Letter(msgspec.Struct, frozen=True):
    """One mail. The id names it for ever: a second copy of the same letter carries the same Message-ID."""

    id: UUID
    to: str
    subject: str
    body: str
    attachments: tuple[Attachment, ...] = ()


class Post(Protocol):
    """The way out for mail. Returning means the other side has taken the letter."""

    async def send(self, letter: Letter) -> None: ...
