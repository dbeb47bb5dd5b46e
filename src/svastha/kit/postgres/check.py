"""Whether a PostgreSQL that somebody else runs will do, said in a sentence before anything is created on it."""

import asyncpg

from .programs import OLDEST
from .trouble import ClusterTrouble


async def check(dsn: str) -> None:
    """Raises :class:`ClusterTrouble`, which never contains the DSN: it may hold a password."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as trouble:
        reason = getattr(trouble, "strerror", None) or type(trouble).__name__
        raise ClusterTrouble(f"The PostgreSQL that SVASTHA_DATABASE_URL names cannot be reached: {reason}.") from None
    try:
        version = connection.get_server_version().major
        may_create = await connection.fetchval(
            "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
        )
    finally:
        await connection.close()
    if version < OLDEST:
        raise ClusterTrouble(f"SVASTHA_DATABASE_URL names a PostgreSQL {version}; {OLDEST} or newer is needed.")
    if not may_create:
        raise ClusterTrouble(
            "The user in SVASTHA_DATABASE_URL may not create databases, and each clinic gets its own."
            " As a superuser: ALTER ROLE ... CREATEDB."
        )
