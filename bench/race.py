"""Two hundred people want one time of one doctor at the same moment, after each of them has booked another.

All requests of a round are sent at once, each over a connection of its own that is open already, by a client in another
process than the server. A plain booking is one of two hundred that want as many different times of a hundred doctors; a
refusal carries the next three free times. Exactly one must win each race, all others be answered 409 `slot_taken`, and
one visit must stand there afterwards.
"""

import asyncio
import json
import statistics
from collections.abc import Iterable
from time import perf_counter

from bench.booking_clinic import PATH, PLACE, Wish, doctor, filled, first_day
from bench.figures import Figure
from bench.stand import Stand, stand
from tests.server import Process, running

PEOPLE = 200


class Person:
    """One connection, kept open. Nothing but what this needs of HTTP: the client shall cost less than the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str) -> None:
        self._reader, self._writer, self._token = reader, writer, token

    async def book(self, wish: Wish, key: str) -> tuple[int, str, float]:
        """Status, code of the refusal, seconds."""
        body = json.dumps(
            {"doctor_id": str(doctor(wish.doctor)), "starts_at": wish.starts_at.isoformat(), "mode": "video"}
        )
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self._token}\r\n"
            f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        began = perf_counter()
        self._writer.write(head.encode() + body.encode())
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = next(int(line[15:]) for line in answer.split(b"\r\n") if line.startswith(b"content-length:"))
        told = await self._reader.readexactly(length)
        spent = perf_counter() - began
        status = int(answer.split(b" ", 2)[1])
        return status, "" if status == 201 else json.loads(told)["code"], spent

    def close(self) -> None:
        self._writer.close()


async def raced(at: Stand, server: Process, tokens: list[str], rounds: int) -> tuple[list[float], list[float]]:
    """95th percentiles of each round in milliseconds: of plain bookings, of refusals."""
    people = [Person(*await asyncio.open_connection("127.0.0.1", server.port), token) for token in tokens[:PEOPLE]]
    morning, plain, refused = first_day(), [], []
    for turn in range(rounds + 1):
        wishes = [Wish(2 * PEOPLE * turn + n, morning) for n in range(PEOPLE)]
        booked = await asyncio.gather(*(p.book(w, f"plain {turn}") for p, w in zip(people, wishes, strict=True)))
        wanted = Wish(2 * PEOPLE * turn + PEOPLE, morning)
        answers = await asyncio.gather(*(p.book(wanted, f"race {turn}") for p in people))
        told = sorted((status, code) for status, code, _ in answers)
        if {status for status, _, _ in booked} != {201} or told != [(201, "")] + [(409, "slot_taken")] * (PEOPLE - 1):
            raise RuntimeError(f"{sorted(booked)[-1]}, {sorted(set(told))}")
        async with at.connection(PLACE) as connection:
            winners = await connection.fetchval(
                "SELECT count(*) FROM appointments WHERE doctor_id = $1 AND starts_at = $2 AND status = 'confirmed'",
                doctor(wanted.doctor),
                wanted.starts_at,
            )
        if winners != 1:
            raise RuntimeError(f"{winners} visits at one time")
        if turn:  # the first of all warms up
            plain.append(_p95(spent for _, _, spent in booked))
            refused.append(_p95(spent for status, _, spent in answers if status == 409))
    for person in people:
        person.close()
    return plain, refused


def _p95(seconds: Iterable[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * 1e3


async def measure(short: bool) -> list[Figure]:
    async with stand() as at:
        tokens = await filled(at)
        server = at.server(SVASTHA_LOG_LEVEL="info", SVASTHA_BASE_URL=at.settings.url)
        with running(server):
            plain, refused = await raced(at, server, tokens, 2 if short else 5)
    return [
        Figure("winners of each race", [1.0] * len(plain), "", "=", 1, compared=True),
        Figure(
            "95th percentile of refusals, in those of plain bookings",
            [late / usual for late, usual in zip(refused, plain, strict=True)],
            "",
            "at most",
            3,
            compared=True,
        ),
        Figure("95th percentile of two hundred plain bookings at once", plain, "ms"),
        Figure("95th percentile of refusals", refused, "ms"),
    ]
