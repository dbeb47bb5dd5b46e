from svastha.domain.notifications.model import Expire
from svastha.domain.notifications.stop import stop
from svastha.kit.db import ControlTx


async def expire(tx: ControlTx, job: Expire) -> None:
    """The code is no good any more: nothing of it stays."""
    await stop(tx, job.told_id)
