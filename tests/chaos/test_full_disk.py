"""What PostgreSQL says when its disk is full, without filling one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from svastha.kit import db
from svastha.kit.connections import Connections
from tests.cast import RAO, World

CASES = [
    (asyncpg.DiskFullError("could not extend file"), "no_room", "60"),
    (asyncpg.PostgresIOError("could not fsync file"), "no_room", "60"),
    (asyncpg.OutOfMemoryError("out of memory"), "busy", "1"),
    (asyncpg.CannotConnectNowError("the database system is starting up"), "busy", "2"),
    (asyncpg.InvalidCachedStatementError("cached plan must not change result type"), "busy", "1"),
]


@pytest.mark.parametrize(("trouble", "code", "seconds"), CASES, ids=lambda each: type(each).__name__)
async def test_trouble_of_the_database_is_said_with_when_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch, trouble: Exception, code: str, seconds: str
) -> None:
    at = (await world.free())[0].isoformat()
    client = await world.api("ananya")
    wish = {"doctor_id": str(RAO), "starts_at": at, "mode": "video"}
    assert (await client.get("/me")).status_code == 200
    whole = db.Tx.flush

    @asynccontextmanager
    async def broken() -> AsyncIterator[None]:
        async def flush(tx: db.Tx) -> None:
            raise trouble

        monkeypatch.setattr(db.Tx, "flush", flush)
        yield
        monkeypatch.setattr(db.Tx, "flush", whole)

    async with broken():
        refused = await client.post("/clinics/asha/appointments", json=wish, headers={"idempotency-key": "mine"})
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (503, code, seconds)
    assert refused.headers["content-type"].startswith("application/problem+json")
    taken = await client.post("/clinics/asha/appointments", json=wish, headers={"idempotency-key": "mine"})
    assert taken.status_code == 201 and "idempotency-replayed" not in taken.headers


@pytest.mark.parametrize("trouble", [case[0] for case in CASES[:4]], ids=lambda each: type(each).__name__)
async def test_a_connection_that_cannot_be_opened_is_a_reason_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    async def connect(*_: object, **__: object) -> None:
        raise trouble

    client = await world.api("ananya")
    await world.house.connections.close()
    monkeypatch.setattr(Connections, "connect", connect)
    refused = await client.get("/me")
    assert (refused.status_code, refused.json()["code"]) == (503, "busy") and "retry-after" in refused.headers
