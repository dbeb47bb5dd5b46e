"""What the audit holds is safe from the program itself: whatever statement somebody slips in, the role may not."""

import asyncpg
import pytest

from svastha.kit import runtime_role
from tests.cast import World

FORBIDDEN = (
    "UPDATE {table} SET {first} = {first}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "ALTER TABLE {table} ADD COLUMN x int",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "DROP TABLE {table} CASCADE",
    "CREATE RULE r AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE TRIGGER t BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT ({column}) DO UPDATE SET {first} = excluded.{first}",
    "SELECT * FROM {table} FOR UPDATE",
)
TABLES = {"audit_entries": "id", "audit_seals": "number", "audit_leaves": "entry_id", "audit_anchors": "chain, number"}


@pytest.mark.parametrize("place", [None, "asha"])
async def test_nobody_who_serves_requests_can_change_or_remove_what_was_noted(inside: World, place: str | None) -> None:
    database = inside.house.routing.control if place is None else f"{inside.house.settings.database_prefix}_clinic_asha"
    owner = await inside.house.connections.connect(database, owner=True)
    await runtime_role.grant(owner, inside.house.settings.database_role)  # as after every migration
    await owner.close()
    connection = await inside.house.connections.connect(database)
    assert await connection.fetchval("SELECT current_user") == inside.house.settings.database_role
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE tablename LIKE 'audit\\_%'")
    assert {row["tablename"] for row in tables} == set(TABLES)
    for table, column in TABLES.items():
        await connection.execute(f"GRANT UPDATE, DELETE ON {table} TO CURRENT_USER")  # a warning, and nothing else
        for statement in FORBIDDEN:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement.format(table=table, column=column, first=column.split(",")[0]))
    for statement in (
        "CREATE TABLE mine (x int)",
        "CREATE TEMPORARY TABLE audit_entries (x int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE other",
        "SET ROLE svastha",
        "SET SESSION AUTHORIZATION svastha",
        "SET session_replication_role = replica",
        "DELETE FROM schema_migrations",
        "ALTER TABLE jobs ADD COLUMN x int",
        "COPY audit_entries TO PROGRAM 'cat'",
    ):
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedObjectError)):
            await connection.execute(statement)
    await connection.execute("RESET ROLE")
    assert await connection.fetchval("SELECT current_user") == inside.house.settings.database_role
    await connection.close()


WRITTEN = """
    SELECT array_agg(xmin::text ORDER BY xmin::text) FROM (
        SELECT xmin FROM pg_class UNION ALL SELECT xmin FROM pg_namespace UNION ALL SELECT xmin FROM pg_default_acl
        UNION ALL SELECT xmin FROM pg_database WHERE datname = current_database()) AS catalog
"""


async def test_granting_again_writes_nothing_where_nothing_changed_and_undoes_what_did(inside: World) -> None:
    role, routing = inside.house.settings.database_role, inside.house.routing
    owner = await inside.house.connections.connect(routing.control, owner=True)
    await runtime_role.grant(owner, role)  # as after every migration
    before = await owner.fetchval(WRITTEN)
    await runtime_role.grant(owner, role)
    assert await owner.fetchval(WRITTEN) == before
    await owner.execute(
        f"GRANT ALL ON audit_entries TO {role}; REVOKE UPDATE ON clinics FROM {role};"
        f" GRANT UPDATE (number) ON audit_seals TO {role};"
        f" GRANT CREATE ON SCHEMA public TO PUBLIC; REVOKE USAGE ON SCHEMA public FROM {role}, PUBLIC"
    )
    await runtime_role.grant(owner, role)
    assert [
        await owner.fetchval("SELECT has_table_privilege($1, $2, $3)", role, *asked)
        for asked in (("audit_entries", "SELECT"), ("audit_entries", "TRUNCATE, UPDATE"), ("clinics", "UPDATE"))
    ] == [True, False, True]
    assert not await owner.fetchval("SELECT has_any_column_privilege($1, 'audit_seals', 'UPDATE')", role)
    assert [
        await owner.fetchval("SELECT has_schema_privilege($1, 'public', $2)", role, what)
        for what in ("USAGE", "CREATE")
    ] == [True, False]
    await owner.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    await owner.close()


async def test_an_owner_who_may_make_no_roles_is_told_what_to_run(inside: World, dsn: str) -> None:
    admin = await asyncpg.connect(dsn)
    await admin.execute("CREATE ROLE landlord LOGIN CREATEDB PASSWORD 'x'")
    try:
        owner = await asyncpg.connect(dsn, user="landlord", password="x")
        with pytest.raises(runtime_role.RoleTrouble, match="CREATE ROLE other_app ") as told:
            await runtime_role.ensure(dsn, owner, "other_app", "a secret")
        await admin.execute(str(told.value).removeprefix("As a superuser of PostgreSQL run: ").split(";")[0])
        await runtime_role.ensure(dsn, owner, "other_app", "a secret")  # made as it was asked, that is enough
        with pytest.raises(runtime_role.RoleTrouble, match="may do more than run this program"):
            await admin.execute("ALTER ROLE other_app CREATEDB")
            await runtime_role.ensure(dsn, owner, "other_app", "a secret")
        await owner.close()
    finally:
        await admin.execute("DROP ROLE IF EXISTS other_app")
        await admin.execute("DROP ROLE landlord")
        await admin.close()
