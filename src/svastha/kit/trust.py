"""Who is who, remembered: a token is looked up once, not with every request, and forgotten everywhere at once.

Each process that remembers holds a lease, a row it renews through the very connection on which it hears what to forget.
A change of rights tells all processes as it commits, whatever becomes of its own, and its answer goes out only after
each of them has said that it forgot, or its lease has run out. So the next request is asked anew in every process, also
if one of them hangs: without its lease it asks the database, as everybody did before.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

import asyncpg
import msgspec
import structlog

from svastha.kit import clock
from svastha.kit.connections import Connections
from svastha.kit.crypto import digest
from svastha.kit.ids import uuid7

FORGET, FORGOT = "svastha_forget", "svastha_forgot"
LEASE, TRUSTED, RENEWED = 6.0, 5.0, 2.0  # seconds: for others, for ourselves, and how often
AT_MOST = 60.0  # seconds somebody is remembered: rights also begin and end by the clock
MOST = 10_000  # people
AT_ONCE = 150  # ids in one message: PostgreSQL takes 8000 bytes
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while the machine sleeps

log = structlog.get_logger()


def monotonic() -> float:
    return time.clock_gettime(_CLOCK)


class Known(Protocol):
    """Whom a token stands for, and when the clock alone changes something about it."""

    @property
    def account_id(self) -> UUID: ...

    @property
    def changes_at(self) -> datetime | None: ...


A = TypeVar("A", bound=Known)


class _Kept(Generic[A]):
    __slots__ = ("actor", "until")

    def __init__(self, actor: A, until: float) -> None:
        self.actor, self.until = actor, until


class Trust(Generic[A]):
    def __init__(self, connections: Connections, control: str) -> None:
        self._connections, self._control, self._id = connections, control, uuid7()
        self._known: OrderedDict[bytes, _Kept[A]] = OrderedDict()
        self._trusted_until = float("-inf")
        self._forgotten = 0  # how often; what was read before the last time is not to be remembered
        self._connection: Any = None
        self._waiting: dict[str, tuple[set[str], asyncio.Event]] = {}
        self._saying: set[asyncio.Task[None]] = set()

    async def ask(self, kind: str, token: str, look_up: Callable[[], Awaitable[A | None]]) -> A | None:
        """Whom this token stands for: as remembered, or else as ``look_up`` finds."""
        if known := self.recall(kind, token):
            return known
        with self.learning() as learned:
            found = await look_up()
            if found:
                learned(kind, token, found)
        return found

    def times_forgotten(self) -> int | None:
        """A number that changes whenever anybody's rights do; None while this process might not hear of it."""
        return self._forgotten if monotonic() < self._trusted_until else None

    def recall(self, kind: str, token: str) -> A | None:
        known, now = self._known.get(digest(f"{kind}:{token}")), monotonic()
        return known.actor if known and now < known.until and now < self._trusted_until else None

    @contextmanager
    def learning(self) -> Iterator[Callable[[str, str, A], None]]:
        """Around a look-up. What it found is remembered unless something was forgotten meanwhile."""
        began = self._forgotten if monotonic() < self._trusted_until else -1

        def learned(kind: str, token: str, actor: A) -> None:
            if began != self._forgotten:
                return
            lasts = AT_MOST
            if actor.changes_at:
                lasts = min(lasts, (actor.changes_at - clock.now()).total_seconds())
            self._known[digest(f"{kind}:{token}")] = _Kept(actor, monotonic() + lasts)
            if len(self._known) > MOST:
                self._known.popitem(last=False)

        yield learned

    async def tell(self, connection: Any, people: set[UUID]) -> None:
        """Within the transaction: everybody hears of it if and only if it commits, even if this process ends then."""
        names = sorted(map(str, people))
        for at in range(0, len(names), AT_ONCE):
            text = msgspec.json.encode(["", names[at : at + AT_ONCE]]).decode()
            await connection.execute("SELECT pg_notify($1, $2)", FORGET, text)

    async def forget(self, connection: Any, people: set[UUID]) -> None:
        """After the commit, on its connection. Returns when nobody remembers these people any more."""
        self._drop(people)
        ticket, heard = str(uuid7()), asyncio.Event()
        self._waiting[ticket] = (set(), heard)
        try:
            # Who answers this has heard before what was told with the commit: messages keep their order.
            text = msgspec.json.encode([ticket, []]).decode()
            # Asked first, then counted: who gets a lease later than this reads the new rights.
            rows = await connection.fetch(
                "WITH told AS MATERIALIZED (SELECT pg_notify($1, $2))"
                " SELECT id::text, extract(epoch FROM leased_until - now())::float8"
                " FROM told LEFT JOIN processes ON leased_until > now() AND id <> $3 WHERE id IS NOT NULL",
                FORGET,
                text,
                self._id,
            )
            if self._connection is None and rows:  # no ears of our own, as on the command line: the leases run out
                await asyncio.sleep(max(left for _, left in rows))
                return
            async with asyncio.timeout(max([left for _, left in rows], default=0) + 0.1):
                while {id for id, _ in rows} - self._waiting[ticket][0]:
                    await heard.wait()
                    heard.clear()
        except TimeoutError:
            log.warning("somebody_did_not_forget", processes=len(rows))
        finally:
            del self._waiting[ticket]

    def _drop(self, people: set[UUID] | None = None) -> None:
        """Without ``people``: everybody. What is being looked up at this moment is not remembered either."""
        self._forgotten += 1
        for key in [key for key, known in self._known.items() if people is None or known.actor.account_id in people]:
            del self._known[key]

    async def run(self) -> None:
        """Hold the lease and listen, until cancelled. A lost connection is replaced."""
        while True:
            try:
                await self._listen()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as trouble:
                log.warning("trust_cannot_listen", error=type(trouble).__name__)
            finally:
                self._trusted_until, connection, self._connection = float("-inf"), self._connection, None
                self._drop()
                if connection is not None:
                    connection.terminate()
            await asyncio.sleep(RENEWED)

    async def _listen(self) -> None:
        self._connection = await self._connections.connect(self._control)
        await self._connection.add_listener(FORGET, self._told)
        await self._connection.add_listener(FORGOT, self._answered)
        await self._connection.execute("DELETE FROM processes WHERE leased_until < now() - interval '1 hour'")
        while True:
            began = monotonic()
            async with asyncio.timeout(TRUSTED):
                await self._connection.execute(
                    "INSERT INTO processes (id, leased_until) VALUES ($1, now() + make_interval(secs => $2))"
                    " ON CONFLICT (id) DO UPDATE SET leased_until = excluded.leased_until",
                    self._id,
                    LEASE,
                )
            if monotonic() > self._trusted_until:  # the lease had run out, and nobody waited for us meanwhile
                self._drop()
            self._trusted_until = began + TRUSTED
            await asyncio.sleep(RENEWED)

    def _told(self, connection: Any, _pid: int, _channel: str, text: str) -> None:
        try:
            ticket, people = msgspec.json.decode(text, type=tuple[str, list[UUID]])
        except (msgspec.MsgspecError, RecursionError):  # of another version: whoever it may have been about
            log.warning("trust_not_understood")
            self._drop()
            return
        if people:
            self._drop(set(people))
        if not ticket:
            return
        saying = asyncio.create_task(self._say(connection, ticket))
        self._saying.add(saying)
        saying.add_done_callback(self._saying.discard)

    async def _say(self, connection: Any, ticket: str) -> None:
        try:
            async with self._connections.borrowed(self._control) as borrowed:
                await borrowed.execute("SELECT pg_notify($1, $2)", FORGOT, f"{ticket} {self._id}")
        except Exception as trouble:  # the lease runs out instead
            log.warning("cannot_say_forgotten", error=type(trouble).__name__)

    def _answered(self, _connection: Any, _pid: int, _channel: str, text: str) -> None:
        ticket, _, process = text.partition(" ")
        if ticket in self._waiting:
            said, heard = self._waiting[ticket]
            said.add(process)
            heard.set()

    async def close(self) -> None:
        """Give the lease back, so that nobody waits for a process that is gone."""
        try:
            async with self._connections.borrowed(self._control) as connection:
                await connection.execute("DELETE FROM processes WHERE id = $1", self._id)
        except Exception as trouble:
            log.warning("lease_not_given_back", error=type(trouble).__name__)
