from uuid import UUID

from svastha.domain.factors.model import TooManyCodes
from svastha.kit.db import ControlTx

MOST, SECONDS = 10, 15 * 60


async def one_at_a_time(tx: ControlTx, account_id: UUID) -> None:
    """Until this transaction ends nobody else guesses for this account, or changes what it proves itself with."""
    await tx.value("SELECT pg_advisory_xact_lock(hashtextextended('factors/' || :id::text, 0))", id=str(account_id))


async def allow(tx: ControlTx, account_id: UUID) -> None:
    """Raises TooManyCodes. No burst gets past it."""
    await one_at_a_time(tx, account_id)
    wait: int | None = await tx.value(  # until the tenth from the end no longer counts
        "SELECT ceil(extract(epoch FROM at - now()) + :seconds)::int FROM factor_misses"
        " WHERE account_id = :id AND at > now() - make_interval(secs => :seconds)"
        " ORDER BY at DESC OFFSET :before LIMIT 1",
        id=account_id,
        seconds=SECONDS,
        before=MOST - 1,
    )
    if wait is not None:
        raise TooManyCodes(retry_after=max(wait, 1))


async def count(tx: ControlTx, account_id: UUID) -> None:
    await tx.run("INSERT INTO factor_misses (account_id) VALUES (:id)", id=account_id)


async def forgive(tx: ControlTx, account_id: UUID) -> None:
    await tx.run("DELETE FROM factor_misses WHERE account_id = :id", id=account_id)
