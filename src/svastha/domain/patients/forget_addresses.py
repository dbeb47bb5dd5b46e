from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.kit.db import ClinicTx


async def forget_addresses(tx: ClinicTx, actor: Actor) -> None:
    """The actor closes her account: the record stays, where she was reached does not. Coming back fills it again."""
    known = await tx.run("UPDATE patients SET email = '', phone = '' WHERE account_id = :me", me=actor.account_id)
    acts = await tx.run("UPDATE guardianships SET email = '', phone = '' WHERE account_id = :me", me=actor.account_id)
    if known or acts:
        audit.note(tx, actor.account_id, "forget_addresses", "account", actor.account_id)
