from uuid import UUID

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def revoke_guardian_invitation(tx: ClinicTx, actor: Actor, invitation_id: UUID) -> None:
    """Taken back by whoever sent it. NotFound for anybody else, and when it is over."""
    whose: UUID | None = await tx.value(
        "UPDATE guardian_invitations SET revoked_at = now() WHERE id = :id AND invited_by = :me AND accepted_at IS NULL"
        " AND declined_at IS NULL AND revoked_at IS NULL AND expires_at > now() RETURNING patient_id",
        id=invitation_id,
        me=actor.account_id,
    )
    if whose is None:
        raise NotFound
    audit.note(tx, actor.account_id, "revoke", "guardian_invitation", invitation_id, whose=whose)
