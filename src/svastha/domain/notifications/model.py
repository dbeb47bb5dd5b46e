from uuid import UUID

import msgspec


class Recipient(msgspec.Struct, frozen=True):
    account_id: UUID | None
    email: str
    locale: str


class Attachment(msgspec.Struct, frozen=True):
    name: str
    content_type: str
    text: str


class Deliver(msgspec.Struct, frozen=True):
    """A message waits to be sent."""

    message_id: UUID
