from uuid import UUID

from svastha.domain.factors.model import Factors, Passkey
from svastha.kit.db import ControlTx


async def factors_of(tx: ControlTx, account_id: UUID) -> Factors:
    passkeys = await tx.all(
        Passkey,
        "SELECT id, name, backed_up, made_at, last_used_at FROM passkeys WHERE account_id = :id ORDER BY made_at, id",
        id=account_id,
    )
    return Factors(
        await tx.value(
            "SELECT EXISTS (SELECT 1 FROM totp_secrets WHERE account_id = :id AND confirmed_at IS NOT NULL)",
            id=account_id,
        ),
        passkeys,
        await tx.value("SELECT count(*) FROM recovery_codes WHERE account_id = :id AND used_at IS NULL", id=account_id),
    )
