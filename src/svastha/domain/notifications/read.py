from datetime import datetime

import msgspec

from svastha.domain.accounts import Actor
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


class Told(msgspec.Struct, frozen=True):
    """That something was sent, never what or to whom. ``state`` is ``unknown`` where it may have left and is not
    repeated."""

    channel: str
    template: str
    made_at: datetime
    sent_at: datetime | None
    state: str


async def latest(tx: ClinicTx, actor: Actor, *, most: int = 50) -> list[Told]:
    """Latest first, for whoever runs the clinic."""
    if not actor.is_a("clinic_admin", tx.clinic.id):
        raise NotFound
    return await tx.all(
        Told,
        "SELECT channel, template, made_at, sent_at, state FROM messages WHERE state NOT IN ('waiting', 'stopped')"
        " ORDER BY made_at DESC, id DESC LIMIT :most",
        most=most,
    )
