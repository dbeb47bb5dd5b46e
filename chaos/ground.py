"""What the scenarios of one run stand on: a PostgreSQL with fsync on, and for each of them clones of a house."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import asyncpg

from chaos.stand import Stand
from svastha.kit.postgres import Cluster, ClusterTrouble
from svastha.wiring import build
from tests.cast import CLINICS, invent
from tests.conftest import settings_for

CONNECTIONS = 200
TEMPLATE = "tpl"
DATABASES = ("control", *(f"clinic_{slug}" for slug in CLINICS))
T = TypeVar("T")


class Ground:
    """``cluster`` is None where PostgreSQL belongs to somebody else and may not be broken."""

    def __init__(
        self,
        dsn: str,
        template: str,
        folder: Path,
        *,
        cluster: Cluster | None = None,
        seed: int = 1,
        short: bool = True,
    ) -> None:
        self.dsn, self.template, self.folder, self.cluster = dsn, template, folder, cluster
        self.seed, self.dice, self.short = seed, random.Random(seed), short
        self._hands = ThreadPoolExecutor(1)  # PostgreSQL stops when the thread ends that started it
        self._count = 0

    @contextlib.asynccontextmanager
    async def stand(self, **settings: str) -> AsyncIterator[Stand]:
        """A house of its own. ``settings``: as in the environment. Nothing runs yet."""
        self._count += 1
        folder = self.folder / f"stand-{self._count}"
        folder.mkdir()
        stand = Stand(self.dsn, f"{self.template}_{self._count}", folder, settings)
        await self._clone(stand.prefix)
        await stand.open()
        try:
            async with self._kept(stand):
                yield stand
        finally:
            await stand.close()
            await self._drop(stand.prefix)

    async def _clone(self, prefix: str) -> None:
        admin = await asyncpg.connect(self.dsn)
        for database in DATABASES:
            await admin.execute(f"CREATE DATABASE {prefix}_{database} TEMPLATE {self.template}_{database}")
        await admin.close()
        control = await asyncpg.connect(self.dsn, database=f"{prefix}_control")
        await control.execute("UPDATE clinics SET database = $1 || '_clinic_' || slug", prefix)
        await control.close()

    async def _drop(self, prefix: str) -> None:
        admin = await asyncpg.connect(self.dsn)
        for database in DATABASES:
            await admin.execute(f"DROP DATABASE {prefix}_{database} WITH (FORCE)")
        await admin.close()

    @contextlib.asynccontextmanager
    async def _kept(self, stand: Stand) -> AsyncIterator[None]:
        """As ``svastha run`` does: what has ended by itself is started again."""

        async def keep() -> None:
            while True:
                stand.mend()
                if self.cluster and self.wanted and not self.cluster.running:
                    with contextlib.suppress(ClusterTrouble):  # such as a full disk: again in a moment
                        await self.by_hand(self.cluster.start)
                await asyncio.sleep(0.05)

        keeper = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeper.cancel()
            await asyncio.wait([keeper])

    wanted = True

    async def by_hand(self, what: Callable[[], T]) -> T:
        """In the one thread that starts and stops PostgreSQL."""
        return await asyncio.get_running_loop().run_in_executor(self._hands, what)

    async def shut_down(self) -> None:
        assert self.cluster
        self.wanted = False
        await self.by_hand(self.cluster.stop)

    async def start_again(self) -> None:
        assert self.cluster
        await self.by_hand(self.cluster.start)
        self.wanted = True

    def postgres(self) -> list[int]:
        """Process ids: the postmaster first, then its children."""
        assert self.cluster
        try:
            pid = int((self.cluster.data / "postmaster.pid").read_text().split()[0])
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except (OSError, ValueError, IndexError):
            return []
        return [pid, *map(int, children)]

    def signal_postgres(self, number: int, *, all: bool = False) -> bool:
        """To the postmaster, or to every process of it. False when there was none."""
        pids = self.postgres()
        for pid in pids if all else pids[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return bool(pids)

    async def clear(self) -> None:
        if self.cluster:
            self.signal_postgres(signal.SIGCONT, all=True)
            await self.by_hand(self.cluster.stop)
        self._hands.shutdown()


@contextlib.asynccontextmanager
async def ground(folder: Path, *, seed: int, short: bool) -> AsyncIterator[Ground]:
    cluster = Cluster(folder, max_connections=CONNECTIONS)
    found = Ground(cluster.dsn, TEMPLATE, folder, cluster=cluster, seed=seed, short=short)
    try:
        await found.by_hand(cluster.start)
        await invent(build(settings_for(cluster.dsn, TEMPLATE, folder)))
        yield found
    finally:
        await found.clear()
