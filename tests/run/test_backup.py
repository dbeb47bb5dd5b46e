"""A backup while the database is in use, every change since, and a restore that overwrites nothing."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

from svastha.doors.cli.backup import SLOT, back_up
from svastha.doors.cli.equip import CannotStart
from svastha.doors.cli.restore import restore
from svastha.kit.postgres import Cluster
from tests.conftest import settings_for

TABLE = "CREATE TABLE said (what text)"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with Cluster(tmp_path / "here") as found:
        yield found


def svastha(cluster: Cluster, *arguments: object) -> list[str]:
    return [sys.executable, "-m", "svastha", *map(str, arguments)]


def environ(cluster: Cluster) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "SVASTHA_MODE": "test", "SVASTHA_DATABASE_URL": cluster.dsn}


def done(cluster: Cluster, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        svastha(cluster, *arguments), env=environ(cluster), capture_output=True, text=True, check=False, timeout=120
    )


async def sql(cluster: Cluster, text: str) -> list[str]:
    connection = await asyncpg.connect(cluster.dsn)
    try:
        return [row[0] for row in await connection.fetch(text)]
    finally:
        await connection.close()


async def test_what_was_copied_and_what_was_followed_comes_back(cluster: Cluster, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    await sql(cluster, TABLE)
    await sql(cluster, "INSERT INTO said VALUES ('before')")
    follower = subprocess.Popen(svastha(cluster, "backup", kept, "--follow"), env=environ(cluster))
    try:
        while not await sql(cluster, f"SELECT 1 FROM pg_replication_slots WHERE slot_name = '{SLOT}' AND active"):
            assert follower.poll() is None
        first = done(cluster, "backup", kept)
        assert not first.returncode, first.stderr
        await sql(cluster, "INSERT INTO said VALUES ('after')")
        then = datetime.now(UTC)
        await sql(cluster, "INSERT INTO said VALUES ('at last')")
        [end] = await sql(cluster, "SELECT pg_current_wal_flush_lsn()::text")
        while not await sql(cluster, f"SELECT 1 FROM pg_stat_replication WHERE flush_lsn >= '{end}'"):
            assert follower.poll() is None
    finally:
        follower.terminate()
        follower.wait(20)
    for place, more, what in (
        ("there", (), ["before", "after", "at last"]),
        ("then", ("--until", then.isoformat()), ["before", "after"]),
    ):
        answer = done(cluster, "restore", kept, "--into", tmp_path / place / "postgres" / "data", *more)
        assert not answer.returncode, answer.stderr
        with Cluster(tmp_path / place) as restored:
            while (await sql(restored, "SELECT pg_is_in_recovery()"))[0]:
                assert restored.running
            assert await sql(restored, "SELECT what FROM said") == what
            await sql(restored, "INSERT INTO said VALUES ('it goes on')")


def test_only_so_many_are_kept_and_what_cannot_be_is_said(cluster: Cluster, tmp_path: Path) -> None:
    kept, new = tmp_path / "kept", tmp_path / "new"
    settings = settings_for(cluster.dsn, "kept", tmp_path)
    with pytest.raises(CannotStart, match="There: none"):
        restore(kept, new)
    first = back_up(settings, kept, keep=1)
    first = first.rename(first.with_name("20200101T000000Z"))
    last = back_up(settings, kept, keep=1)
    assert list((kept / "base").iterdir()) == [last] != [first]
    for into, more, said in (
        (tmp_path, {}, "not empty"),
        (new, {"name": "yesterday"}, "No such backup"),
        (new, {"until": datetime(2026, 11, 21, 10)}, "needs a zone"),
        (new, {"until": datetime(2020, 1, 1, tzinfo=UTC)}, "No such backup"),
        (new, {"until": datetime(2090, 1, 1, tzinfo=UTC)}, "Leave --until away"),
    ):
        with pytest.raises(CannotStart, match=said):
            restore(kept, into, **more)  # type: ignore[arg-type]
    assert not new.exists()
    with pytest.raises(CannotStart, match="1 or more"):
        back_up(settings, kept, keep=0)
    nobody = cluster.dsn.replace("svastha@", "somebody:secret@")
    with pytest.raises(CannotStart, match="pg_basebackup") as refused:
        back_up(settings_for(nobody, "kept", tmp_path), kept, keep=1)
    assert "secret" not in str(refused.value) and list((kept / "base").iterdir()) == [last]
