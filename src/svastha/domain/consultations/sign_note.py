from uuid import UUID

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.domain.consultations.model import Note, NoteChanged, NothingToSign
from svastha.domain.consultations.read_note import newest
from svastha.kit.db import ClinicTx


async def sign_note(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, if_version: int | None = None) -> Note:
    """Sign, and thereby lock, what is in the note now; or refuse if that is not the version which was read."""
    await appointments.attended_by(tx, actor, appointment_id)
    await lock(tx, actor, appointment_id, if_version=if_version)
    note = await newest(tx, appointment_id)
    if note.version == 0:
        raise NothingToSign
    if note.signed_at is None:
        raise NoteChanged(version=note.version, fields=note.fields)
    return note


async def lock(tx: ClinicTx, actor: Actor, appointment_id: UUID, *, if_version: int | None = None) -> None:
    """Does nothing where there is no note or it is signed. The caller has seen the visit as its doctor."""
    signed = await tx.run(
        "UPDATE notes SET signed_at = now(), signed_by = :me, content_sha256 = sha256(content)"
        " WHERE appointment_id = :id AND signed_at IS NULL AND version = coalesce(:if_version, version)",
        id=appointment_id,
        me=actor.account_id,
        if_version=if_version,
    )
    if signed:
        audit.note(tx, actor.account_id, "sign", "note", appointment_id)
