from uuid import UUID

from svastha.domain.appointments.model import STEPS, Status
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7


def step(tx: ClinicTx, appointment_id: UUID, status: Status, by: UUID | None, why: str | None = None) -> None:
    """Every change of status leaves its row."""
    tx.write_at_the_door(STEPS, id=uuid7(), appointment_id=appointment_id, status=status, by_account=by, why=why)
