from uuid import UUID

from svastha.domain import appointments, audit, consultations, patients, prescriptions
from svastha.domain.accounts import Actor
from svastha.domain.records.model import Entry, Record
from svastha.kit.db import ClinicTx


async def own_record(tx: ClinicTx, actor: Actor, dependant: UUID | None = None) -> Record | None:
    """Everything signed here about the actor herself, or about a dependant whom she has registered, to take along. None
    where she is no patient, and for a patient who only lets her act."""
    if dependant is None:
        patient_id = await patients.of(tx, actor)
    else:
        registered = [one.patient_id for one in await patients.dependants(tx, actor, trace=False) if one.may_invite]
        patient_id = dependant if dependant in registered else None
    if patient_id is None:
        return None
    her = await patients.seen_by(tx, actor, patient_id)
    visits = await appointments.for_record(tx, patient_id)
    notes = await consultations.for_record(tx, [visit.id for visit in visits])
    signed = await prescriptions.for_record(tx, [visit.id for visit in visits])
    audit.note(tx, actor.account_id, "export", "record", patient_id, whose=patient_id)
    return Record(
        patient_id,
        her.name,
        her.birth_date,
        her.sex,
        her.city,
        [Entry(visit, notes.get(visit.id), signed.get(visit.id)) for visit in visits],
        None,
    )
