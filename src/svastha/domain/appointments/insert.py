from datetime import datetime
from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.appointments.clear import clear
from svastha.domain.appointments.model import Appointment, Status
from svastha.domain.appointments.step import step
from svastha.domain.patients import Patient
from svastha.domain.schedule import AlreadyBooked, Mode, Place, SlotTaken
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7


async def insert(
    tx: ClinicTx,
    actor: Actor,
    patient: Patient,
    place: Place,
    *,
    doctor_id: UUID,
    starts_at: datetime,
    mode: Mode,
    hold_expires_at: datetime | None = None,
    reason: str | None = None,
) -> Appointment:
    """The row itself, under the constraints that have the last word."""
    if place.old_holds:
        await clear(
            tx,
            patient_id=patient.id,
            let_go_by=actor.account_id if hold_expires_at else None,
            doctor_id=doctor_id,
            starts_at=starts_at,
            ends_at=place.ends_at,
        )
    status: Status = "held" if hold_expires_at else "confirmed"
    made = Appointment(
        uuid7(),
        doctor_id,
        place.doctor_name,
        patient.id,
        patient.name,
        starts_at,
        place.ends_at,
        mode,
        status,
        place.fee_paise,
        hold_expires_at,
        tx.clinic.slug,
        reason if patient.mine else None,
        patient.mine and patient.account_id != actor.account_id,
    )
    async with tx.refusing(no_two_visits_of_one_doctor=SlotTaken, no_two_visits_of_one_patient=AlreadyBooked):
        await tx.run(
            """
            INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, reason,
                hold_expires_at, made_by)
            VALUES (:id, :doctor_id, :patient_id, :starts_at, :ends_at, :mode, :status, :fee_paise, :reason,
                :hold_expires_at, :made_by)
            """,
            id=made.id,
            doctor_id=doctor_id,
            patient_id=patient.id,
            starts_at=starts_at,
            ends_at=place.ends_at,
            mode=mode,
            status=status,
            fee_paise=place.fee_paise,
            reason=seal_reason(tx, made.id, reason),
            hold_expires_at=hold_expires_at,
            made_by=actor.account_id,
        )
    step(tx, made.id, status, actor.account_id)
    return made


def seal_reason(tx: ClinicTx, appointment_id: UUID, reason: str | None) -> bytes | None:
    return tx.vault.seal("appointments", "reason", appointment_id, reason.encode()) if reason else None
