"""Clinics on two PostgreSQL servers: new ones there, and one that moves while it is in use."""

import asyncio
import shlex
from argparse import Namespace
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from msgspec.structs import replace

from svastha.doors import visit
from svastha.doors.cli import clinic as command
from svastha.doors.cli import main
from svastha.doors.cli import move as moving
from svastha.doors.cli.databases import migrate_all
from svastha.doors.cli.equip import CannotStart
from svastha.kit.postgres import Cluster, ClusterTrouble
from svastha.kit.refusals import Busy
from svastha.wiring import build
from tests.appointments.test_race import crowd
from tests.cast import RAO, World
from tests.conftest import opened
from tests.live.test_two_processes import beside
from tests.server import Process

SCALE = Path(__file__).parent.parent.parent / "docs/scale.md"
BOOKERS = 4
LEAST = 4  # bookings of each before, and after


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another PostgreSQL server."""
    cluster = Cluster(tmp_path_factory.mktemp("second"), fast=True)
    yield cluster.start()
    cluster.stop()


@pytest.fixture
async def world(anyio_backend: str, dsn: str, prefix: str, tmp_path: Path, second: str) -> AsyncIterator[World]:
    """The house, whose operator has named a second server."""
    async with opened(dsn, prefix, tmp_path, SVASTHA_DATABASE_SERVERS=f"pune={second}") as world:
        yield world
    admin = await asyncpg.connect(second)
    for row in await admin.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", prefix):
        await admin.execute(f"DROP DATABASE {row[0]} WITH (FORCE)")
    await admin.close()


async def operator(world: World, verb: str, **given: Any) -> None:
    """``svastha clinic``, which is a process of its own."""
    await command.work(world.house.settings, Namespace(verb=verb, **given))


async def rows(dsn: str, database: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(dsn, database=database)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def book(client: httpx.AsyncClient, starts: Any, reason: str = "") -> httpx.Response:
    wish = {"doctor_id": str(RAO), "starts_at": starts.isoformat(), "mode": "video", "reason": reason or None}
    return await client.post(
        "/clinics/asha/appointments", json=wish, headers={"idempotency-key": f"key-{starts.isoformat()}"}
    )


class Booker:
    """Somebody who books one time after the other, again with the same key when told to come later."""

    def __init__(self, client: httpx.AsyncClient, times: list[Any]) -> None:
        self.client, self.times = client, times
        self.booked: list[str] = []
        self.later = 0
        self.enough = False

    async def run(self) -> None:
        for starts in self.times:
            if self.enough:
                return
            while (answer := await book(self.client, starts)).status_code == 503:
                assert answer.headers["retry-after"]
                self.later += 1
                await asyncio.sleep(0.05)
            assert answer.status_code == 201, answer.text
            self.booked.append(answer.json()["id"])


async def until_each(bookers: list[Booker], tasks: list[asyncio.Task[None]], count: int) -> None:
    async with asyncio.timeout(60):
        while min(len(booker.booked) for booker in bookers) < count:
            await asyncio.sleep(0.02)
            for task in tasks:
                assert not task.done() or not task.exception(), task.exception()


async def test_a_clinic_moves_while_people_book_and_nothing_is_lost(
    world: World, second: str, prefix: str, dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    times = [at for days in range(2, 9) for at in await world.free(after=timedelta(days=days))]
    times = sorted(set(times))
    database = f"{prefix}_clinic_asha"
    async with beside(world) as other:
        clients = []
        for number, token in enumerate(await crowd(world, BOOKERS)):
            client = await (world, other)[number % 2].api()
            client.headers["authorization"] = f"Bearer {token}"
            clients.append(client)
        bookers = [Booker(client, times[number::BOOKERS]) for number, client in enumerate(clients)]
        tasks = [asyncio.create_task(booker.run()) for booker in bookers]
        nadi = asyncio.create_task(elsewhere(world))
        await until_each(bookers, tasks, LEAST)
        await operator(world, "move", slug="asha", to="pune")
        await until_each(bookers, tasks, max(len(booker.booked) for booker in bookers) + LEAST)
        for booker in bookers:
            booker.enough = True
        await asyncio.gather(*tasks)
        nadi.cancel()
        [noticed] = await asyncio.gather(nadi, return_exceptions=True)
        assert isinstance(noticed, asyncio.CancelledError), noticed
    acknowledged = sorted(id for booker in bookers for id in booker.booked)
    query = "SELECT id::text FROM appointments WHERE status = 'confirmed' ORDER BY id::text"
    assert [id for (id,) in await rows(second, database, query)] == acknowledged
    assert sum(booker.later for booker in bookers) > 0, "or it was not in use"
    assert "it was closed for" in capsys.readouterr().out
    await world.settle()
    kept = "SELECT count(*) FROM jobs WHERE run_at <= now()"
    assert await rows(second, database, kept) == [(0,)], "the worker follows"
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await rows(dsn, database, "SELECT 1")
    with pytest.raises(asyncpg.ObjectNotInPrerequisiteStateError):
        await rows(dsn, f"{database}_left", "SELECT 1")
    assert await migrate_all(world.house) == {}
    await operator(world, "drop-left", slug="asha")
    await operator(world, "move", slug="asha", to="main")
    assert [id for (id,) in await rows(dsn, database, query)] == acknowledged, "and back again"


async def elsewhere(world: World) -> None:
    """Somebody at another clinic notices nothing."""
    hari = await world.api("hari")
    while True:
        answer = await hari.get("/clinics/nadi/appointments?all=true")
        assert answer.status_code == 200, answer.text
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("dies", "shut"),
    [("copy", False), ("_settle", True), ("_put_away", False)],
)
async def test_a_move_that_dies_half_way_loses_nothing_and_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, dies: str, shut: bool
) -> None:
    booked, ananya = await world.booked("ananya", reason="Sleeps badly"), await world.api("ananya")
    path = f"/clinics/asha/appointments/{booked['id']}"

    async def killed(*_: object) -> None:
        raise SystemError

    with monkeypatch.context() as patched:
        patched.setattr(moving, "_open_again", killed)  # nothing is mended either
        patched.setattr(moving, dies, killed)
        with pytest.raises(SystemError):
            await operator(world, "move", slug="asha", to="pune")
    if dies in ("copy", "_settle"):
        answer = await ananya.get(path)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    failed = await migrate_all(world.house)
    assert bool(failed) == shut, "what is shut is not opened, and nothing empty is put in its place"
    await operator(world, "move", slug="asha", to="pune")
    async with asyncio.timeout(20):
        while (answer := await ananya.get(path)).status_code == 503:
            pass
    assert (answer.status_code, answer.json()["reason"]) == (200, "Sleeps badly")


async def test_a_move_that_fails_leaves_the_clinic_open_where_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch, second: str, prefix: str
) -> None:
    async def full(*_: object) -> None:
        raise ClusterTrouble("No space left on device")

    monkeypatch.setattr(moving, "copy", full)
    with pytest.raises(ClusterTrouble):
        await operator(world, "move", slug="asha", to="pune")
    ananya, [time, *_] = await world.api("ananya"), await world.free()
    async with asyncio.timeout(20):
        while (answer := await book(ananya, time)).status_code == 503:
            pass
    assert answer.status_code == 201
    await operator(world, "move", slug="asha", to="main")
    left = await rows(second, "postgres", f"SELECT datname FROM pg_database WHERE datname LIKE '{prefix}%arriving'")
    assert left == [], "nor is a part of it left elsewhere"


async def test_the_commands_of_the_page_about_scale_work_as_written(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in Process("clinic", world.house.settings, tmp_path / "log")._environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SVASTHA_DATABASE_SERVERS", world.house.settings.database_servers)
    assert await asyncio.to_thread(main, ["migrate"]) == 0
    lines = [line for line in SCALE.read_text().splitlines() if line.startswith("svastha clinic ")]
    assert {line.split()[2] for line in lines} == {"create", "move", "list", "drop-left"}
    for line in lines:
        assert await asyncio.to_thread(main, shlex.split(line)[1:]) == 0, line
        if line.endswith("list"):
            listed = dict(line.split() for line in capsys.readouterr().out.splitlines() if len(line.split()) == 2)
            assert listed == {"asha": "pune", "nadi": "main", "prana": "pune"}
    assert '"prana"' in (await (await world.api()).get("/clinics")).text


async def test_what_cannot_be_is_said_before_anything_is_touched(world: World, second: str, prefix: str) -> None:
    stranger = await asyncpg.connect(second)
    await stranger.execute(f"CREATE DATABASE {prefix}_clinic_asha")
    await stranger.close()
    for given, says in (
        ({"slug": "none", "to": "pune"}, "no clinic"),
        ({"slug": "asha", "to": "nagpur"}, "no server nagpur"),
        ({"slug": "asha", "to": "pune"}, "not this clinic's"),
    ):
        with pytest.raises(CannotStart, match=says):
            await operator(world, "move", **given)
    assert (await (await world.api("farida")).get("/clinics/asha/appointments?all=true")).status_code == 200


async def test_a_process_that_was_not_told_of_the_server_says_it_is_busy(world: World) -> None:
    await operator(world, "move", slug="asha", to="pune")
    house = build(replace(world.house.settings, database_servers=""))
    with pytest.raises(Busy):
        async with visit.to_clinic(house, "asha"):
            pass
    await house.connections.close()
