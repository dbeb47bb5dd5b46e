from datetime import datetime
from uuid import UUID

from svastha.domain import audit
from svastha.domain.factors.model import FactorsChanged
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce


async def reset(tx: ControlTx, account_id: UUID, *, tell: bool = True, since: datetime | None = None) -> None:
    """All of them are lost or stolen: from here on none counts; or none that was set up ``since`` then. Whether that
    may be is decided by the caller."""
    gone = 0
    for table in ("passkeys", "totp_secrets", "recovery_codes"):
        gone += await tx.run(
            f"DELETE FROM {table} WHERE account_id = :id AND (:since::timestamptz IS NULL OR made_at >= :since)",
            id=account_id,
            since=since,
        )
    if since and not gone:
        return
    audit.note(tx, account_id, "factors_reset", "account", account_id, whose=account_id)
    if tell:
        announce(tx, FactorsChanged(account_id, "factors_reset"))
