from typing import Any
from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.patients.guardianship import HERS
from svastha.domain.patients.model import COLUMNS, Patient
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound

# Queries that lock somebody for ``Patient``, to stand in larger ones: the actor herself as her account has it, see
# ``told_by``; ``:id`` as far as the actor may see her, see ``seeing``; ``:id``, seen and locked before.
HERSELF = f"""SELECT {COLUMNS}, true AS mine FROM patients WHERE account_id = :account_id
    AND (name, email, phone, locale, zone) = (:name, :email, :phone, :locale, :zone) FOR NO KEY UPDATE"""
_SEEN = f"SELECT {COLUMNS}, id = ANY({HERS}) AS mine FROM patients WHERE id = :id AND (id = ANY({HERS}) OR :desk)"
SEEN = f"{_SEEN} FOR NO KEY UPDATE"
KNOWN = f"SELECT {COLUMNS}, :mine::boolean AS mine FROM patients WHERE id = :id"


def seeing(tx: ClinicTx, actor: Actor) -> dict[str, Any]:
    return {"me": actor.account_id, "desk": actor.runs_desk_of(tx.clinic.id)}


async def seen_by(tx: ClinicTx, actor: Actor, patient_id: UUID, *, lock: bool = False) -> Patient:
    """Herself, who acts for her, or the desk. A doctor comes to a patient through a visit: ``appointments.seen_by``.

    With ``lock`` nobody else books for her until this transaction ends.
    """
    found = await tx.maybe(
        Patient,
        SEEN if lock else _SEEN,
        id=patient_id,
        **seeing(tx, actor),
    )
    if found is None:
        raise NotFound
    if lock:
        await follow(tx, actor, found)
    return found


async def follow(tx: ClinicTx, actor: Actor, patient: Patient) -> None:
    """Where a guardian is reached follows her account, as ``own`` does for a patient."""
    if not patient.mine or patient.account_id == actor.account_id:
        return
    await tx.run(
        "UPDATE guardianships SET name = :name, email = :email, phone = :phone, locale = :locale, zone = :zone"
        " WHERE patient_id = :patient_id AND account_id = :me"
        " AND (name, email, phone, locale, zone) IS DISTINCT FROM (:name, :email, :phone, :locale, :zone)",
        patient_id=patient.id,
        me=actor.account_id,
        name=actor.name,
        email=actor.email,
        phone=actor.phone,
        locale=actor.locale,
        zone=actor.zone,
    )


async def of(tx: ClinicTx, actor: Actor | None) -> UUID | None:
    """Whom the actor is here as a patient, if anybody yet."""
    found: UUID | None = None
    if actor:
        found = await tx.value("SELECT id FROM patients WHERE account_id = :id", id=actor.account_id)
    return found


async def locked(tx: ClinicTx, patient_id: UUID) -> Patient:
    """For a caller that has established its right by other means, such as a job: nobody else books for her until this
    transaction ends."""
    return await tx.one(
        Patient, f"SELECT {COLUMNS}, false AS mine FROM patients WHERE id = :id FOR NO KEY UPDATE", id=patient_id
    )
