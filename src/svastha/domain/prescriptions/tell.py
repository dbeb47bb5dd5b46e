from uuid import UUID

import msgspec

from svastha.domain import appointments, notifications
from svastha.domain.prescriptions.model import PrescriptionSigned
from svastha.kit.db import ClinicTx


class _Patient(msgspec.Struct, frozen=True):
    account_id: UUID | None
    name: str
    email: str
    locale: str


async def tell_patient(tx: ClinicTx, event: PrescriptionSigned, *, site: str) -> None:
    """Where to find it; what is in it is never mailed."""
    visit = await appointments.for_verification(tx, event.appointment_id)
    patient = await tx.one(
        _Patient, "SELECT account_id, name, email, locale FROM patients WHERE id = :id", id=visit.patient_id
    )
    if patient.email:
        await notifications.send(
            tx,
            notifications.Recipient(patient.account_id, patient.email, patient.locale),
            "prescription_ready",
            name=patient.name,
            doctor=visit.doctor_name,
            url=f"{site}/c/{tx.clinic.slug}/visits/{visit.id}",
        )
