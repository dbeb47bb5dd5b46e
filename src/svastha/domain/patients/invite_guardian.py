from datetime import datetime, timedelta
from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor, address_of
from svastha.domain.patients.guardianship import ACTIVE, RELATIONS, GuardianInvited, GuardsHerself, TooManyInvitations
from svastha.domain.patients.register import own
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid, NotFound

GOOD_FOR = timedelta(days=14)
MOST_A_DAY = 10  # of one person; each is a message to somebody we do not know
LONGEST = timedelta(days=100 * 365)


async def invite_guardian(
    tx: ClinicTx,
    actor: Actor,
    *,
    contact: str,
    relation: str,
    until: datetime | None = None,
    patient_id: UUID | None = None,
) -> UUID:
    """Ask somebody to act for the actor herself, or for a patient without an account whom she registered. Nothing
    tells whether the address has an account. Raises Invalid, GuardsHerself, TooManyInvitations, NotFound."""
    address = address_of(contact)
    if relation not in RELATIONS:
        raise Invalid(FieldError("relation", N_("Choose one of these.")))
    if until is not None and not now() < until < now() + LONGEST:
        raise Invalid(FieldError("until", N_("Choose a day to come.")))
    if address.value in (actor.email, actor.phone):
        raise GuardsHerself
    whom = await _registered_by(tx, actor, patient_id) if patient_id else (await own(tx, actor)).id
    sent: int = await tx.value(
        "SELECT count(*) FROM guardian_invitations WHERE invited_by = :me AND made_at > now() - interval '1 day'",
        me=actor.account_id,
    )
    if sent >= MOST_A_DAY:
        raise TooManyInvitations(retry_after=24 * 3600)
    id = uuid7()
    await tx.run(
        """
        INSERT INTO guardian_invitations (id, patient_id, kind, sealed, relation, until, invited_by, inviter_name,
            locale, expires_at)
        VALUES (:id, :patient_id, :kind, :sealed, :relation, :until, :me, :name, :locale, now() + :good_for::interval)
        """,
        id=id,
        patient_id=whom,
        kind=address.kind,
        sealed=tx.vault.seal("guardian_invitations", "sealed", id, address.value.encode()),
        relation=relation,
        until=until,
        me=actor.account_id,
        name=actor.name,
        locale=actor.locale,
        good_for=GOOD_FOR,
    )
    audit.note(tx, actor.account_id, "invite", "guardian_invitation", id, whose=whom)
    announce(tx, GuardianInvited(id))
    return id


async def _registered_by(tx: ClinicTx, actor: Actor, patient_id: UUID) -> UUID:
    """Herself too may be named. Whoever was invited does not pass her right on."""
    found: UUID | None = await tx.value(
        f"""
        SELECT p.id FROM patients p WHERE p.id = :id AND (p.account_id = :me OR (p.account_id IS NULL
            AND EXISTS (SELECT FROM guardianships g WHERE g.patient_id = p.id AND g.account_id = :me
                AND g.basis <> 'invited' AND {ACTIVE})))
        FOR NO KEY UPDATE
        """,
        id=patient_id,
        me=actor.account_id,
    )
    if found is None:
        raise NotFound
    return found
