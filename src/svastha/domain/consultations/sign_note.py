from uuid import UUID

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.domain.consultations.model import Note, NoteChanged, NothingToSign
from svastha.domain.consultations.read_note import newest
from svastha.kit.db import ClinicTx


async def sign_note(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, if_version: int | None = None) -> Note:
    """Sign, and thereby lock, what is in the note now; or refuse if that is not the version which was read."""
    visit = await appointments.attended_by(tx, actor, appointment_id)
    if not await lock(tx, actor, appointment_id, if_version=if_version):  # it is shown all the same
        audit.note(tx, actor.account_id, "read", "note", appointment_id, whose=visit.appointment.patient_id)
    note = await newest(tx, appointment_id)
    if note.version == 0:
        raise NothingToSign
    if note.signed_at is None:
        raise NoteChanged(version=note.version, fields=note.fields)
    return note


async def lock(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, if_version: int | None = None) -> bool:
    """False where there is no note or it is signed. The caller has seen the visit as its doctor."""
    whose: UUID | None = await tx.value(
        "UPDATE notes SET signed_at = now(), signed_by = :me, content_sha256 = sha256(content)"
        " WHERE appointment_id = :id AND signed_at IS NULL AND version = coalesce(:if_version, version)"
        " RETURNING (SELECT patient_id FROM appointments WHERE id = :id)",
        id=appointment_id,
        me=actor.account_id,
        if_version=if_version,
    )
    if whose:
        audit.note(tx, actor.account_id, "sign", "note", appointment_id, whose=whose)
    return whose is not None
