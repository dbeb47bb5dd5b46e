from svastha.domain.notifications.model import AnyTx, Expire
from svastha.domain.notifications.stop import stop


async def expire(tx: AnyTx, job: Expire) -> None:
    """What it says is of no use any more: nothing of it stays."""
    await stop(tx, job.told_id)
