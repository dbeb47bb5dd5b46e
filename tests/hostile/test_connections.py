"""What one connection may do, spoken byte by byte to the server itself, in this process and with short deadlines."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import uvicorn

from svastha.doors.cli import patience
from svastha.main import create_site
from tests.cast import World
from tests.hostile.raw import HOST, line_to, statuses, statuses_in

GET = b"GET /health/live HTTP/1.1\r\n" + HOST
POST = b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
HANDSHAKE = (
    b"GET /live/call HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.fixture(scope="module")
async def port(a_house: World) -> AsyncIterator[int]:
    class Server(uvicorn.Server):
        @contextlib.contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield  # they are for pytest

    assert a_house.app
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            create_site(a_house.app),  # type: ignore[arg-type]
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=1,
            **patience.LIMITS,
        )
        server = Server(config)
        serving = asyncio.create_task(server.serve([door]))
        while not server.started:
            assert not serving.done()
            await asyncio.sleep(0.01)  # polls a task that tells nobody
        yield door.getsockname()[1]
        server.should_exit = True
        await serving


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("SECONDS", 0.3), ("LINGER", 0.2), ("UNREAD", 0.3), ("SLOWEST", 1_000_000)):
        monkeypatch.setattr(patience, name, seconds)


CUT_SHORT = {
    "nothing at all": [],
    "a head that never ends": [b"GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: "],
    "a second head that never ends": [GET + b"\r\n", b"GET / HTTP/1.1\r\nX-B: b"],
    "a body that does not come": [POST + b"Content-Length: 20\r\n\r\n"],
    "a body that stops": [POST + b"Content-Length: 20\r\n\r\n", b'{"a":'],
    "pieces of a body without end": [POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"],
    "a socket whose head never ends": [HANDSHAKE],
    "a socket with a body": [HANDSHAKE + b"Content-Length: 5\r\n\r\nhello"],
    "a rest that nobody wants": [b"POST /nothing HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n1"],
}


@pytest.mark.parametrize("how", CUT_SHORT)
@pytest.mark.usefixtures("hurried")
async def test_who_does_not_finish_is_cut_off(port: int, how: str) -> None:
    async with line_to(port) as line:
        await line.say(*CUT_SHORT[how])
        answers = statuses_in(await line.rest())  # ends, or this fails
    assert not [status for status in answers if status >= 500]


@pytest.mark.usefixtures("hurried")
async def test_who_sends_drop_by_drop_is_cut_off(port: int) -> None:
    """Each drop would be in time; all of them are not."""
    async with line_to(port) as line:
        await line.say(POST + b"Content-Length: 100000\r\n\r\n")
        for _ in range(400):
            if not await line.say(b" "):
                break
            await asyncio.sleep(0.01)  # how an attacker waits
        else:
            raise AssertionError("may go on for ever")


@pytest.mark.usefixtures("hurried")
async def test_who_is_slow_but_steady_is_served(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SLOWEST", 10)
    async with line_to(port) as line:
        await line.say(POST + b"Content-Length: 40\r\n\r\n")
        for _ in range(40):
            await line.say(b"x")
            await asyncio.sleep(0.015)
        assert (await line.answer()).status == 400


@pytest.mark.usefixtures("hurried")
async def test_who_does_not_read_the_answer_is_cut_off(port: int) -> None:
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", port))
    try:
        asked = b"GET /api/openapi.json HTTP/1.1\r\n" + HOST + b"\r\n"
        with contextlib.suppress(ConnectionError):
            for _ in range(8):
                await loop.sock_sendall(raw, asked)
            for _ in range(400):
                await loop.sock_sendall(raw, b"x")  # of what would be the next; fails once we are cut off
                await asyncio.sleep(0.01)
            raise AssertionError("may keep it for ever")
    finally:
        raw.close()


LONG = b"x" * 9_000
REFUSED = {
    "an address that is too long": b"GET /" + LONG + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a header that is too long": GET + b"X-A: " + LONG + b"\r\n\r\n",
    "a name that is too long": GET + LONG + b": a\r\n\r\n",
    "too many headers": GET + b"X-A: a\r\n" * 200 + b"\r\n",
    "headers without end": GET + b"X-A: a\r\n" * 20_000,
    "a header without end": GET + b"X-A: " + b"a" * 400_000,
    "no host": b"GET /health/live HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: nadi.svastha.localhost\r\n\r\n",
    "an address that is not text": b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    "a socket at an address that is not text": HANDSHAKE.replace(b"/live/call", b"/\xff") + b"\r\n",
    "a socket with too many headers": HANDSHAKE + b"X-A: a\r\n" * 150 + b"\r\n",
    "NUL in a header": GET + b"X-A: \0\r\n\r\n",
    "folded lines": GET + b"X-A: a\r\n b\r\n\r\n",
    "a bare line feed": b"GET /health/live HTTP/1.1\nHost: x\n\n",
    "a space before the colon": GET + b"X-A : a\r\n\r\n",
    "no version": b"GET /health/live\r\n\r\n",
    "a later version": b"GET /health/live HTTP/3.7\r\n" + HOST + b"\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("how", REFUSED)
async def test_what_is_no_request_is_refused_once_and_the_line_closed(port: int, how: str) -> None:
    assert await statuses(port, REFUSED[how], GET + b"\r\n") in ([400], [])


SECOND = b"GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED = {
    "both lengths": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "both, the other way": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + SECOND,
    "two lengths": b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + SECOND,
    "two lengths in one": b"Content-Length: 0, 44\r\n\r\n" + SECOND,
    "a signed length": b"Content-Length: +0\r\n\r\n" + SECOND,
    "a negative length": b"Content-Length: -1\r\n\r\n" + SECOND,
    "a length in base 16": b"Content-Length: 0x0\r\n\r\n" + SECOND,
    "a length beyond numbers": b"Content-Length: 99999999999999999999999\r\n\r\n" + SECOND,
    "chunked is not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SECOND,
    "chunked that is none": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND,
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SECOND,
    "a size that is none": b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + SECOND,
    "a negative size": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + SECOND,
    "a size beyond numbers": b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n" + SECOND,
    "a hidden carriage return": b"Content-Length: 0\r\n\rX: y\r\n\r\n" + SECOND,
}


@pytest.mark.parametrize("how", SMUGGLED)
async def test_no_second_request_is_hidden_in_a_first(port: int, how: str) -> None:
    """Where two programs could read the end of a request differently, nothing after it is answered."""
    async with line_to(port) as line:
        await line.say(POST + SMUGGLED[how])
        found = await line.rest()
    assert len(statuses_in(found)) == 1, found
    assert 400 <= statuses_in(found)[0] < 500
    assert b'"database"' not in found


async def test_only_a_few_requests_are_taken_ahead(port: int) -> None:
    async with line_to(port) as line:
        await line.say((GET + b"\r\n") * 5)
        assert [(await line.answer()).status for _ in range(5)] == [200] * 5
    assert len(await statuses(port, (GET + b"\r\n") * 2_000)) < 20


CLASSES = {  # how large a body may be, and somebody who may send one: her name, the address, the kind
    "anybody": (64 * 1024, "", b"/api/v1/auth/login", b"application/json"),
    "anybody, with a form": (64 * 1024, "", b"/sign-in", b"application/x-www-form-urlencoded"),
    "anybody, with a prescription": (6 * 1024**2, "", b"/verify/asha-7K3M", b"multipart/form-data; boundary=cut"),
    "signed in": (2 * 1024**2, "ananya", b"/api/v1/me/feeds", b"application/json"),
    "with a document": (6 * 1024**2, "kavya", b"/api/v1/me/doctor/documents", b"multipart/form-data; boundary=cut"),
    "WhatsApp": (3 * 1024**2, "", b"/hooks/whatsapp", b"application/json"),
}


@pytest.mark.parametrize("who", CLASSES)
async def test_a_body_may_be_as_large_as_it_is_allowed_and_no_larger(a_house: World, port: int, who: str) -> None:
    largest, name, path, kind = CLASSES[who]
    head = b"POST " + path + b" HTTP/1.1\r\n" + HOST + b"Origin: http://svastha.localhost\r\nContent-Type: " + kind
    if name:
        head += b"\r\nAuthorization: Bearer " + (await a_house.token(name, "api")).encode()
    pieces = [b"10000\r\n" + b"x" * 65536 + b"\r\n"] * (largest // 65536)
    for sent, allowed in (
        ([b"Content-Length: %d\r\n\r\n" % largest, b"x" * largest], True),
        ([b"Content-Length: %d\r\n\r\n" % (largest + 1)], False),
        ([b"Transfer-Encoding: chunked\r\n\r\n", *pieces, b"0\r\n\r\n"], True),
        ([b"Transfer-Encoding: chunked\r\n\r\n", *pieces, b"1\r\nx\r\n"], False),
    ):
        async with line_to(port) as line:
            await line.say(head + b"\r\n", *sent)
            status = (await line.answer()).status
        assert status < 500
        assert (status != 413) is allowed, (who, allowed, status)
