from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.patients.guardianship import ACTIVE, GuardianshipEnded
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid, NotFound

LONGEST_WHY = 500

# Of a guardianship ``g`` and its patient ``p``: is it hers to end, as the patient, the guardian, or whoever registered
# a patient without an account? Else the desk may, and says why.
_HERS = """(p.account_id = :me OR g.account_id = :me
    OR (p.account_id IS NULL AND g.basis = 'invited' AND EXISTS (SELECT FROM guardianships m
        WHERE m.patient_id = p.id AND m.account_id = :me AND m.basis <> 'invited' AND m.valid_from <= now()
            AND (m.valid_until IS NULL OR m.valid_until > now()))))"""


class Ending(msgspec.Struct, frozen=True):
    """What would end. ``acting``: it is the guardian herself who asks; ``says_why``: it is the desk."""

    id: UUID
    patient_id: UUID
    patient_name: str
    guardian_name: str
    relation: str
    acting: bool
    says_why: bool


async def ending(tx: ClinicTx, actor: Actor, guardianship_id: UUID, *, lock: bool = False) -> Ending:
    """For whoever may end it; NotFound for anybody else, and for one that has ended."""
    found = await tx.maybe(
        Ending,
        f"""
        SELECT g.id, p.id AS patient_id, p.name AS patient_name, g.name AS guardian_name, g.relation,
            g.account_id = :me AS acting, NOT coalesce({_HERS}, false) AS says_why
        FROM guardianships g JOIN patients p ON p.id = g.patient_id
        WHERE g.id = :id AND {ACTIVE} AND g.ended_by IS NULL AND ({_HERS} OR :desk)
        """
        + ("FOR NO KEY UPDATE OF g" if lock else ""),
        id=guardianship_id,
        me=actor.account_id,
        desk=actor.runs_desk_of(tx.clinic.id),
    )
    if found is None:
        raise NotFound
    return found


async def end_guardianship(tx: ClinicTx, actor: Actor, guardianship_id: UUID, *, why: str | None = None) -> None:
    """It counts nowhere from the commit on. ``why`` is the desk's to give, and read by those concerned; it is not kept
    of anybody else. Raises NotFound, Invalid."""
    found = await ending(tx, actor, guardianship_id, lock=True)
    why = " ".join((why or "").split()) if found.says_why else None
    if why is not None and (not why or len(why) > LONGEST_WHY or not why.isprintable()):
        raise Invalid(FieldError("why", N_("Please say why, in at most 500 characters.")))
    await tx.run(
        "UPDATE guardianships SET valid_until = now(), ended_by = :me, ended_why = :why WHERE id = :id",
        id=found.id,
        me=actor.account_id,
        why=why,
    )
    audit.note(tx, actor.account_id, "end", "guardianship", found.id, whose=found.patient_id, why=why)
    announce(tx, GuardianshipEnded(found.id))
