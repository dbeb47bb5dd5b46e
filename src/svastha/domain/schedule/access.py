from typing import Literal
from uuid import UUID

from svastha.domain.accounts import Actor, who_may
from svastha.domain.schedule.model import Practitioner
from svastha.domain.schedule.practise import practitioner
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound

Permission = Literal["schedule.read", "schedule.edit", "schedule.except"]


async def seen_by(tx: ClinicTx, actor: Actor, doctor_id: UUID, to: Permission) -> Practitioner:
    """The practitioner, for herself and for those whose role here is about everybody's time. For others, and so for
    every other doctor, there is nobody."""
    herself = actor.account_id == doctor_id and actor.is_a("doctor", tx.clinic.id)
    if not herself and not any(actor.is_a(role, tx.clinic.id) for role in who_may(to) - {"doctor"}):
        raise NotFound
    return await practitioner(tx, doctor_id)


async def hold(tx: ClinicTx, doctor_id: UUID) -> str:
    """Nobody sells or changes her hours until this transaction ends. Her zone."""
    zone: str | None = await tx.value(
        "SELECT zone FROM practitioners WHERE doctor_id = :doctor_id FOR NO KEY UPDATE", doctor_id=doctor_id
    )
    if zone is None:
        raise NotFound
    return zone
