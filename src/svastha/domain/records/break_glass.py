from datetime import datetime
from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.records.model import OPEN_FOR, GlassBroken
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid, NotFound

SHORTEST, LONGEST = 10, 1000


async def break_glass(tx: ClinicTx, actor: Actor, patient_id: UUID, *, reason: str) -> datetime:
    """Open a record outside the care relation, for an hour. Returns until when."""
    if not actor.may("record.open", tx.clinic.id):
        raise NotFound
    reason = reason.strip()
    if len(reason) < SHORTEST:
        raise Invalid(FieldError("reason", N_("Say in a sentence why you must read this record.")))
    if len(reason) > LONGEST or "\x00" in reason:
        raise Invalid(FieldError("reason", N_("Use at most 1,000 characters.")))
    id = uuid7()
    until: datetime | None = await tx.value(
        """
        INSERT INTO openings (id, patient_id, account_id, account_name, reason, open_until)
        SELECT :id::uuid, id, :account_id::uuid, :name::text, :reason::bytea, now() + :open_for::interval
        FROM patients WHERE id = :patient_id
        RETURNING open_until
        """,
        id=id,
        account_id=actor.account_id,
        name=actor.name,
        reason=tx.vault.seal("openings", "reason", id, reason.encode()),
        open_for=OPEN_FOR,
        patient_id=patient_id,
    )
    if until is None:
        raise NotFound
    audit.note(tx, actor.account_id, "break_glass", "record", patient_id, whose=patient_id, why=f"opening {id}")
    announce(tx, GlassBroken(id, actor.account_id))
    return until
