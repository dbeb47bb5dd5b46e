from uuid import UUID

from svastha.domain import patients
from svastha.domain.accounts import Actor
from svastha.domain.patients import Patient
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def patient_for(tx: ClinicTx, actor: Actor, doctor_id: UUID, patient_id: UUID) -> Patient:
    """Whom staff books for with this doctor: at the desk anybody, the doctor herself whom she has or had a visit with.
    Nobody else books for her until this transaction ends."""
    if actor.runs_desk_of(tx.clinic.id):
        return await patients.seen_by(tx, actor, patient_id, lock=True)
    if actor.account_id != doctor_id or not actor.is_a("doctor", tx.clinic.id):
        raise NotFound
    found = await tx.maybe(
        Patient,
        """
        SELECT p.id, p.account_id, p.name, p.email, p.locale, p.zone, p.birth_date, p.sex, p.city, false AS mine
        FROM patients p WHERE p.id = :id AND p.account_id IS DISTINCT FROM :me AND EXISTS (SELECT FROM appointments a
            WHERE a.patient_id = p.id AND a.doctor_id = :me
                AND a.status IN ('requested', 'confirmed', 'checked_in', 'in_progress', 'completed', 'no_show'))
        FOR NO KEY UPDATE OF p
        """,
        id=patient_id,
        me=actor.account_id,
    )
    if found is None:
        raise NotFound
    return found
