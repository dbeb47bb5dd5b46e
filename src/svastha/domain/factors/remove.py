from uuid import UUID

from svastha.domain import audit
from svastha.domain.factors import misses
from svastha.domain.factors.model import FactorsChanged, LastFactor
from svastha.domain.factors.read import factors_of
from svastha.domain.factors.registration import name_of
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce
from svastha.kit.refusals import NotFound


async def rename_passkey(tx: ControlTx, account_id: UUID, passkey_id: UUID, name: str) -> None:
    """Raises NotFound for one that is not hers, Invalid for a name that is none."""
    renamed = await tx.run(
        "UPDATE passkeys SET name = :name WHERE id = :id AND account_id = :account_id",
        id=passkey_id,
        account_id=account_id,
        name=name_of(name),
    )
    if not renamed:
        raise NotFound


async def remove_passkey(tx: ControlTx, account_id: UUID, passkey_id: UUID, *, keep_one: bool) -> None:
    """``keep_one``: her work needs a second factor. Raises NotFound for one that is not hers, LastFactor."""
    await misses.one_at_a_time(tx, account_id)
    removed = await tx.run(
        "DELETE FROM passkeys WHERE id = :id AND account_id = :account_id", id=passkey_id, account_id=account_id
    )
    if not removed:
        raise NotFound
    await _left(tx, account_id, keep_one, "passkey_removed")


async def remove_totp(tx: ControlTx, account_id: UUID, *, keep_one: bool) -> None:
    """``keep_one``: her work needs a second factor. Raises NotFound where there is no app, LastFactor."""
    await misses.one_at_a_time(tx, account_id)
    if not await tx.run("DELETE FROM totp_secrets WHERE account_id = :id AND confirmed_at IS NOT NULL", id=account_id):
        raise NotFound
    await _left(tx, account_id, keep_one, "totp_removed")


async def _left(tx: ControlTx, account_id: UUID, keep_one: bool, what: str) -> None:
    left = await factors_of(tx, account_id)
    if keep_one and not left.any:
        raise LastFactor
    if not left.any:
        await tx.run("DELETE FROM recovery_codes WHERE account_id = :id", id=account_id)  # they stand in for nothing
    audit.note(tx, account_id, what, "account", account_id)
    announce(tx, FactorsChanged(account_id, what))
