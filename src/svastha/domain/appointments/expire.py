from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.appointments.model import AppointmentMoved, HoldEnds
from svastha.domain.appointments.step import step
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


class _Expired(msgspec.Struct, frozen=True):
    id: UUID
    doctor_id: UUID


_EXPIRED = "UPDATE appointments SET status = 'expired', hold_expires_at = NULL WHERE status = 'held'"


async def expire_hold(tx: ClinicTx, job: HoldEnds) -> None:
    _record(
        tx,
        await tx.all(
            _Expired,
            f"{_EXPIRED} AND hold_expires_at <= now() AND id = :id RETURNING id, doctor_id",
            id=job.appointment_id,
        ),
    )


async def expire_in_the_way(
    tx: ClinicTx, *, doctor_id: UUID, patient_id: UUID, starts_at: datetime, ends_at: datetime
) -> None:
    """Holds that ran out where a visit is about to be, and the patient's own, must not stop it at the constraint."""
    _record(
        tx,
        await tx.all(
            _Expired,
            f"""{_EXPIRED} AND tstzrange(starts_at, ends_at) && tstzrange(:starts_at, :ends_at)
                AND (doctor_id = :doctor_id OR patient_id = :patient_id)
                AND (hold_expires_at <= now() OR patient_id = :patient_id)
            RETURNING id, doctor_id""",
            doctor_id=doctor_id,
            patient_id=patient_id,
            starts_at=starts_at,
            ends_at=ends_at,
        ),
    )


def _record(tx: ClinicTx, expired: list[_Expired]) -> None:
    for one in expired:
        step(tx, one.id, "expired", None)
        announce(tx, AppointmentMoved(one.id, one.doctor_id, "expired"))
