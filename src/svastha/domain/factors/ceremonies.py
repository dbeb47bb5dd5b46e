"""One ceremony is one challenge: handed out once, answered once, by whom it was meant for and for what."""

import secrets
from typing import Literal
from uuid import UUID

from svastha.domain.factors.model import CeremonyOver
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7

Purpose = Literal["register", "sign_in", "step_up"]
SECONDS = 5 * 60


async def begin(tx: ControlTx, account_id: UUID | None, purpose: Purpose) -> tuple[UUID, bytes]:
    id, challenge = uuid7(), secrets.token_bytes(32)
    await tx.run(
        "INSERT INTO ceremonies (id, account_id, challenge, purpose, expires_at)"
        " VALUES (:id, :account_id, :challenge, :purpose, now() + make_interval(secs => :seconds))",
        id=id,
        account_id=account_id,
        challenge=challenge,
        purpose=purpose,
        seconds=SECONDS,
    )
    return id, challenge


async def spend(tx: ControlTx, id: UUID, account_id: UUID | None, purpose: Purpose) -> bytes:
    """Its challenge, which from here on is gone. Raises CeremonyOver."""
    challenge: bytes | None = await tx.value(
        "DELETE FROM ceremonies WHERE id = :id AND account_id IS NOT DISTINCT FROM :account_id::uuid"
        " AND purpose = :purpose AND expires_at > now() RETURNING challenge",
        id=id,
        account_id=account_id,
        purpose=purpose,
    )
    if challenge is None:
        raise CeremonyOver
    return challenge
