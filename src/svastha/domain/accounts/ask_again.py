from uuid import UUID

from svastha.domain.accounts import attempts
from svastha.domain.accounts.model import CodeWanted
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce


async def ask_again(tx: ControlTx, *, email: str, sign_up_id: UUID | None = None) -> None:
    """Another code for this sign-up, or for the latest of the address; at most one mail a minute goes there.

    Silent for an address that waits for nothing.
    """
    email = email.strip().replace("\x00", "")
    await attempts.one_at_a_time(tx, email)
    waiting: UUID | None = await tx.value(
        """
        SELECT id FROM sign_ups s
        WHERE email = :email AND (:sign_up_id::uuid IS NULL OR id = :sign_up_id)
            AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.email = s.email)
        ORDER BY id DESC LIMIT 1
        """,
        email=email,
        sign_up_id=sign_up_id,
    )
    if waiting and not await attempts.too_many(tx, "mail", email):
        await attempts.count(tx, "mail", email)
        announce(tx, CodeWanted(waiting, None))
