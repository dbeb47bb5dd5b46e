from typing import Literal

from svastha.kit.db import ControlTx

What = Literal["password", "code", "mail"]

# How many in how many seconds, for one address.
ALLOWED: dict[What, tuple[int, int]] = {"password": (10, 15 * 60), "code": (5, 10 * 60), "mail": (1, 60)}


async def one_at_a_time(tx: ControlTx, email: str) -> None:
    """Until this transaction ends nobody else counts for the address, so that no burst gets past a limit."""
    await tx.value("SELECT pg_advisory_xact_lock(hashtextextended(lower(:email::text), 0))", email=email)


async def too_many(tx: ControlTx, what: What, email: str) -> bool:
    most, seconds = ALLOWED[what]
    count: int = await tx.value(
        "SELECT count(*) FROM attempts"
        " WHERE email = :email AND what = :what AND at > now() - make_interval(secs => :seconds)",
        email=email,
        what=what,
        seconds=seconds,
    )
    return count >= most


async def count(tx: ControlTx, what: What, email: str) -> None:
    await tx.run("INSERT INTO attempts (email, what) VALUES (:email, :what)", email=email, what=what)


async def forgive(tx: ControlTx, what: What, email: str) -> None:
    await tx.run("DELETE FROM attempts WHERE email = :email AND what = :what", email=email, what=what)
