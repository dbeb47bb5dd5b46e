import hmac
from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
import structlog

from svastha.domain import notifications
from svastha.domain.notifications import Channel, Receipt
from svastha.doors import visit
from svastha.doors.visit import House
from svastha.kit.i18n import N_
from svastha.kit.refusals import Forbidden, NotFound

T = TypeVar("T")
log = structlog.get_logger()


class NotSigned(Forbidden):
    code = "hook_not_signed"
    says = N_("This report is not signed by the provider it claims to come from.")


def same(given: str, expected: str) -> bool:
    """In constant time, and never for a secret that is not set."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def understood(body: bytes, kind: type[T] | Any, *, hook: str) -> T | None:
    """None for what is not of this kind. It was signed, so it is theirs: no reason to have it sent again for days."""
    try:
        found: T = msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        log.warning("hook_not_understood", hook=hook)
        return None
    return found


async def replied(house: House, channel: Channel, replies: Iterable[tuple[str, str]]) -> None:
    """(number, text): what somebody answered. Only STOP and START mean anything to us; nothing of it is kept."""
    for number, text in replies:
        async with visit.to_control(house) as tx:
            await notifications.heard(tx, channel, number, text, site=house.settings.url)


async def reported(
    house: House, channel: Channel, reports: Iterable[tuple[str, str, bool, str]], *, by_id: bool = False
) -> None:
    """Hand (our reference, their id, arrived, reason) to the database the message is in. What is not ours is dropped.

    ``by_id``: without a reference, look among the messages of the platform for theirs.
    """
    places: dict[str | None, list[Receipt]] = {}
    for reference, provider_id, arrived, reason in reports:
        found = notifications.place_of(reference)
        if found:
            places.setdefault(found[0], []).append(Receipt(channel, arrived, found[1], provider_id, reason))
        elif by_id and provider_id:
            places.setdefault(None, []).append(Receipt(channel, arrived, None, provider_id, reason))
    for clinic, receipts in places.items():
        try:
            async with visit.to_clinic(house, clinic) if clinic else visit.to_control(house) as tx:
                for receipt in receipts:
                    await notifications.receive(tx, receipt)
        except NotFound:  # a clinic that has closed
            continue
