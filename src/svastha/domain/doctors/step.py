from uuid import UUID

from svastha.domain.doctors.model import Step
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7


async def step(tx: ControlTx, doctor_id: UUID, what: Step, by: UUID | None, reason: str | None = None) -> None:
    """One more row in her history, with the registration as it is now. ``by`` is nobody where the calendar decides."""
    await tx.run(
        """
        INSERT INTO verifications (id, doctor_id, step, by_account, reason, facts)
        SELECT :step_id, id, :step, :by, :reason, jsonb_build_object('name', name, 'council', council,
            'registration_no', registration_no, 'registered_on', registered_on, 'valid_to', valid_to,
            'degrees', degrees)
        FROM doctors WHERE id = :id
        """,
        step_id=uuid7(),
        id=doctor_id,
        step=what,
        by=by,
        reason=reason,
    )
