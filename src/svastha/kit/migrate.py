"""Numbered SQL files, each applied once, in order, in a transaction of its own.

Any number of servers may start at once: a lock per database lets one work while the others wait. A file that cannot get
its locks within three seconds gives way to the traffic and tries again. What was applied is remembered with its
checksum, so a changed file is noticed instead of half believed.
"""

import asyncio
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import asyncpg

LOCK = 0x5_7A57_11A
TRIES = 20
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid LIMIT 1"
HERE = Path(__file__).parent.parent


class MigrationTrouble(Exception):
    """A file was changed after it was applied, or cannot be applied."""


class DoesNotApply(MigrationTrouble):
    """PostgreSQL refused what is in a file. It may do so in every database."""


def folder(kind: str) -> Path:
    """``control`` or ``clinic``; beside the package in a wheel, at the root of a checkout."""
    inside = HERE / "migrations" / kind
    return inside if inside.is_dir() else HERE.parent.parent / "migrations" / kind


def files(kind: str) -> list[Path]:
    found = sorted(folder(kind).glob("[0-9][0-9][0-9][0-9]_*.sql"))
    numbers = [int(path.name[:4]) for path in found]
    if numbers != list(range(1, len(found) + 1)):
        raise MigrationTrouble(f"migrations/{kind}: numbers must run from 0001 without gaps, found {numbers}")
    return found


async def migrate(connection: Any, kind: str) -> int:
    """Bring one database up to date. Returns how many files were applied now."""
    await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
    try:
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS schema_migrations (number int PRIMARY KEY, name text NOT NULL,"
            " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = dict(await connection.fetch("SELECT number, checksum FROM schema_migrations"))
        count = 0
        for path in files(kind):
            number = int(path.name[:4])
            text, checksum = _read(path, path.stat().st_mtime_ns)
            if number in applied:
                if applied[number] != checksum:
                    raise MigrationTrouble(f"{path.name} was changed after it had been applied; add a new file instead")
                continue
            await _apply(connection, path, text, checksum)
            count += 1
        return count
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)


@lru_cache(maxsize=256)
def _read(path: Path, _changed: int) -> tuple[str, str]:
    """Its text and checksum, once for a thousand databases."""
    text = path.read_text()
    return text, hashlib.sha256(text.encode()).hexdigest()


async def _apply(connection: Any, path: Path, text: str, checksum: str) -> None:
    record = "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)"
    row = (int(path.name[:4]), path.stem, checksum)
    for attempt in range(1, TRIES + 1):
        try:
            if re.match(r"\s*-- no-transaction\b", text):  # such as CREATE INDEX CONCURRENTLY: must be repeatable
                await connection.execute(text)
                if broken := await connection.fetchval(INVALID):
                    raise MigrationTrouble(f"{path.name} left the index {broken} unfinished: drop it and migrate again")
                await connection.execute(record, *row)
            else:
                async with connection.transaction():
                    await connection.execute("SET LOCAL lock_timeout = '3s'")
                    await connection.execute(text)
                    await connection.execute(record, *row)
            return
        except asyncpg.LockNotAvailableError:
            if attempt == TRIES:
                raise
            await asyncio.sleep(min(10, attempt))
        except asyncpg.PostgresError as trouble:
            raise DoesNotApply(f"{path.name}: {trouble}") from trouble
