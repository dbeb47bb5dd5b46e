from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor, Address, Contact
from svastha.domain.patients.begin import begin, of_age_at
from svastha.domain.patients.guardianship import Asked, GuardianDeclined, GuardianInvitationOver
from svastha.domain.patients.read_family import OPEN
from svastha.kit.clock import now, zone
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    patient_id: UUID
    patient_name: str
    birth_date: date | None
    without_account: bool
    kind: str
    sealed: bytes
    relation: str
    until: datetime | None
    invited_by: UUID
    inviter_name: str
    expires_at: datetime


async def asked(tx: ClinicTx, invitation_id: UUID, contacts: Sequence[Contact]) -> Asked:
    """What an invitation says, to whoever has verified the address it was sent to: ``contacts`` are the actor's.
    Raises GuardianInvitationOver for anybody else, and when it is over."""
    row = await _for(tx, invitation_id, contacts)
    return Asked(row.id, row.patient_name, row.inviter_name, tx.clinic.slug, row.relation, row.until, row.expires_at)


async def accept_guardianship(tx: ClinicTx, actor: Actor, invitation_id: UUID, contacts: Sequence[Contact]) -> UUID:
    """The actor acts for the patient from now on, at most until a minor is of age. Returns the guardianship. Raises
    GuardianInvitationOver as ``asked`` does, GuardsHerself, ActsAlready."""
    row = await _for(tx, invitation_id, contacts, lock=True)
    until = row.until
    if row.without_account and row.birth_date:
        of_age = of_age_at(row.birth_date, zone(tx.clinic.zone))
        if of_age > now():
            until = min(until, of_age) if until else of_age
    id = await begin(
        tx, actor, row.patient_id, relation=row.relation, basis="invited", until=until, granted_by=row.invited_by
    )
    await tx.run("UPDATE guardian_invitations SET accepted_at = now() WHERE id = :id", id=row.id)
    audit.note(tx, actor.account_id, "accept", "guardianship", id, whose=row.patient_id)
    return id


async def decline_guardianship(tx: ClinicTx, actor: Actor, invitation_id: UUID, contacts: Sequence[Contact]) -> None:
    """No, once and for all: another yes needs another invitation. Raises GuardianInvitationOver as ``asked`` does."""
    row = await _for(tx, invitation_id, contacts, lock=True)
    await tx.run("UPDATE guardian_invitations SET declined_at = now() WHERE id = :id", id=row.id)
    audit.note(tx, actor.account_id, "decline", "guardian_invitation", row.id, whose=row.patient_id)
    announce(tx, GuardianDeclined(row.id))


async def _for(tx: ClinicTx, invitation_id: UUID, contacts: Sequence[Contact], *, lock: bool = False) -> _Row:
    row = await tx.maybe(
        _Row,
        f"""
        SELECT i.id, i.patient_id, p.name AS patient_name, p.birth_date, p.account_id IS NULL AS without_account,
            i.kind, i.sealed, i.relation, i.until, i.invited_by, i.inviter_name, i.expires_at
        FROM guardian_invitations i JOIN patients p ON p.id = i.patient_id
        WHERE i.id = :id AND (i.until IS NULL OR i.until > now()) AND {OPEN}{" FOR UPDATE OF i" if lock else ""}
        """,
        id=invitation_id,
    )
    if row is None:
        raise GuardianInvitationOver
    sent_to = Address(row.kind, tx.vault.open("guardian_invitations", "sealed", row.id, row.sealed).decode())
    if not any(Address(one.kind, one.value) == sent_to for one in contacts if one.verified_at):
        raise GuardianInvitationOver
    return row
