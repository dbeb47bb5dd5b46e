from collections.abc import Sequence
from uuid import UUID

from svastha.kit.db import ControlTx


async def enrolled(tx: ControlTx, account_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of them who have set up a second factor."""
    found: list[UUID] = await tx.value(
        """
        SELECT coalesce(array_agg(account_id), '{}') FROM (
            SELECT account_id FROM totp_secrets WHERE confirmed_at IS NOT NULL UNION SELECT account_id FROM passkeys
        ) proved WHERE account_id = ANY(:ids::uuid[])
        """,
        ids=list(account_ids),
    )
    return frozenset(found)
