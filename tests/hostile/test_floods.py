"""A real server under floods: what it weighs before and after, and whether others notice.

The bounds are of the most memory the process had during a flood, in MB beyond what it had before.
"""

import asyncio
import contextlib
import json
import os
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
import websockets

from tests.cast import World
from tests.consultations.test_admit import admitted
from tests.hostile.raw import HOST, Line, forget_the_most, line_to, statuses, weight
from tests.live.test_signalling import D, P, token
from tests.server import Process, running

HANDSHAKE = (
    "GET /live/call?{query} HTTP/1.1\r\nHost: svastha.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
LOGIN = b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"


class Siege:
    """A server process for this house. Counts what it weighs from when it has answered a few times."""

    def __init__(self, process: Process, client: httpx.AsyncClient) -> None:
        self.process, self.client, self.port = process, client, process.port
        self.before = 0.0

    async def others(self) -> None:
        """Somebody else, on a line of her own, is served."""
        async with asyncio.timeout(10):
            for path in ("/health/ready", "/api/v1/clinics", "/"):
                assert (await self.client.get(path)).status_code == 200

    def begin(self) -> None:
        self.before = weight(self.process.pid)
        forget_the_most(self.process.pid)

    @property
    def grown(self) -> float:
        """By the most it ever was."""
        return weight(self.process.pid, "VmHWM") - self.before


@pytest.fixture(scope="module")
async def process(a_house: World, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Process]:
    log: Path = tmp_path_factory.mktemp("server") / "log"
    process = Process("serve", a_house.house.settings, log)
    with running(process):
        yield process


@pytest.fixture(scope="module")
async def visit(a_house: World) -> str:
    """Under way."""
    return await admitted(a_house)


@pytest.fixture
async def siege(process: Process) -> AsyncIterator[Siege]:
    base = f"http://127.0.0.1:{process.port}"
    async with httpx.AsyncClient(base_url=base, limits=httpx.Limits(max_keepalive_connections=0)) as client:
        found = Siege(process, client)
        for _ in range(3):
            await found.others()
        found.begin()
        yield found
    log = process.log.read_text()
    assert "server_error" not in log, log
    assert "Traceback" not in log, log


async def open_socket(siege: Siege, world: World, name: str, visit: str, line: Line) -> None:
    query = urlencode({"token": await token(world, name, visit), "sid": D if name == "rao" else P})
    await line.say(HANDSHAKE.format(query=query).encode())
    head = await line.reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101"), head


def frame(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    """As a browser sends it: masked, here with nothing."""
    length = struct.pack("!BH", 0x80 | 126, len(payload)) if len(payload) > 125 else bytes([0x80 | len(payload)])
    return bytes([fin << 7 | opcode]) + length + b"\0\0\0\0" + payload


async def test_heads_bodies_and_requests_without_end_fill_no_memory(siege: Siege) -> None:
    endless = [b"GET / HTTP/1.1\r\n" + HOST + b"X-A: ", *[b"a" * 65536] * 32]
    sent_ahead = [b"GET /health/live HTTP/1.1\r\n" + HOST + b"\r\n"] * 5_000
    chunks = [LOGIN + b"Transfer-Encoding: chunked\r\n\r\n", *[b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 160]
    for pieces in (endless, [b"".join(sent_ahead)], chunks):
        flood = [asyncio.create_task(statuses(siege.port, *pieces)) for _ in range(40)]
        await siege.others()
        found = await asyncio.gather(*flood)
        assert all(status < 500 for answers in found for status in answers)
        await siege.others()
    assert siege.grown < 80


async def test_five_hundred_who_say_nothing_keep_nobody_out(siege: Siege) -> None:
    async with contextlib.AsyncExitStack() as lines:
        for number in range(500):
            line = await lines.enter_async_context(line_to(siege.port))
            await line.say([b"", b"GET / HTTP/1.1\r\nX-", LOGIN + b"Content-Length: 60000\r\n\r\n{"][number % 3])
        await siege.others()
        assert siege.grown < 60


async def test_documents_that_anybody_sends_to_be_verified_are_not_kept(siege: Siege) -> None:
    """Of as many as there are lines, each all but a word of what it may send, and none at its end."""
    head = b"POST /verify/asha-7K3M-Q9TD-X4PW-2H8N HTTP/1.1\r\n" + HOST + b"Origin: http://svastha.localhost\r\n"
    head += b"Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: 5000200\r\n\r\n"
    part = b'--cut\r\nContent-Disposition: form-data; name="document"\r\n\r\n'
    async with contextlib.AsyncExitStack() as lines:
        for _ in range(40):
            line = await lines.enter_async_context(line_to(siege.port))
            assert await line.say(head, part, *[b"x" * 100_000] * 50)
        await siege.others()
    assert siege.grown < 60


@pytest.mark.parametrize(
    ("what", "flood"),
    [
        ("small messages", frame(1, b'{"t":"ping"}') * 20_000),
        ("messages nobody understands", frame(1, b"[") * 20_000),
        ("deep ones", frame(1, b"[" * 60_000) * 50),
        ("numbers beyond numbers", frame(1, b'{"t":"ice","n":[1e400,-1e400,%s]}' % (b"9" * 5_000)) * 50),
        ("half a letter", frame(1, b'{"t":"ice","a":"\\ud800"}') * 50 + frame(1, b"\xed\xa0\x80")),
        ("a giant frame", b"\x81\xff" + struct.pack("!Q", 2**40) + b"\0\0\0\0" + b"a" * 10**6),
        ("a giant frame of the signed kind", b"\x81\xff" + struct.pack("!Q", 2**63) + b"\0\0\0\0"),
        ("pieces without end", frame(1, b"", fin=False) + frame(0, b"", fin=False) * 500_000),
        ("pings whose answers are not read", frame(9, b"p" * 125) * 200_000),
        ("reserved bits", b"\xf1\x80\0\0\0\0"),
        ("an unmasked frame", b"\x81\x01a"),
    ],
)
async def test_a_flood_on_the_socket_of_a_call(
    a_house: World, siege: Siege, visit: str, what: str, flood: bytes
) -> None:
    async with line_to(siege.port) as line:
        await open_socket(siege, a_house, "ananya", visit, line)
        flooding = asyncio.create_task(line.say(*(flood[at : at + 65536] for at in range(0, len(flood), 65536))))
        await siege.others()
        await flooding
        async with line_to(siege.port) as again:  # she comes back, as if nothing had been
            await open_socket(siege, a_house, "ananya", visit, again)
        await siege.others()
    assert siege.grown < 40, what


async def test_who_never_reads_keeps_little_waiting(a_house: World, siege: Siege, visit: str) -> None:
    """The doctor sends all that she may, for a patient whose window reads nothing."""
    url = f"ws://127.0.0.1:{siege.port}/live/call?"
    async with line_to(siege.port) as deaf:
        await open_socket(siege, a_house, "ananya", visit, deaf)
        query = urlencode({"token": await token(a_house, "rao", visit), "sid": D})
        async with websockets.connect(url + query, max_size=None) as doctor:
            for _ in range(90):
                await doctor.send(json.dumps({"t": "ice", "to": P, "c": "x" * 60_000}))
            await siege.others()
            await doctor.send('{"t":"ping"}')
            async with asyncio.timeout(10):
                while "pong" not in str(await doctor.recv()):
                    pass
            assert siege.grown < 30


async def test_a_hundred_windows_of_one_person_leave_one(a_house: World, siege: Siege, visit: str) -> None:
    query = urlencode({"token": await token(a_house, "ananya", visit), "sid": P})
    url = f"ws://127.0.0.1:{siege.port}/live/call?{query}"
    async with contextlib.AsyncExitStack() as windows:
        found = []
        for _ in range(100):
            found.append(await windows.enter_async_context(websockets.connect(url)))
            assert "chats" in str(await found[-1].recv())  # now it sits there, and not before
        async with asyncio.timeout(20):
            for window in found[:-1]:
                await window.wait_closed()
        await found[-1].send('{"t":"ping"}')
        while "pong" not in str(await found[-1].recv()):
            pass
        await siege.others()
        assert siege.grown < 30
    strangers = [asyncio.create_task(_refused(f"ws://127.0.0.1:{siege.port}/live/call?token={n}")) for n in range(100)]
    assert all(await asyncio.gather(*strangers))
    await siege.others()
    assert siege.grown < 40


async def _refused(url: str) -> bool:
    with contextlib.suppress(websockets.InvalidStatus):
        async with websockets.connect(url):
            return False
    return True


def test_what_was_only_there_for_a_moment_weighs_too() -> None:
    before = weight(os.getpid())
    forget_the_most(os.getpid())
    bytearray(os.urandom(20 * 1024 * 1024))
    assert 15 < weight(os.getpid(), "VmHWM") - before < 60
