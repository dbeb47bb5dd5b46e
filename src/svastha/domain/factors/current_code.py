from uuid import UUID

from svastha.domain.factors.totp import codes, kept_totp
from svastha.kit.db import ControlTx


async def current_code(tx: ControlTx, account_id: UUID, *, drift: int) -> str | None:
    """What an app would show, so that development needs none: the earliest code that counts for half a minute more.

    None without a confirmed app. No door that production has calls this.
    """
    kept = await kept_totp(tx, account_id)
    usable = codes(kept, drift - 1) if kept else []
    return usable[0][1] if usable else None


async def with_totp(tx: ControlTx, *, most: int) -> list[UUID]:
    """Accounts with a confirmed app, in the order they were set up."""
    found: list[UUID] = await tx.value(
        "SELECT coalesce(array_agg(account_id ORDER BY made_at, account_id), '{}') FROM (SELECT account_id, made_at"
        " FROM totp_secrets WHERE confirmed_at IS NOT NULL ORDER BY made_at, account_id LIMIT :most) t",
        most=most,
    )
    return found
