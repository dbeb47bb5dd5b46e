"""What open connections cost one server process: pages that follow something, and calls.

25 clinics in the middle of their day. Everybody is signed in with an account of her own: 100 doctors follow their
queue, 100 people at desks the queues of all doctors of their clinic, 1,600 patients their place, and 200 screens hang
on walls; in 250 visits doctor and patient each hold the socket of their call, with compression as browsers ask for it.
Memory is what the process has more of for itself, after the same paths have been warmed up. At rest nothing happens for
a while but what the server does of its own. Then a desk calls the next patient: the time counts from its request until
everybody it concerns (one doctor, four desks, eight screens, sixteen patients) was told, so that the commit is in it.
"""

import asyncio
import resource
import statistics
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from uuid import UUID

import websockets

from bench.figures import Figure
from bench.live_crowd import SCREENS, Clinic, Person, clinics
from bench.morning_wire import Line, cookie
from bench.stand import Stand, memory_of, spent_by, stand
from svastha.doors import media
from svastha.doors.visit import COOKIE
from tests.server import Process, running

AT_ONCE = 16  # connections opened at the same time: fewer than the server has to PostgreSQL


class Ear(asyncio.Protocol):
    """One open stream. ``told`` is set, and ``at`` is when, whenever the server says what it saw, be it nothing new."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.status, self.at, self.ended = b"", 0.0, False
        self.told = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.status = self.status or data[9:12]
        if b"data: " in data or b": still here" in data or self.status == b"503":
            self.at = perf_counter()
            self.told.set()

    def connection_lost(self, _: Exception | None) -> None:
        self.ended = True
        self.told.set()


class Followed:
    """All streams of one clinic, and whom a turn of each doctor's queue concerns."""

    def __init__(self, clinic: Clinic, address: str) -> None:
        self.clinic, self.address = clinic, address
        self.all: list[Ear] = []
        self.refused = 0
        self.of: dict[UUID, list[Ear]] = {one.id: [] for one in clinic.doctors}

    async def open(self, port: int, gate: asyncio.Semaphore) -> None:
        at, c = f"/c/{self.clinic.slug}", self.clinic
        everybody = list(self.of.values())
        asked: list[tuple[str, Person | None, list[list[Ear]]]] = [
            *((f"{at}/queue/live", one, [self.of[one.id]]) for one in c.doctors),
            *((f"{at}/queue/live", one, everybody) for one in c.desks),
            *((f"{at}/screen/live", None, everybody) for _ in range(SCREENS)),
            *((f"{at}/visits/{v}/live", who, [self.of[d]]) for d, line in c.waiting.items() for v, who in line),
        ]
        await asyncio.gather(*(self._follow(port, gate, *one) for one in asked))

    async def _follow(
        self, port: int, gate: asyncio.Semaphore, path: str, who: Person | None, hears: list[list[Ear]]
    ) -> None:
        cookie = f"Cookie: {COOKIE}={who.cookie}\r\n" if who else ""
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{cookie}Accept: text/event-stream\r\n\r\n".encode()
        async with gate:
            ear = await self._opened(port, head, None if who else (self.address, 0))
            while ear.status == b"503":  # as the page does
                self.refused += 1
                await asyncio.sleep(5)
                ear = await self._opened(port, head, None if who else (self.address, 0))
        if ear.status != b"200" or ear.ended:
            raise RuntimeError(f"{path.split('/')[3]}: {ear.status!r}")
        self.all.append(ear)
        for those in hears:
            those.append(ear)

    async def _opened(self, port: int, head: bytes, address: tuple[str, int] | None) -> Ear:
        loop = asyncio.get_running_loop()
        _, ear = await loop.create_connection(lambda: Ear(head), "127.0.0.1", port, local_addr=address)
        async with asyncio.timeout(60):
            await ear.told.wait()
        return ear


@asynccontextmanager
async def _calls(server: Process, here: Stand, clinics: Sequence[Clinic]) -> AsyncIterator[int]:
    """Both people of every visit that is in progress. Gives how many sockets are open."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def enter(clinic: Clinic, visit_id: UUID, role: str, who: Person) -> websockets.ClientConnection:
        async with gate:
            token, _ = media.mint(here.settings, clinic.slug, visit_id, role, who.id)  # type: ignore[arg-type]
            socket = await websockets.connect(
                f"ws://127.0.0.1:{server.port}/live/call?token={token}&sid=page-of-the-{role}",
                additional_headers={"Cookie": f"{COOKIE}={who.cookie}"},
                max_queue=None,
                ping_interval=None,  # a browser answers pings and sends none
            )
            await socket.recv()  # what was said before
        return socket

    sides = [
        (clinic, visit_id, role, who)
        for clinic in clinics
        for visit_id, doctor, patient in clinic.calls
        for role, who in (("doctor", doctor), ("patient", patient))
    ]
    open_ones = await asyncio.gather(*(enter(*side) for side in sides))
    pinging = asyncio.create_task(_ping(open_ones))
    try:
        yield len(open_ones)
        if closed := [one.close_code for one in open_ones if one.close_code is not None]:
            raise RuntimeError(f"{len(closed)} sockets were closed: {closed[:5]}")
    finally:
        pinging.cancel()
        await asyncio.gather(*(one.close() for one in open_ones))


async def _ping(open_ones: Sequence[websockets.ClientConnection]) -> None:
    """As the page does."""
    while True:
        for one in open_ones:
            await asyncio.sleep(20 / len(open_ones))
            await one.send('{"t":"ping"}')


async def measure(short: bool) -> list[Figure]:
    many = 4 if short else 25
    async with stand() as here:
        server = here.server()
        with running(server):
            _more_files(3 * many * 100)
            return await _measured(here, server, await clinics(here, many), 6 if short else 10, 8 if short else 40)


def _more_files(needed: int) -> None:
    """The server sees to itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise RuntimeError(f"{needed:,} files must be allowed to be open (ulimit -Hn), and only {hard:,} are")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))


