from uuid import UUID

import msgspec

from svastha.domain.accounts import Actor
from svastha.domain.appointments.clear import clear
from svastha.domain.appointments.model import MINE
from svastha.domain.appointments.offer import let_go
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


class _Hold(msgspec.Struct, frozen=True):
    patient_id: UUID
    offered: bool


async def release(tx: ClinicTx, actor: Actor, hold_id: UUID) -> None:
    """Let a held time go before it runs out. One that the waiting list offered goes alone, and on to the next in line;
    others stay with her until she lets them go too."""
    hold = await tx.maybe(
        _Hold,
        f"SELECT a.patient_id, a.offered FROM appointments a WHERE a.id = :id AND a.status = 'held' AND {MINE}",
        id=hold_id,
        me=actor.account_id,
    )
    if hold is None:
        raise NotFound
    if hold.offered:
        await let_go(tx, actor.account_id, hold_id)
    else:
        await clear(tx, patient_id=hold.patient_id, let_go_by=actor.account_id)
