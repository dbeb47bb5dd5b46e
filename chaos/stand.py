"""One house: its databases, its server and worker, a mail server, and people who are signed in."""

import asyncio
import contextlib
import subprocess
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import asyncpg

from chaos.mail import Mail
from chaos.program import Program
from svastha.domain import accounts
from svastha.doors import visit
from svastha.kit.ids import uuid7
from svastha.kit.refusals import Refusal
from svastha.wiring import build
from tests.cast import RAO, World
from tests.conftest import settings_for

PLACES = (None, "asha", "nadi")
DUE = "SELECT count(*) FROM jobs WHERE set_aside_at IS NULL AND (run_at <= now() OR leased_until IS NOT NULL)"


class Stand:
    def __init__(self, dsn: str, prefix: str, folder: Path, more: Mapping[str, str]) -> None:
        self.dsn, self.prefix, self.folder = dsn, prefix, folder
        self.mail = Mail(folder / "mailbox")
        self.more = {"SVASTHA_BASE_URL": "http://svastha.localhost", **more}  # settings, as in the environment
        self.programs: list[Program] = []

    async def open(self) -> None:
        self.more["SVASTHA_SMTP_PORT"] = str(await asyncio.to_thread(self.mail.start))
        self.settings = settings_for(self.dsn, self.prefix, self.folder, **self.more)
        self.house = build(self.settings)
        self.world = World(self.house, None)

    async def close(self) -> None:
        for program in self.programs:
            with contextlib.suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(program.stop)
        await self.house.bell.close()
        await self.house.connections.close()
        await asyncio.to_thread(self.mail.stop)

    def program(self, command: str, **more: Any) -> Program:
        """Begun, and from now on started again whenever it ends by itself. ``ready`` says when it answers."""
        log = self.folder / f"{command}-{len(self.programs)}.log"
        program = Program(command, self.settings, log, **(self.more | more))
        self.programs.append(program)
        program.start()
        return program

    async def server(self, **more: Any) -> Program:
        server = self.program("serve", **more)
        await server.ready()
        return server

    def last_words(self) -> str:
        """The end of each program's log."""
        return "\n".join(f"{program.log.name}: {program.log.read_text()[-3000:]}" for program in self.programs)

    def mend(self) -> None:
        for program in self.programs:
            if program.wanted and not program.up:
                program.start()

    async def crowd(self, size: int) -> list[tuple[UUID, str]]:
        """That many signed-in people: id and access token of each."""
        async with visit.to_control(self.house) as tx:
            people = [uuid7() for _ in range(size)]
            for id in people:
                await accounts.register_verified(
                    tx, account_id=id, email=f"{id.hex}@cast.test", name="One of many", password_hash=None
                )
            return [
                (id, (await accounts.open_session(tx, id, kind="api", second_factor=False)).access_token)
                for id in people
            ]

    async def free(self, days: int, *, first: int = 2) -> list[datetime]:
        """Starts of free times of Dr Rao at Asha, from so many days ahead on, in order."""
        found: list[datetime] = []
        for day in range(first, first + days):
            found += await self.world.free(doctor=RAO, after=timedelta(days=day))
        return sorted(set(found))

    async def sql(self, place: str | None, text: str, *values: Any) -> list[Any]:
        return await self.world.sql(place, text, *values)

    async def ring(self, place: str | None) -> None:
        """Have workers look there now, not at their next sweep."""
        await self.sql(
            None, "SELECT pg_notify('svastha', json_build_object('clinic', $1::text, 'jobs', true)::text)", place
        )

    async def drained(self, within: float, *, leases: bool = True) -> float:
        """Until nothing is due any more, or time is up. Returns how long it took. ``leases``: those of workers that
        were killed are ended by hand, since they last two minutes."""
        began = monotonic()
        if leases:
            for place in PLACES:
                await self.sql(place, "UPDATE jobs SET leased_until = NULL WHERE leased_until IS NOT NULL")
        while monotonic() - began < within:
            if not await self.due():
                break
            for place in PLACES:
                await self.ring(place)
            await asyncio.sleep(0.2)
        return monotonic() - began

    async def due(self) -> int:
        return sum([(await self.sql(place, DUE))[0][0] for place in PLACES])

    async def answers(self, within: float = 30.0) -> None:
        """Until PostgreSQL takes connections, or time is up."""
        began = monotonic()
        while monotonic() - began < within:
            try:
                await self.sql("asha", "SELECT 1")
            except (Refusal, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await asyncio.sleep(0.05)
            else:
                return
