"""What one process commits, another hears of, over either wire; and again after the wire was cut."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from svastha.adapters.redis_wire import OverRedis
from svastha.doors.bell import Ring
from svastha.kit.ids import uuid7
from svastha.kit.wire import OverPostgres, Wire, WireLost
from tests.cast import World
from tests.conftest import opened
from tests.server import free_port

# Others listen too, so it has to be what they expect.
RINGS = [msgspec.json.encode(Ring(clinic, jobs=False)).decode() for clinic in ("asha", "आशा", "nadi")]


class RedisServer:
    """A real one on loopback that keeps nothing."""

    def __init__(self, program: str) -> None:
        self._program, self._port = program, free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        arguments = ["--bind", "127.0.0.1", "--port", str(self._port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [self._program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/"
        )
        assert self._process.stdout
        for line in self._process.stdout:
            if b"Ready to accept connections" in line:
                return
        raise RuntimeError("redis-server did not start")

    def stop(self) -> None:
        assert self._process
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        sentence = "no redis-server on this machine: install it (Debian: apt-get install redis-server)"
        if os.environ.get("SVASTHA_REQUIRE_REDIS") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)
    server = RedisServer(program)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def world_over_redis(dsn: str, prefix: str, tmp_path: Path, redis: RedisServer) -> AsyncIterator[World]:
    async with opened(dsn, prefix, tmp_path, SVASTHA_REDIS_URL=redis.url) as world:
        yield world


async def heard_over(sender: Wire, listener: Wire) -> list[str]:
    """What the listener hears of three texts."""
    heard: list[str] = []
    listening, done = asyncio.Event(), asyncio.Event()

    def hear(text: str) -> None:
        heard.append(text)
        if len(heard) == 3:
            done.set()

    task = asyncio.create_task(listener.listen(hear, ready=listening.set))
    await asyncio.wait_for(listening.wait(), 20)
    await sender.send(RINGS[:2])
    await sender.send(RINGS[2:])
    await asyncio.wait_for(done.wait(), 20)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return heard


async def test_postgres_carries_what_is_sent(world: World) -> None:
    wires = [OverPostgres(world.house.connections, world.house.routing.control) for _ in range(2)]
    assert await heard_over(*wires) == RINGS


async def test_redis_carries_what_is_sent_to_the_same_house_alone(redis: RedisServer) -> None:
    stranger: list[str] = []
    listening = asyncio.Event()
    other = asyncio.create_task(OverRedis(redis.url, "other").listen(stranger.append, ready=listening.set))
    await asyncio.wait_for(listening.wait(), 20)
    assert await heard_over(OverRedis(redis.url, "ours"), OverRedis(redis.url, "ours")) == RINGS
    assert stranger == []
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)


async def test_a_cut_wire_says_so_and_works_again_when_the_server_is_back(redis: RedisServer) -> None:
    wire, listening = OverRedis(redis.url, "ours"), asyncio.Event()
    task = asyncio.create_task(wire.listen(lambda _: None, ready=listening.set))
    await asyncio.wait_for(listening.wait(), 20)
    redis.stop()
    with pytest.raises(WireLost):
        await asyncio.wait_for(task, 30)
    with pytest.raises(WireLost):
        await wire.send(RINGS)
    redis.start()
    assert await heard_over(wire, OverRedis(redis.url, "ours")) == RINGS


async def test_a_page_follows_a_visit_over_redis(world_over_redis: World) -> None:
    world = world_over_redis
    booked = await world.booked("ananya")
    assert world.app
    with world.app.state.watch.changes(UUID(booked["id"])) as changed:
        farida = await world.api("farida")
        answer = await farida.post(f"/clinics/asha/appointments/{booked['id']}/cancel", json={"why": "ill"})
        assert answer.status_code == 200, answer.text
        await asyncio.wait_for(changed.wait(), 20)


async def test_what_nobody_understands_is_passed_over(world_over_redis: World) -> None:
    """As while two versions run side by side."""
    world = world_over_redis
    booked = await world.booked("ananya")
    assert world.app
    await world.house.bell.wire.send(["?", '{"clinic": "asha", "jobs": 7}', "[]"])
    with world.app.state.watch.changes(UUID(booked["id"])) as changed:
        farida = await world.api("farida")
        answer = await farida.post(f"/clinics/asha/appointments/{booked['id']}/cancel", json={"why": "ill"})
        assert answer.status_code == 200, answer.text
        await asyncio.wait_for(changed.wait(), 20)


async def test_booking_goes_on_while_redis_is_away(world_over_redis: World, redis: RedisServer) -> None:
    redis.stop()
    try:
        await world_over_redis.booked("ananya")
    finally:
        redis.start()


async def test_a_ring_about_more_than_a_message_holds_is_heard_whole(world: World) -> None:
    assert world.app
    many = tuple(uuid7() for _ in range(400))
    with world.app.state.watch.changes(many[0]) as first, world.app.state.watch.changes(many[-1]) as last:
        world.house.bell.ring(Ring("asha", jobs=False, visits=many, boards=many[:3]))
        await asyncio.wait_for(asyncio.gather(first.wait(), last.wait()), 10)
