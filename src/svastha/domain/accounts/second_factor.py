from uuid import UUID

from svastha.domain.accounts.permissions import SECOND_FACTOR
from svastha.kit.db import ControlTx


async def needs_second_factor(tx: ControlTx, account_id: UUID) -> bool:
    """Does any of her roles count only once a second factor was shown, here or by the rules of a clinic?"""
    needed: bool = await tx.value(
        """
        SELECT EXISTS (SELECT 1 FROM grants g LEFT JOIN clinics c ON c.id = g.clinic_id
            WHERE g.account_id = :id AND (g.valid_until IS NULL OR g.valid_until > now())
            AND (g.role = ANY(:roles::text[]) OR g.role = ANY(coalesce(c.second_factor_roles, '{}'))))
        """,
        id=account_id,
        roles=list(SECOND_FACTOR),
    )
    return needed
