"""Whom server and worker are in PostgreSQL: a role that signs in by itself, owns nothing and changes no tables.

What is written to a table named ``audit_…`` it can neither change nor take away, whatever statement somebody slips in.
"""

import asyncio
import base64
import hashlib
import hmac
import os
from typing import Any

import asyncpg

LOCK = 0x5_7A57_0E
TRIES = 10
ITERATIONS = 4096
SETTLED = """
    SELECT NOT has_database_privilege('public', current_database(), 'TEMPORARY')
        AND NOT has_schema_privilege('public', 'public', 'CREATE')
        AND has_database_privilege($1::text::regrole, current_database(), 'CONNECT')
        AND has_schema_privilege($1::text::regrole, 'public', 'USAGE')
        AND 4 = (SELECT count(*) FROM pg_default_acl d, aclexplode(d.defaclacl) a
            WHERE d.defaclnamespace = 'public'::regnamespace AND a.grantee = $1::text::regrole
            AND d.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = current_user))
"""
DIFFERENT = """
    SELECT kind || 'public.' || quote_ident(relname), may
    FROM (
        SELECT relname, CASE relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END AS kind,
            CASE WHEN relkind = 'S' THEN '{USAGE, SELECT}'
                WHEN relname = 'schema_migrations' THEN '{SELECT}'
                WHEN starts_with(relname, 'audit_') THEN '{SELECT, INSERT}'
                ELSE '{SELECT, INSERT, UPDATE, DELETE}' END::text[] AS may,
            ARRAY(SELECT privilege_type FROM aclexplode(relacl) WHERE grantee = $1::text::regrole
                UNION ALL SELECT 'of a column' FROM pg_attribute, aclexplode(attacl)
                WHERE attrelid = c.oid AND attacl IS NOT NULL AND grantee = $1::text::regrole) AS has
        FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    ) held
    WHERE NOT (may @> has AND may <@ has)
"""


class RoleTrouble(Exception):
    """One sentence that says what the operator has to run."""


def role_password(secret: str) -> str:
    """The same in every process that knows the secret; nobody types or stores it."""
    return hmac.digest(secret.encode(), b"password of the runtime role", "sha256").hex()


async def ensure(dsn: str, connection: Any, role: str, secret: str) -> None:
    """Make the role, or set its password anew, as the owner whom ``dsn`` names. Raises :class:`RoleTrouble`."""
    verifier = _scram(role_password(secret))  # the password itself must not come into a log of statements
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    try:
        for attempt in range(1, TRIES + 1):
            exists = await connection.fetchval("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role)
            change = "ALTER" if exists else "CREATE"
            statement = f"{change} ROLE {role} LOGIN PASSWORD '{verifier}'"
            try:
                await connection.execute(statement)
                break
            except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError, asyncpg.InternalServerError):
                if attempt == TRIES:  # another house in the same cluster, again and again
                    raise
                await asyncio.sleep(0.05 * attempt)
            except asyncpg.InsufficientPrivilegeError:
                if exists and await _gets_in(dsn, connection, role, secret):
                    break
                raise RoleTrouble(f"As a superuser of PostgreSQL run: {statement}; then migrate again.") from None
        await _check(connection, role)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)


async def _gets_in(dsn: str, connection: Any, role: str, secret: str) -> bool:
    """Has an operator made it as we asked?"""
    database = await connection.fetchval("SELECT current_database()")
    try:
        own = await asyncpg.connect(dsn, user=role, password=role_password(secret), database=database, timeout=5)
    except (asyncpg.PostgresError, OSError, TimeoutError):
        return False
    await own.close()
    return True


async def _check(connection: Any, role: str) -> None:
    too_much = await connection.fetchval(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls"
        " OR pg_has_role(oid, current_user, 'MEMBER') FROM pg_roles WHERE rolname = $1",
        role,
    )
    if too_much:
        raise RoleTrouble(
            f"The PostgreSQL role {role} may do more than run this program: name another in SVASTHA_DATABASE_ROLE, or"
            f" run ALTER ROLE {role} NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS as a superuser and"
            " take it out of other roles."
        )


async def grant(connection: Any, role: str) -> None:
    """What the role may in this database; called after every migration. Only what is not so yet is changed: each change
    writes a row of PostgreSQL's catalog, and those of a thousand databases would all have to be analyzed again."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        if not await connection.fetchval(SETTLED, role):
            database = await connection.fetchval("SELECT quote_ident(current_database())")
            await connection.execute(
                f"""
                REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;
                REVOKE CREATE ON SCHEMA public FROM PUBLIC;
                GRANT CONNECT ON DATABASE {database} TO {role};
                GRANT USAGE ON SCHEMA public TO {role};
                -- between a migration and the next call: enough to go on with, too little to take anything away
                ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {role};
                ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
                """
            )
        for name, may in await connection.fetch(DIFFERENT, role):
            await connection.execute(f"REVOKE ALL ON {name} FROM {role}; GRANT {', '.join(may)} ON {name} TO {role}")


def _scram(password: str) -> str:
    """As PostgreSQL keeps it (RFC 5803)."""
    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    shown = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${ITERATIONS}:{shown[0]}${shown[1]}:{shown[2]}"
