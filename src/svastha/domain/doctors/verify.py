from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.doctors.model import DoctorChanged
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce
from svastha.kit.refusals import NotFound


async def verify(tx: ControlTx, actor: Actor | None, doctor_id: UUID) -> None:
    """From now on she is found and can be booked. ``actor`` is nobody only when the house invents its demo."""
    if actor is not None and not actor.is_a("platform_admin"):
        raise NotFound
    if not await tx.run("UPDATE doctors SET verified_at = coalesce(verified_at, now()) WHERE id = :id", id=doctor_id):
        raise NotFound
    audit.note(tx, actor.account_id if actor else None, "verify", "doctor", doctor_id)
    announce(tx, DoctorChanged(doctor_id))
