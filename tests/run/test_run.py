"""`svastha run`, as a person at a terminal meets it."""

import asyncio
import base64
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest

from svastha.kit.postgres import Cluster, places

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to see who is left")

COMMAND = [sys.executable, "-m", "svastha", "run"]
READY = "Svastha is ready"
PATIENCE = 120.0  # seconds; the first start fills the demo clinics


class Running:
    """A `svastha run` in a process group of its own, as a terminal would start it."""

    def __init__(self, state: Path, port: int, **environ: str) -> None:
        self.port = port
        self._output = state.with_suffix(f".{time.monotonic_ns()}.out")
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                COMMAND, env=environment(state, port, **environ), stdout=output, stderr=output, start_new_session=True
            )

    def said(self) -> str:
        return self._output.read_text()

    def until(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def lives(self) -> bool:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/live") as answer,
        ):
            return bool(answer.status == 200)
        return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Returns how many seconds it took."""
        began = time.monotonic()
        os.killpg(self.process.pid, how)
        self.process.wait(60)
        return time.monotonic() - began


def environment(state: Path, port: int, **environ: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SVASTHA_")}
    return inherited | {"SVASTHA_STATE_DIR": str(state), "PORT": str(port)} | environ


def refused(state: Path, port: int, **environ: str) -> str:
    """What a run says that does not start."""
    ended = subprocess.run(
        COMMAND, env=environment(state, port, **environ), capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@contextlib.contextmanager
def running(state: Path, port: int, **environ: str) -> Iterator[Running]:
    run = Running(state, port, **environ)
    try:
        run.until(READY)
        yield run
    finally:
        if run.process.poll() is None:
            run.stop()


def children(pid: int) -> dict[str, int]:
    """Process numbers by command, such as `serve`; PostgreSQL is `postgres`."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # Without words: one that begins at this moment, and one that has ended and is not yet awaited.
            words = (entry / "cmdline").read_text().split("\0")[:-1]
            if words and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found["postgres" if "postgres" in words[0] else words[3]] = int(entry.name)
    return found


def await_end(pids: list[int]) -> None:
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() and "Z" not in state_of(pid) for pid in pids):
        assert time.monotonic() < deadline, [state_of(pid) for pid in pids]
        time.sleep(0.02)


