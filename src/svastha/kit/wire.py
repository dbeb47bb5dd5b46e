"""How the processes of one house hear of each other's commits: PostgreSQL itself, unless wiring.py says otherwise."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import asyncpg
import structlog

from svastha.kit.connections import Connections
from svastha.kit.ids import uuid7

CHANNEL = "svastha"
PIECE = 7_500  # bytes; PostgreSQL takes 8000
LONGEST_WAIT = 30.0  # seconds
log = structlog.get_logger()


class WireLost(Exception):
    """It was cut, or cannot be reached. Nothing is lost but moments: everybody also looks by themselves."""


class Wire(Protocol):
    """What is sent while nobody listens is gone."""

    async def send(self, texts: Sequence[str]) -> None: ...

    async def listen(self, heard: Callable[[str], None], *, ready: Callable[[], None]) -> None:
        """Calls ``ready`` once it listens, then ``heard`` with every text. Ends by raising WireLost."""

    async def close(self) -> None: ...


async def keep_listening(wire: Wire, heard: Callable[[str], None], *, ready: Callable[[], None], cut: str) -> None:
    """Until cancelled. A lost connection is replaced, after a pause that grows while none can be had. ``cut``: what the
    log calls it."""
    wait = 1.0
    while True:
        began = asyncio.Event()

        def begin(began: asyncio.Event = began) -> None:
            began.set()
            ready()

        try:
            await wire.listen(heard, ready=begin)
        except WireLost as lost:
            log.warning(cut, error=type(lost.__cause__ or lost).__name__)
        wait = 1.0 if began.is_set() else min(2 * wait, LONGEST_WAIT)
        await asyncio.sleep(wait)


def in_pieces(text: str) -> list[str]:
    """As it is, or as ``#id number/of piece`` where it is too long for one message."""
    size = PIECE if text.isascii() else PIECE // 4
    if len(text) <= size:
        return [text]
    pieces, name = [text[at : at + size] for at in range(0, len(text), size)], uuid7().hex
    return [f"#{name} {number}/{len(pieces)} {piece}" for number, piece in enumerate(pieces, 1)]


class Whole:
    """Puts together again what came in pieces: those of one text come in order, with nothing in between."""

    def __init__(self, heard: Callable[[str], object]) -> None:
        self._heard = heard
        self._pieces: list[str] = []

    def __call__(self, text: str) -> None:
        if not text.startswith("#"):
            self._heard(text)
            return
        try:
            _, count, piece = text.split(" ", 2)
            number, of = map(int, count.split("/"))
        except ValueError:  # not a piece of ours
            return
        self._pieces = [*self._pieces[: number - 1], piece]
        if len(self._pieces) == number == of:
            whole, self._pieces = "".join(self._pieces), []
            self._heard(whole)


class OverPostgres:
    """NOTIFY in one database, outside the transactions that are told of: a commit that notifies would make every other
    such commit wait for it."""

    def __init__(self, connections: Connections, database: str, channel: str = CHANNEL) -> None:
        self._connections, self._database, self._channel = connections, database, channel

    async def close(self) -> None:
        """The connections are the house's."""

    async def send(self, texts: Sequence[str]) -> None:
        pieces = [piece for text in texts for piece in in_pieces(text)]
        async with self._connections.borrowed(self._database) as connection:
            await connection.execute("SELECT pg_notify($1, text) FROM unnest($2::text[]) text", self._channel, pieces)

    async def listen(self, heard: Callable[[str], None], *, ready: Callable[[], None]) -> None:
        whole = Whole(heard)

        def tell(_connection: Any, _pid: int, _channel: str, text: str) -> None:
            whole(text)

        connection, lost = None, asyncio.Event()
        try:
            connection = await self._connections.connect(self._database)
            connection.add_termination_listener(lambda *_: lost.set())
            await connection.add_listener(self._channel, tell)
            ready()
            await lost.wait()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as trouble:
            raise WireLost from trouble
        finally:
            if connection is not None:
                connection.terminate()
        raise WireLost