async def _measured(
    here: Stand, server: Process, clinics: Sequence[Clinic], seconds: float, turns: int
) -> list[Figure]:
    gate = asyncio.Semaphore(AT_ONCE)
    warm = [Followed(clinic, f"127.0.1.{k}") for k, clinic in enumerate(clinics, 1)]
    await asyncio.gather(*(one.open(server.port, gate) for one in warm[:2]))
    for ear in (ear for one in warm for ear in one.all):
        ear.transport.close()
    async with _calls(server, here, clinics[:1]):
        pass
    await asyncio.sleep(1)
    memory = [memory_of(server.pid)]
    followed = [Followed(clinic, f"127.0.0.{k}") for k, clinic in enumerate(clinics, 10)]
    spent, began = spent_by(server.pid), perf_counter()
    await asyncio.gather(*(one.open(server.port, gate) for one in followed))
    ears = [ear for one in followed for ear in one.all]
    opening, opened = (spent_by(server.pid) - spent) * 1e3 / len(ears), perf_counter() - began
    memory.append(memory_of(server.pid))
    async with _calls(server, here, clinics) as calls:
        memory.append(memory_of(server.pid))
        idle, idle_db = await _at_rest(here, server, seconds)
        took, each = await _told(server, followed, turns, here, idle + idle_db)
    if lost := sum(ear.ended for ear in ears):
        raise RuntimeError(f"{lost} streams ended")
    for ear in ears:
        ear.transport.close()
    p95 = statistics.quantiles(took, n=20)[-1]
    return [
        Figure("open streams", [len(ears)], note=f"opened in {opened:.0f} s, {opening:.1f} ms of processor each"),
        Figure("streams told 503 at first", [sum(one.refused for one in followed)], "", "at most", 0),
        Figure("open sockets of calls", [calls]),
        Figure("memory of a stream", [(memory[1] - memory[0]) * 1024 / len(ears)], "KB", "at most", 100, True),
        Figure("memory of a socket", [(memory[2] - memory[1]) * 1024 / calls], "KB", "at most", 200, True),
        Figure("the server while nothing happens, of one core", [idle * 100], "%"),
        Figure("PostgreSQL while nothing happens, of one core", [idle_db * 100], "%"),
        Figure("a turn at the desk, until each was told", took, "ms"),
        Figure("the same, p95", [p95], "ms", "at most", 500),
        Figure("processor for each who is told, server and PostgreSQL", [each], "ms"),
    ]


async def _at_rest(here: Stand, server: Process, seconds: float) -> tuple[float, float]:
    """Of one core: the server, PostgreSQL."""
    began, spent, database = perf_counter(), spent_by(server.pid), spent_by(here.postgres)
    await asyncio.sleep(seconds)
    passed = perf_counter() - began
    return (spent_by(server.pid) - spent) / passed, (spent_by(here.postgres) - database) / passed


async def _told(
    server: Process, followed: Sequence[Followed], turns: int, here: Stand, rest: float
) -> tuple[list[float], float]:
    """Milliseconds until each was told, and of processor for each; ``rest``: the share of a core spent in any case."""
    line, took = Line(server.port), []
    spent, start = spent_by(server.pid, here.postgres), perf_counter()
    for turn in range(turns):
        one = followed[turn % len(followed)]
        doctor = one.clinic.doctors[turn // len(followed) % len(one.clinic.doctors)].id
        hear = one.of[doctor]
        for ear in hear:
            ear.told.clear()
        began = perf_counter()
        form = f"doctor_id={doctor}".encode()
        await line.done(
            "POST", f"/c/{one.clinic.slug}/queue/call-next", cookie(one.clinic.desks[0].cookie), form, status=303
        )
        async with asyncio.timeout(30):
            await asyncio.gather(*(ear.told.wait() for ear in hear))
        took += [(ear.at - began) * 1e3 for ear in hear]
    spent = spent_by(server.pid, here.postgres) - spent - rest * (perf_counter() - start)
    return took, spent * 1e3 / len(took)
