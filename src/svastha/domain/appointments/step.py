from datetime import datetime
from uuid import UUID

from svastha.domain.appointments.model import STEPS, Status
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7


def step(
    tx: ClinicTx,
    appointment_id: UUID,
    status: Status,
    by: UUID | None,
    why: str | None = None,
    *,
    charge_percent: int | None = None,
) -> None:
    """Every change of status leaves its row."""
    _write(tx, appointment_id, status, by, why, None, None, charge_percent)


def moved(
    tx: ClinicTx,
    appointment_id: UUID,
    by: UUID | None,
    why: str | None,
    from_at: datetime,
    to_at: datetime,
    *,
    charge_percent: int | None = None,
) -> None:
    """So does every other time."""
    _write(tx, appointment_id, "rescheduled", by, why, from_at, to_at, charge_percent)


def _write(
    tx: ClinicTx,
    appointment_id: UUID,
    status: str,
    by: UUID | None,
    why: str | None,
    from_at: datetime | None,
    to_at: datetime | None,
    charge_percent: int | None,
) -> None:
    tx.write_at_the_door(
        STEPS,
        id=uuid7(),
        appointment_id=appointment_id,
        status=status,
        by_account=by,
        why=why,
        from_at=from_at,
        to_at=to_at,
        charge_percent=charge_percent,
    )
