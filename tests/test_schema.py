"""An empty database migrated forward is exactly the schema that is written down.

After a new migration: ``SVASTHA_WRITE_SCHEMA=1 uv run pytest tests/test_schema.py`` and read the difference.
"""

import os
from pathlib import Path

import asyncpg
import pytest

from svastha.kit.connections import Connections
from svastha.kit.ids import uuid7
from svastha.kit.migrate import MigrationTrouble, files, folder, migrate
from svastha.kit.schema import describe

WRITTEN = Path(__file__).parent.parent / "migrations"


@pytest.fixture(params=["control", "clinic"])
async def empty(anyio_backend: str, dsn: str, request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    name = f"empty_{uuid7().hex[-12:]}"
    admin = await asyncpg.connect(dsn)
    await admin.execute(f"CREATE DATABASE {name}")
    connection = await Connections(dsn).connect(name)
    yield request.param, connection
    await connection.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


async def test_an_empty_database_migrated_is_the_schema(empty) -> None:  # type: ignore[no-untyped-def]
    kind, connection = empty
    applied = await migrate(connection, kind)
    found = await describe(connection)
    path = WRITTEN / f"{kind}.schema.txt"
    if os.environ.get("SVASTHA_WRITE_SCHEMA"):
        path.write_text(found)
    assert applied == len(files(kind))
    assert found == path.read_text()
    assert await migrate(connection, kind) == 0, "migrating twice changes nothing"
    assert await describe(connection) == found


async def test_a_migration_that_was_changed_afterwards_is_noticed(empty) -> None:  # type: ignore[no-untyped-def]
    kind, connection = empty
    await migrate(connection, kind)
    await connection.execute("UPDATE schema_migrations SET checksum = 'other' WHERE number = 1")
    with pytest.raises(MigrationTrouble, match="was changed after"):
        await migrate(connection, kind)


async def test_a_migration_stopped_half_way_goes_on(empty) -> None:  # type: ignore[no-untyped-def]
    """The first file was applied; the process died; the next start applies the rest."""
    kind, connection = empty
    first = sorted(folder(kind).glob("0001_*.sql"))[0]
    await migrate(connection, kind)
    whole = await describe(connection)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.execute(first.read_text())
    await connection.execute(
        "CREATE TABLE schema_migrations (number int PRIMARY KEY, name text NOT NULL,"
        " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
    )
    import hashlib

    await connection.execute(
        "INSERT INTO schema_migrations VALUES (1, $1, $2)", first.stem, hashlib.sha256(first.read_bytes()).hexdigest()
    )
    assert await migrate(connection, kind) == len(files(kind)) - 1
    assert await describe(connection) == whole
