from uuid import UUID

from svastha.domain import audit
from svastha.domain.doctors.model import DoctorChanged
from svastha.domain.doctors.step import step
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce
from svastha.kit.refusals import NotFound


async def verify(tx: ControlTx, doctor_id: UUID) -> None:
    """For a doctor whom the house invents: nobody looked at anything, and her history says so."""
    if not await tx.run(
        "UPDATE doctors SET state = 'verified', state_since = now(), verified_at = now()"
        " WHERE id = :id AND state = 'submitted'",
        id=doctor_id,
    ):
        raise NotFound
    await step(tx, doctor_id, "demo", None)
    audit.note(tx, None, "verify", "doctor", doctor_id, whose=doctor_id)
    announce(tx, DoctorChanged(doctor_id))
