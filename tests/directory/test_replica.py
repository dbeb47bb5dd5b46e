"""Searches of the directory are answered by a copy of the control database that follows it."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest

from svastha.kit.postgres import Cluster, programs
from svastha.kit.postgres.account import owner_of
from svastha.wiring import build
from tests.cast import invent
from tests.conftest import opened, settings_for
from tests.server import free_port

PREFIX = "copied"
ANEW = {"cache-control": "no-cache"}  # not what this process remembers
SENDS = {"wal_level": "replica", "max_wal_senders": "4", "hot_standby_feedback": "on"}


class Two(NamedTuple):
    first: Cluster
    copy: Cluster


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with Cluster(tmp_path / "first", fast=True, port=free_port(), settings=SENDS) as first:
        asyncio.run(invent(build(settings_for(first.dsn, PREFIX, tmp_path))))
        base_backup(first, tmp_path / "copy" / "postgres" / "data")
        with Cluster(tmp_path / "copy", max_connections=200, settings=SENDS) as copy:
            yield Two(first, copy)


def base_backup(first: Cluster, data: Path) -> None:
    assert first.tcp_dsn
    data.parent.mkdir(parents=True)
    found, _ = programs.find(os.geteuid(), first.state_dir)
    subprocess.run(
        [
            found / "pg_basebackup",
            "--dbname",
            first.tcp_dsn,
            "--pgdata",
            data,
            "--write-recovery-conf",
            "--checkpoint=fast",
        ],
        check=True,
        timeout=120,
    )
    for path in [data, *data.rglob("*")]:
        os.chown(path, owner_of(first.data), -1)


async def test_the_copy_answers_and_when_it_is_away_the_first_does(two: Two, tmp_path: Path) -> None:
    async with opened(two.first.dsn, PREFIX, tmp_path, SVASTHA_REPLICA_URL=two.copy.dsn) as world:
        client = await world.api()

        async def found() -> str:
            async with asyncio.timeout(20):
                while (answer := await client.get("/doctors", params={"q": "rao"}, headers=ANEW)).status_code == 503:
                    pass
            return answer.text

        assert "Asha Ayurveda" in await found()
        await behind(two.copy, "SELECT pg_wal_replay_pause()")
        await world.sql(None, "UPDATE clinics SET name = 'Asha Anew' WHERE slug = 'asha'")
        assert "Asha Ayurveda" in await found()
        await behind(two.copy, "SELECT pg_wal_replay_resume()")
        async with asyncio.timeout(20):
            while "Asha Anew" not in await found():
                pass
        two.copy.stop()
        assert "Asha Anew" in await found()


async def behind(server: Cluster, query: str) -> None:
    connection = await asyncpg.connect(server.dsn)
    await connection.execute(query)
    await connection.close()
