from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.patients.guardianship import ACTIVE, Dependant, Guardian, GuardianInvitation
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound

# Of an invitation ``i``: open, and by somebody who may still give this right.
OPEN = f"""i.accepted_at IS NULL AND i.declined_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > now()
    AND EXISTS (SELECT FROM patients o WHERE o.id = i.patient_id AND (o.account_id = i.invited_by
        OR (o.account_id IS NULL AND EXISTS (SELECT FROM guardianships g WHERE g.patient_id = o.id
            AND g.account_id = i.invited_by AND g.basis <> 'invited' AND {ACTIVE}))))"""


async def dependants(tx: ClinicTx, actor: Actor, *, trace: bool = True) -> list[Dependant]:
    """The patients of this clinic whom the actor acts for, by name."""
    found = await tx.all(
        Dependant,
        f"""
        SELECT g.id, g.patient_id, p.name, p.birth_date, p.sex, g.relation, g.valid_until,
            p.account_id IS NULL AND g.basis <> 'invited' AS may_invite
        FROM guardianships g JOIN patients p ON p.id = g.patient_id
        WHERE g.account_id = :me AND {ACTIVE} ORDER BY p.name, g.id
        """,
        me=actor.account_id,
    )
    if found and trace:
        people = {one.patient_id for one in found}
        audit.note(tx, actor.account_id, "read", "dependants", tx.clinic.slug, people=people)
    return found


class Helper(Guardian, frozen=True):
    """A guardian, and whom she acts for."""

    patient_id: UUID = UUID(int=0)
    patient_name: str = ""


async def guardians(tx: ClinicTx, actor: Actor) -> list[Helper]:
    """Who acts for the actor here, and who else for those she registered. For the desk of one patient:
    ``guardians_of``."""
    return await tx.all(
        Helper,
        f"""
        SELECT g.id, g.account_id, g.name, g.relation, g.valid_from, g.valid_until, true AS active,
            p.id AS patient_id, p.name AS patient_name
        FROM guardianships g JOIN patients p ON p.id = g.patient_id
        WHERE {ACTIVE} AND g.account_id <> :me AND g.patient_id = ANY(ARRAY(
            SELECT id FROM patients WHERE account_id = :me
            UNION ALL SELECT m.patient_id FROM guardianships m JOIN patients o ON o.id = m.patient_id
            WHERE m.account_id = :me AND m.basis <> 'invited' AND o.account_id IS NULL
                AND m.valid_from <= now() AND (m.valid_until IS NULL OR m.valid_until > now())))
        ORDER BY p.account_id IS NULL, p.name, g.name, g.id
        """,
        me=actor.account_id,
    )


async def guardians_of(tx: ClinicTx, actor: Actor, patient_id: UUID) -> list[Guardian]:
    """For the desk."""
    if not actor.runs_desk_of(tx.clinic.id):
        raise NotFound
    found = await tx.all(
        Guardian,
        "SELECT g.id, g.account_id, g.name, g.relation, g.valid_from, g.valid_until, true AS active"
        f" FROM guardianships g WHERE g.patient_id = :patient_id AND {ACTIVE} ORDER BY g.name, g.id",
        patient_id=patient_id,
    )
    audit.note(tx, actor.account_id, "read", "guardians", patient_id, whose=patient_id)
    return found


class _Invitation(msgspec.Struct, frozen=True):
    id: UUID
    patient_id: UUID
    patient_name: str
    sealed: bytes
    relation: str
    until: datetime | None
    expires_at: datetime


async def guardian_invitations(tx: ClinicTx, actor: Actor) -> list[GuardianInvitation]:
    """Those the actor sent that wait, newest first."""
    rows = await tx.all(
        _Invitation,
        f"""
        SELECT i.id, i.patient_id, p.name AS patient_name, i.sealed, i.relation, i.until, i.expires_at
        FROM guardian_invitations i JOIN patients p ON p.id = i.patient_id
        WHERE i.invited_by = :me AND {OPEN} ORDER BY i.id DESC
        """,
        me=actor.account_id,
    )
    return [
        GuardianInvitation(
            row.id,
            row.patient_id,
            row.patient_name,
            tx.vault.open("guardian_invitations", "sealed", row.id, row.sealed).decode(),
            row.relation,
            row.until,
            row.expires_at,
        )
        for row in rows
    ]


async def in_care(tx: ClinicTx, actor: Actor, patient_id: UUID | None = None) -> list[UUID]:
    """The patient the actor is herself here; or this one, if she acts for her at this moment."""
    return await tx.value(  # type: ignore[no-any-return]
        f"""
        SELECT coalesce(array_agg(id), '{{}}') FROM patients p WHERE CASE WHEN :id::uuid IS NULL
            THEN p.account_id = :me
            ELSE p.id = :id AND EXISTS (SELECT FROM guardianships g
                WHERE g.patient_id = p.id AND g.account_id = :me AND {ACTIVE}) END
        """,
        id=patient_id,
        me=actor.account_id,
    )


async def guardian_accounts(tx: ClinicTx, patients: list[UUID]) -> set[UUID]:
    """Everybody who acts or acted for any of these."""
    found: list[UUID] | None = await tx.value(
        "SELECT array_agg(account_id) FROM guardianships WHERE patient_id = ANY(:patients::uuid[])", patients=patients
    )
    return set(found or ())
