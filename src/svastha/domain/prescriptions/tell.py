from svastha.domain import appointments, notifications, patients
from svastha.domain.prescriptions.model import PrescriptionSigned
from svastha.kit.db import ClinicTx


async def tell_patient(tx: ClinicTx, event: PrescriptionSigned, *, site: str) -> None:
    """Where to find it; what is in it is never mailed."""
    visit = await appointments.for_verification(tx, event.appointment_id)
    for one in await patients.told_about(tx, visit.patient_id):
        await notifications.send(
            tx,
            one.recipient,
            "prescription_ready_for" if one.guardian else "prescription_ready",
            name=one.name,
            patient=visit.patient_name,
            doctor=visit.doctor_name,
            url=f"{site}/c/{tx.clinic.slug}/visits/{visit.id}",
        )
