from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.patients.model import COLUMNS, Patient
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def seen_by(tx: ClinicTx, actor: Actor, patient_id: UUID, *, lock: bool = False) -> Patient:
    """Herself, or the desk. A doctor comes to a patient through a visit: ``appointments.seen_by``.

    With ``lock`` nobody else books for her until this transaction ends.
    """
    found = await tx.maybe(
        Patient,
        f"SELECT {COLUMNS} FROM patients WHERE id = :id AND (account_id = :account_id OR :desk)"
        + (" FOR NO KEY UPDATE" if lock else ""),
        id=patient_id,
        account_id=actor.account_id,
        desk=actor.runs_desk_of(tx.clinic.id),
    )
    if found is None:
        raise NotFound
    return found


async def of(tx: ClinicTx, actor: Actor | None) -> UUID | None:
    """Whom the actor is here as a patient, if anybody yet."""
    found: UUID | None = None
    if actor:
        found = await tx.value("SELECT id FROM patients WHERE account_id = :id", id=actor.account_id)
    return found
