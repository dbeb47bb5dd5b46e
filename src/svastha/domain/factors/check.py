from uuid import UUID

from svastha.domain.factors import misses
from svastha.domain.factors.recovery import use_recovery_code
from svastha.domain.factors.totp import check_totp
from svastha.kit.db import ControlTx


async def check(tx: ControlTx, account_id: UUID, code: str, *, drift: int = 1) -> str | None:
    """A typed code of any kind: ``totp``, ``recovery``, or None for a wrong one, which is counted.

    The caller commits also when it is wrong, so that the count stays. Raises TooManyCodes after ten in 15 minutes.
    """
    await misses.allow(tx, account_id)
    if await check_totp(tx, account_id, code, drift=drift):
        kind = "totp"
    elif await use_recovery_code(tx, account_id, code):
        kind = "recovery"
    else:
        await misses.count(tx, account_id)
        return None
    await misses.forgive(tx, account_id)
    return kind
