from collections.abc import Mapping
from typing import Literal
from uuid import UUID

import msgspec

from svastha.kit.db import ClinicTx, ControlTx
from svastha.kit.sealed import Sealed

AnyTx = ControlTx | ClinicTx

Channel = Literal["whatsapp", "sms", "email"]
CHANNELS: tuple[Channel, ...] = ("whatsapp", "sms", "email")
USUAL: tuple[Channel, ...] = ("sms", "email")  # WhatsApp only for whoever asked for it

SEALED = (Sealed("messages", "sealed"),)


class Recipient(msgspec.Struct, frozen=True):
    """Whom to tell. ``phone`` is E.164; ``prefers`` her channels, best first, see ``Preferences``."""

    account_id: UUID | None
    locale: str
    email: str = ""
    phone: str = ""
    prefers: tuple[Channel, ...] = USUAL
    all_at_once: bool = False

    @classmethod
    def at(cls, account_id: UUID | None, locale: str, addresses: Mapping[str, str]) -> "Recipient":
        """By kind of address, ``email`` or ``phone``."""
        return cls(account_id, locale, addresses.get("email", ""), addresses.get("phone", ""))

    def address(self, channel: Channel) -> str:
        return self.email if channel == "email" else self.phone


class Attachment(msgspec.Struct, frozen=True):
    name: str
    content_type: str
    text: str


class Contents(msgspec.Struct, frozen=True):
    """What is sealed of a message."""

    address: str
    subject: str
    body: str
    locale: str = "en"
    values: tuple[str, ...] = ()
    code: str = ""
    attachments: tuple[Attachment, ...] = ()


class Deliver(msgspec.Struct, frozen=True):
    """A message waits to be sent."""

    message_id: UUID


class FallBack(msgspec.Struct, frozen=True):
    """Time to see whether it arrived."""

    message_id: UUID


class Expire(msgspec.Struct, frozen=True):
    """What was told is of no use any more."""

    told_id: UUID


class Receipt(msgspec.Struct, frozen=True):
    """What a provider says became of a message. ``reason`` is its code, never words about a person."""

    channel: Channel
    arrived: bool
    message_id: UUID | None
    provider_id: str = ""
    reason: str = ""