def state_of(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return "Z"


@pytest.fixture
def port() -> int:
    return free_port()


class FirstStart(NamedTuple):
    state: Path
    said: str
    secrets: dict[str, str]
    everyone: dict[str, int]


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder where PostgreSQL need not wait for a disk, if there is one."""
    folder = places.in_memory(tmp_path_factory.mktemp("run"))
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def first(memory: Path) -> FirstStart:
    """A state folder after one start, which fills the demo clinics, and one stop. Tests leave it fit for the next."""
    state = memory / "state"
    with running(state, free_port()) as run:
        asyncio.run(execute(state, "CREATE TABLE kept ()"))
        assert run.lives()
        everyone = children(run.process.pid)
        assert run.stop() < 10
        assert run.process.returncode == 0
        return FirstStart(state, run.said(), json.loads((state / "secrets.json").read_text()), everyone)


def test_says_where_and_who(first: FirstStart) -> None:
    for words in ("http://localhost:", "/c/asha/", "/c/nadi/", "/dev/mailbox", "/api/docs", "svastha-demo"):
        assert words in first.said
    for who in ("patient1", "patient40", "doctor1", "doctor12", "desk1", "desk2", "admin1", "admin2", "platform"):
        assert f"{who}@svastha.test" in first.said


def test_nobody_is_left_after_a_stop(first: FirstStart) -> None:
    assert set(first.everyone) == {"serve", "worker", "postgres"}
    await_end(list(first.everyone.values()))


def test_secrets_are_made_for_their_owner_alone(first: FirstStart) -> None:
    assert (first.state / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert set(first.secrets) == {"SVASTHA_SECRET", "SVASTHA_MASTER_KEY", "SVASTHA_TURN_SECRET"}
    assert len(base64.urlsafe_b64decode(first.secrets["SVASTHA_MASTER_KEY"])) == 32


@pytest.fixture(scope="module")
def second(first: FirstStart) -> Iterator[Running]:
    with running(first.state, free_port()) as run:
        yield run


def test_a_second_start_keeps_everything(first: FirstStart, second: Running) -> None:
    asyncio.run(execute(first.state, "SELECT FROM kept"))
    assert json.loads((first.state / "secrets.json").read_text()) == first.secrets


def test_two_do_not_run_from_one_folder(first: FirstStart, second: Running, port: int) -> None:
    told = refused(first.state, port)
    assert f"already runs from {first.state} as process {second.process.pid}" in told
    assert f"kill {second.process.pid}" in told


def test_a_database_of_ones_own(first: FirstStart, second: Running, tmp_path: Path, port: int) -> None:
    """The one that a run made is somebody else's to another."""
    dsn = Cluster(first.state).dsn
    with running(tmp_path / "state", port, SVASTHA_DATABASE_URL=dsn, **first.secrets) as run:
        assert set(children(run.process.pid)) == {"serve", "worker"}
        assert not (tmp_path / "state/postgres").exists()


def test_whatever_is_killed_comes_back(second: Running) -> None:
    os.kill(children(second.process.pid)["postgres"], signal.SIGKILL)
    second.until("PostgreSQL ended unexpectedly")
    os.kill(children(second.process.pid)["serve"], signal.SIGKILL)
    second.until("The server ended unexpectedly (SIGKILL); it starts again in 1 s.")
    deadline = time.monotonic() + 60
    while not second.lives():
        assert time.monotonic() < deadline, second.said()
        time.sleep(0.05)
    assert set(children(second.process.pid)) == {"serve", "worker", "postgres"}


def test_nothing_survives_the_whole_which_starts_again(first: FirstStart, second: Running, port: int) -> None:
    everyone = children(second.process.pid)
    assert set(everyone) == {"serve", "worker", "postgres"}
    second.stop(signal.SIGKILL)
    await_end(list(everyone.values()))
    with running(first.state, port) as again:
        assert again.lives()
        os.kill(again.process.pid, signal.SIGINT)
        assert again.process.wait(30) == 0


def test_lost_secrets_are_not_replaced_while_there_is_data(tmp_path: Path, port: int) -> None:
    (tmp_path / "postgres/data").mkdir(parents=True)
    assert "secrets.json is missing" in refused(tmp_path, port)
    (tmp_path / "secrets.json").write_text("{")
    assert "secrets.json cannot be read" in refused(tmp_path, port)


def test_a_taken_port_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"Port {port} is taken by another program; choose another: PORT=8123 make run" in refused(tmp_path, port)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_settings_that_are_no_good(tmp_path: Path, port: int) -> None:
    assert "PORT" in refused(tmp_path, port, PORT="eighty")
    assert "SVASTHA_HOST" in refused(tmp_path, port, SVASTHA_HOST="nowhere.invalid")
    told = refused(tmp_path, port, SVASTHA_MODE="production")
    assert "SVASTHA_SECRET is missing" in told
    assert "SVASTHA_MASTER_KEY is missing" in told


def test_help_is_quick() -> None:
    modules = (
        "import sys; from svastha.doors import cli\ntry: cli.main(['--help'])\nexcept SystemExit: print(*sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", modules], capture_output=True, text=True, check=True).stdout
    assert "migrate" in said
    assert not {"litestar", "asyncpg", "msgspec", "uvicorn"} & set(said.split())


async def execute(state: Path, statement: str) -> None:
    connection = await asyncpg.connect(Cluster(state).dsn)
    await connection.execute(statement)
    await connection.close()


def test_the_demo_alone_begins_and_repeats_on_an_empty_folder(memory: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SVASTHA_") and name != "PORT"}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "svastha", "demo"],
            env={**clean, "SVASTHA_STATE_DIR": str(memory / "demo")},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr.replace("\n", "")) == (0, ""), done.stderr
