from svastha.kit.db import ControlTx

_OVER = "least(ended_at, expires_at) < now() - interval '30 days'"


async def tidy(tx: ControlTx) -> int:
    """Forget what nobody will ask for again. Returns how many rows went.

    A spent refresh token that comes back a month later is refused all the same; only its session no longer ends.
    """
    return sum(
        [
            await tx.run("DELETE FROM attempts WHERE at < now() - interval '1 day'"),
            await tx.run("DELETE FROM sign_ups WHERE made_at < now() - interval '1 day'"),
            await tx.run(
                f"DELETE FROM spent_refresh_tokens WHERE spent_at < now() - interval '30 days'"
                f" OR session_id IN (SELECT id FROM sessions WHERE {_OVER})"
            ),
            await tx.run(f"DELETE FROM sessions WHERE {_OVER}"),
        ]
    )
