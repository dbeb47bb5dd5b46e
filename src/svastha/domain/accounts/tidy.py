from svastha.kit.db import ControlTx

_OVER = "least(ended_at, expires_at) < now() - interval '30 days'"


async def tidy(tx: ControlTx) -> int:
    """Forget what nobody will ask for again. Returns how many rows went.

    A spent refresh token that comes back a month later is refused all the same; only its session no longer ends.
    """
    return sum(
        [
            await tx.run("DELETE FROM attempts WHERE free_at < now()"),
            *[
                await tx.run(f"DELETE FROM {table} WHERE expires_at < now()")
                for table in ("codes", "links", "challenges")
            ],
            await tx.run("DELETE FROM contact_changes WHERE made_at < now() - interval '30 days'"),
            await tx.run("DELETE FROM devices WHERE seen_at < now() - interval '400 days'"),
            await tx.run("DELETE FROM invitations WHERE expires_at < now() - interval '30 days'"),
            await tx.run("DELETE FROM factor_resets WHERE expires_at < now() - interval '30 days'"),
            await tx.run("DELETE FROM sign_ups WHERE made_at < now() - interval '1 day'"),
            await tx.run(
                f"DELETE FROM spent_refresh_tokens WHERE spent_at < now() - interval '30 days'"
                f" OR session_id IN (SELECT id FROM sessions WHERE {_OVER})"
            ),
            await tx.run(f"DELETE FROM sessions WHERE {_OVER}"),
        ]
    )
