"""How a process does between requests, measured every second, by server and worker alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from prometheus_client import Counter, Gauge, Histogram

from svastha.doors.visit import House
from svastha.kit.connections import Connections

EVERY = 1.0  # seconds
REACHED_EVERY = 15  # beats
LAG = Histogram(
    "svastha_event_loop_lag_seconds",
    "How late a process comes to what is due: each second, once.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
CONNECTIONS = Gauge(
    "svastha_database_connections",
    "PostgreSQL connections of a process: in use, idle, and how many more are waited for.",
    ("state",),
    multiprocess_mode="livesum",
)
LIMIT = Gauge("svastha_database_connections_limit", "Most there may be.", multiprocess_mode="livesum")
REFUSED = Counter("svastha_database_connections_refused_total", "Times somebody waited for one in vain.")
REACHED = Gauge(
    "svastha_database_up", "1 if a new connection to PostgreSQL could be made just now.", multiprocess_mode="livemin"
)


@asynccontextmanager
async def beating(house: House) -> AsyncIterator[None]:
    beat = asyncio.create_task(_beat(house))
    try:
        yield
    finally:
        beat.cancel()
        await asyncio.gather(beat, return_exceptions=True)


async def _beat(house: House) -> None:
    clock, refused = asyncio.get_running_loop().time, 0
    for number in count():
        due = clock() + EVERY
        await asyncio.sleep(EVERY)
        LAG.observe(max(0.0, clock() - due))
        found = house.connections
        LIMIT.set(found.most)
        CONNECTIONS.labels("in_use").set(found.held - found.idle)
        CONNECTIONS.labels("idle").set(found.idle)
        CONNECTIONS.labels("waiting").set(found.waiting)
        REFUSED.inc(found.refused - refused)
        refused = found.refused
        if number % REACHED_EVERY == 0:
            REACHED.set(await _reached(found, house.routing.control))


async def _reached(connections: Connections, database: str) -> bool:
    """By a connection of its own: those in the cache may all be busy while PostgreSQL is well."""
    try:
        connection = await connections.connect(database)
    except Exception:  # whatever it is, nobody else can connect either
        return False
    await connection.close()
    return True
