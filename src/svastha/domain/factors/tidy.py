from svastha.kit.db import ControlTx


async def tidy(tx: ControlTx) -> None:
    """Forget challenges nobody answered, misses that no longer count, and secrets nobody confirmed within a day."""
    await tx.run("DELETE FROM ceremonies WHERE expires_at < now()")
    await tx.run("DELETE FROM factor_misses WHERE at < now() - interval '1 day'")
    await tx.run("DELETE FROM totp_secrets WHERE confirmed_at IS NULL AND made_at < now() - interval '1 day'")
