from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.patients.model import COLUMNS, Patient
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def seen_by(tx: ClinicTx, actor: Actor, patient_id: UUID) -> Patient:
    """Herself, or the desk. A doctor comes to a patient through a visit: ``appointments.seen_by``."""
    found = await tx.maybe(
        Patient,
        f"SELECT {COLUMNS} FROM patients WHERE id = :id AND (account_id = :account_id OR :desk)",
        id=patient_id,
        account_id=actor.account_id,
        desk=actor.runs_desk_of(tx.clinic.id),
    )
    if found is None:
        raise NotFound
    return found
