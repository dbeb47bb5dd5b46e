from uuid import UUID

from svastha.domain.accounts.model import CodeWanted
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce


async def ask_again(tx: ControlTx, *, email: str) -> None:
    """Another code for an address that waits for confirmation, at most one a minute. Silent for any other address."""
    waiting: UUID | None = await tx.value(
        """
        SELECT a.id FROM accounts a LEFT JOIN email_codes c ON c.account_id = a.id
        WHERE a.email = :email AND a.email_verified_at IS NULL
            AND coalesce(c.made_at, '-infinity') < now() - interval '1 minute'
        """,
        email=email.strip().replace("\x00", ""),
    )
    if waiting:
        announce(tx, CodeWanted(waiting, known=False))
