"""From what a person has signed in before: a browser by the secret it keeps, a program by the name it gives itself."""

from uuid import UUID

from svastha.domain.accounts.model import SignedInElsewhere
from svastha.kit import clock
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce


def digest_of(device: str) -> bytes:
    return digest(f"device/{device}")


async def remember(tx: ControlTx, account_id: UUID, *, device: str, user_agent: str) -> UUID:
    """The device, known from now on. Announces one that is new, unless it is her first."""
    token = digest_of(device) if device else digest(f"program/{user_agent}")
    known: UUID | None = await tx.value(
        "UPDATE devices SET seen_at = now() WHERE account_id = :account_id AND token_hash = :token RETURNING id",
        account_id=account_id,
        token=token,
    )
    if known:
        return known
    others: bool = await tx.value("SELECT EXISTS (SELECT 1 FROM devices WHERE account_id = :id)", id=account_id)
    id: UUID = await tx.value(
        "INSERT INTO devices (id, account_id, token_hash, user_agent) VALUES (:id, :account_id, :token, :user_agent)"
        " ON CONFLICT ON CONSTRAINT one_device_per_token DO UPDATE SET seen_at = now() RETURNING id",
        id=uuid7(),
        account_id=account_id,
        token=token,
        user_agent=user_agent[:200].replace("\x00", ""),
    )
    if others:
        announce(tx, SignedInElsewhere(account_id, user_agent[:200].replace("\x00", ""), clock.now()))
    return id
