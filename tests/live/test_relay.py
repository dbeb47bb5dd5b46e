"""What one process hears of another, whatever it is told."""

import asyncio
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec
import pytest

from svastha.doors.live import lifespan
from svastha.doors.live.hub import Hub
from svastha.doors.live.lifespan import open_live
from svastha.doors.live.relay import Note, Relay, Told

VISIT = UUID(int=7)
SECRET = "of nobody, for this test alone"
pytestmark = pytest.mark.anyio


class Loop:
    """What is sent is heard by whoever listens. As over the Redis protocol, what the hearer raises ends it."""

    def __init__(self) -> None:
        self.texts: asyncio.Queue[str] = asyncio.Queue()

    async def send(self, texts: Sequence[str]) -> None:
        for text in texts:
            self.texts.put_nowait(text)

    async def listen(self, heard: Callable[[str], None], *, ready: Callable[[], None]) -> None:
        ready()
        while True:
            heard(await self.texts.get())

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    "odd",
    [
        '{"a":' + "[" * 20_000 + "]" * 20_000 + "}",
        "[]",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
    ids=["nested too deep", "no message", "no JSON"],
)
async def test_what_is_not_understood_leaves_nobody_deaf(odd: str) -> None:
    wire, heard, found = Loop(), asyncio.Event(), list[Note]()

    def hear(visit: UUID, note: Note) -> None:
        assert visit == VISIT
        found.append(note)
        heard.set()

    listening = asyncio.create_task(Relay(wire, SECRET).run(hear, ready=lambda: None))
    other: Any = Relay(wire, SECRET)
    other.send(VISIT, Told(msgspec.Raw(odd.encode())))  # type: ignore[arg-type]
    other.send(VISIT, Told({"t": "chat"}))
    await asyncio.wait([listening, asyncio.create_task(heard.wait())], timeout=10, return_when="FIRST_COMPLETED")
    listening.cancel()
    assert found == [Told({"t": "chat"})]


async def test_a_listener_that_ends_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, hears = 0, asyncio.Event()

    async def run(_hub: Hub) -> None:
        nonlocal begun
        begun += 1
        if begun == 1:
            raise LookupError("a mistake of ours")
        if begun == 3:
            hears.set()
            await asyncio.Event().wait()

    async def for_ever() -> None:
        await asyncio.Event().wait()

    async def close() -> None: ...

    monkeypatch.setattr(Hub, "run", run)
    monkeypatch.setattr(lifespan, "PAUSE", 0)
    house = SimpleNamespace(
        calls=Loop(),
        settings=SimpleNamespace(secret=SECRET),
        trust=SimpleNamespace(run=for_ever, close=close),
        bell=SimpleNamespace(wire=Loop()),
    )
    app: Any = SimpleNamespace(state=SimpleNamespace(house=house))
    async with open_live(app):
        await asyncio.wait_for(hears.wait(), 10)
