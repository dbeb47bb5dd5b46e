from uuid import UUID

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def document(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> bytes:
    """The signed PDF, byte for byte, for the doctor and the patient."""
    visit = await appointments.shared_by(tx, actor, appointment_id)
    sealed: bytes | None = await tx.value(
        "SELECT document FROM prescriptions WHERE appointment_id = :id AND signed_at IS NOT NULL", id=appointment_id
    )
    if sealed is None:
        raise NotFound
    whose = visit.appointment.patient_id
    audit.note(tx, actor.account_id, "read", "prescription_document", appointment_id, whose=whose)
    return tx.vault.open("prescriptions", "document", appointment_id, sealed)
