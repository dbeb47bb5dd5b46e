"""Whoever meets in a call, or follows a board, may have reached different server processes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import websockets

from svastha.doors import visit
from svastha.wiring import build
from tests.cast import World
from tests.conftest import opened, registered
from tests.consultations.test_admit import admitted
from tests.live.test_signalling import D, P, log, socket
from tests.live.test_wire import RedisServer, redis
from tests.queue.test_queue import booked, join, somebody
from tests.server import Process, running

__all__ = ["redis"]
LONG = "candidate आ " * 2000  # more than one NOTIFY of PostgreSQL holds


@asynccontextmanager
async def beside(world: World) -> AsyncIterator[World]:
    """A second server over the same databases, which hears what is said in calls."""
    house = build(world.house.settings)
    async with registered(house) as app:
        other = World(house, app)
        await other.open()
        try:
            yield other
        finally:
            await other.close()


@pytest.fixture(params=["postgres", "redis"])
async def two(request: pytest.FixtureRequest, dsn: str, prefix: str, tmp_path: Path) -> AsyncIterator[list[World]]:
    wire = {}
    if request.param == "redis":
        wire["SVASTHA_REDIS_URL"] = request.getfixturevalue("redis").url
    async with opened(dsn, prefix, tmp_path, **wire) as here, beside(here) as there:
        yield [here, there]


async def test_they_meet_and_what_one_says_reaches_the_other(two: list[World]) -> None:
    here, there = two
    visit = await admitted(here)
    async with await socket(here, "rao", visit) as doctor, await socket(there, "ananya", visit) as patient:
        assert (await doctor.until("peer"))["sid"] == P and (await patient.until("peer"))["sid"] == D
        for text in ("v=0", LONG):
            doctor.say(t="offer", to=P, d=text)
            assert await patient.until("offer") == {"t": "offer", "to": P, "from": D, "d": text}
            patient.say(t="answer", to=D, d=text)
            assert (await doctor.until("answer"))["d"] == text
        doctor.say(t="offer", to="an-older-page-of-hers")
        id = str(uuid4())
        doctor.say(t="chat", id=id, text="आवाज़ आ रही है?")
        for line in (doctor, patient):
            chat = await line.until("chat")
            assert (chat["id"], chat["from"], chat["text"]) == (id, "doctor", "आवाज़ आ रही है?")
        await patient.hang_up()
        assert (await doctor.until("gone"))["sid"] == P


async def test_the_newest_window_has_the_call_wherever_it_opened(two: list[World]) -> None:
    here, there = two
    visit = await admitted(here)
    async with await socket(here, "rao", visit) as doctor, await socket(here, "ananya", visit, "first-window") as old:
        await old.until("peer")
        async with await socket(there, "ananya", visit, "second-window") as new:
            assert (await new.until("peer"))["sid"] == D
            assert await old.closed() == 4001
            while (await doctor.until("peer"))["sid"] != "second-window":
                pass
            doctor.say(t="offer", to="second-window")
            assert (await new.until("offer"))["from"] == D
            assert ("patient", "left", "lost") not in await log(here), "she is still in the call"


async def test_who_carries_it_reads_nothing_of_it(two: list[World]) -> None:
    here, there = two
    carried: list[str] = []
    ready, done = asyncio.Event(), asyncio.Event()

    def hear(text: str) -> None:
        carried.append(text)
        if len(carried) > 3:
            done.set()

    listener = asyncio.create_task(build(here.house.settings).calls.listen(hear, ready=ready.set))
    await ready.wait()
    visit = await admitted(here)
    async with await socket(here, "rao", visit) as doctor, await socket(there, "ananya", visit) as patient:
        await doctor.until("peer")
        await patient.until("peer")
        for _ in range(3):
            doctor.say(t="chat", id=str(uuid4()), text="unmute")
            await patient.until("chat")
        await asyncio.wait_for(done.wait(), 10)
    listener.cancel()
    await asyncio.gather(listener, return_exceptions=True)
    assert not [text for text in carried if "unmute" in text or "doctor" in text or P in text]


async def test_two_server_processes_share_a_call_and_a_board(world: World, redis: RedisServer, tmp_path: Path) -> None:
    path, waiting = await admitted(world), await booked(world, at=5, patient=await somebody(world, "Mohan Lal"))
    base, settings = world.house.settings.url, world.house.settings
    servers = [
        Process("serve", settings, tmp_path / f"{n}.log", SVASTHA_REDIS_URL=redis.url, SVASTHA_BASE_URL=base)
        for n in (1, 2)
    ]
    with running(*servers):
        doctors, patients = servers
        async with (
            await dial(world, doctors, "rao", path) as doctor,
            await dial(world, patients, "ananya", path) as her,
        ):
            peer = await heard(doctor, "peer")
            assert (await heard(her, "peer"))["sid"] == "sid-of-rao"
            await doctor.send(json.dumps({"t": "offer", "to": peer["sid"], "d": LONG}))
            assert (await heard(her, "offer"))["d"] == LONG
        cookie = {"cookie": f"{visit.COOKIE}={await world.token('farida', 'browser')}"}
        at = f"http://127.0.0.1:{patients.port}/c/asha/queue/live"
        async with httpx.AsyncClient(headers=cookie, timeout=30) as farida, farida.stream("GET", at) as board:
            lines = board.aiter_lines()
            await until(lines, "Mohan Lal")
            token = await world.token("farida", "api")
            async with httpx.AsyncClient(
                base_url=f"{doctors.url}/api/v1", headers={"authorization": f"Bearer {token}"}
            ) as desk:
                await join(desk, waiting)
            await until(lines, "1 waiting")


async def dial(world: World, server: Process, name: str, path: str) -> Any:
    headers = {"authorization": f"Bearer {await world.token(name, 'api')}"}
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1", headers=headers) as client:
        given = (await client.post(f"{path}/video-token")).json()["token"]
    return websockets.connect(f"ws://127.0.0.1:{server.port}/live/call?token={given}&sid=sid-of-{name}", proxy=None)


async def heard(line: Any, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while (message := json.loads(await line.recv()))["t"] != kind:
            pass
    found: dict[str, Any] = message
    return found


async def until(lines: AsyncIterator[str], words: str) -> None:
    async with asyncio.timeout(10):
        async for line in lines:
            if words in line:
                return
