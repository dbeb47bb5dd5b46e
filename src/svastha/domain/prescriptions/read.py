from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.domain.prescriptions.model import Prescription, Rx
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def read(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> Prescription:
    """For the doctor the draft or the signed one (version 0 where there is none); for the patient what is signed."""
    visit = await appointments.shared_by(tx, actor, appointment_id)
    found = await newest(tx, appointment_id)
    if visit.as_patient and found.signed_at is None:
        raise NotFound
    audit.note(tx, actor.account_id, "read", "prescription", appointment_id, whose=visit.appointment.patient_id)
    return found


class _Kept(msgspec.Struct, frozen=True):
    version: int
    content: bytes
    signed_at: datetime | None
    code: str | None
    document_sha256: bytes | None


async def newest(tx: ClinicTx, appointment_id: UUID, *, lock: bool = False) -> Prescription:
    """The caller has seen the visit. With ``lock`` nobody else writes until the transaction ends."""
    kept = await tx.maybe(
        _Kept,
        "SELECT version, content, signed_at, code, document_sha256 FROM prescriptions WHERE appointment_id = :id"
        + (" FOR UPDATE" if lock else ""),
        id=appointment_id,
    )
    if kept is None:
        return Prescription()
    plain = tx.vault.open("prescriptions", "content", place(appointment_id, kept.version), kept.content)
    return Prescription(
        **msgspec.structs.asdict(msgspec.json.decode(plain, type=Rx)),
        version=kept.version,
        signed_at=kept.signed_at,
        code=kept.code,
        verify_path=f"/verify/{kept.code}" if kept.code else None,
        sha256=kept.document_sha256.hex() if kept.document_sha256 else None,
    )


async def for_record(tx: ClinicTx, appointment_ids: list[UUID]) -> dict[UUID, Prescription]:
    """The signed prescriptions of these visits. The caller has opened the record."""
    signed: list[UUID] = await tx.value(
        "SELECT coalesce(array_agg(appointment_id), '{}') FROM prescriptions"
        " WHERE appointment_id = ANY(:ids::uuid[]) AND signed_at IS NOT NULL",
        ids=appointment_ids,
    )
    return {id: await newest(tx, id) for id in signed}


def place(appointment_id: UUID, version: int) -> str:
    """What a sealed draft is bound to: an older text put back under a newer version does not open."""
    return f"{appointment_id}/{version}"
