"""What a benchmark stands on: a PostgreSQL of its own with the cast in it, and servers and workers as processes."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import asyncpg

from svastha.doors.visit import House
from svastha.kit.log import set_up
from svastha.kit.postgres import Cluster
from svastha.settings import Settings
from svastha.wiring import build
from tests.cast import invent
from tests.conftest import settings_for
from tests.server import Process

CONNECTIONS = 400


class Stand:
    """``house`` is this process's own; servers are asked over HTTP. fsync is on, as in production, unless ``fast``."""

    def __init__(self, cluster: Cluster, settings: Settings, folder: Path) -> None:
        self.cluster, self.settings, self.folder = cluster, settings, folder
        self.house: House = build(settings)

    def server(self, **environ: str) -> Process:
        """Not started yet: ``with running(server):``."""
        return self._process("serve", environ)

    def worker(self, **environ: str) -> Process:
        return self._process("worker", environ)

    def _process(self, command: str, environ: dict[str, str]) -> Process:
        log = self.folder / f"{command}-{len(list(self.folder.glob('*.log')))}.log"
        log.touch()
        return Process(command, self.settings, log, **environ)

    def database(self, place: str | None) -> str:
        """Its name. None is the control database."""
        prefix = self.settings.database_prefix
        return f"{prefix}_control" if place is None else f"{prefix}_clinic_{place}"

    @contextlib.asynccontextmanager
    async def connection(self, place: str | None) -> AsyncIterator[Any]:
        """As the owner, who may do everything."""
        found = await asyncpg.connect(self.cluster.dsn, database=self.database(place))
        try:
            yield found
        finally:
            await found.close()

    @property
    def postgres(self) -> int:
        """Process id of the postmaster; ``spent_by`` counts its children in."""
        return int((self.cluster.data / "postmaster.pid").read_text().split()[0])


@contextlib.asynccontextmanager
async def stand(*, fast: bool = False, **environ: str) -> AsyncIterator[Stand]:
    set_up("error")
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        cluster = Cluster(where, fast=fast, max_connections=CONNECTIONS)
        with cluster:
            settings = settings_for(cluster.dsn, "bench", where, **environ)
            await invent(build(settings))
            found = Stand(cluster, settings, where)
            try:
                yield found
            finally:
                await found.house.connections.close()


def family(pids: Iterable[int]) -> Iterator[int]:
    """These processes and all below them."""
    left = list(pids)
    while left:
        pid = left.pop()
        yield pid
        for task in Path(f"/proc/{pid}/task").glob("*"):
            with contextlib.suppress(OSError):
                left += map(int, (task / "children").read_text().split())


def spent_by(*pids: int) -> float:
    """Seconds of processor time of these processes and all below them, ended children that were waited for too."""
    total = 0.0
    for pid in family(pids):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            dead = sum(map(int, fields[13:15])) / 100  # children that were waited for
            alive = sum(
                int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*")
            )
            total += alive / 1e9 + dead
    return total


def memory_of(pid: int) -> float:
    """Megabytes that this process has for itself alone."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) / 1024
    return 0.0


async def ran(*command: str, within: float, **environ: str) -> str:
    """Its standard output. Raises RuntimeError with the rest when it fails, TimeoutError when it takes too long."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environ or None
    )
    try:
        async with asyncio.timeout(within):
            out, error = await process.communicate()
    except TimeoutError:
        process.kill()
        raise
    if process.returncode:
        raise RuntimeError(f"{command[0]}: {error.decode()[-2000:]}")
    return out.decode()
