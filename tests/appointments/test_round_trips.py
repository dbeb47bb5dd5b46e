"""How often a booking goes to the database and back: most of what it costs."""

import asyncio
from typing import Any

import pytest

from tests.cast import RAO, World

MOST = {"appointments": 4, "holds": 3}  # between BEGIN and COMMIT; a hold has no Idempotency-Key


@pytest.mark.parametrize("what", MOST)
async def test_a_time_is_taken_in_few_round_trips_to_the_clinic_and_one_to_the_house(world: World, what: str) -> None:
    said: list[tuple[str, str]] = []
    connect = world.house.connections.connect

    async def overheard(database: str, **more: Any) -> Any:
        connection = await connect(database, **more)
        connection.add_query_logger(lambda told: said.append((database.rpartition("_")[2], told.query)))
        return connection

    world.house.connections.connect = overheard  # type: ignore[method-assign]
    ananya, free = await world.api("ananya"), await world.free()
    for number in (0, 1):  # the first is also her registration here
        await asyncio.sleep(0)
        said.clear()
        wish = {"doctor_id": str(RAO), "starts_at": free[3 * number].isoformat(), "mode": "video"}
        answer = await ananya.post(f"/clinics/asha/{what}", json=wish, headers={"idempotency-key": f"no {number}"})
        assert answer.status_code == 201, answer.text
        if what == "holds":  # a second one would let the first go, at the price of two statements
            await ananya.delete(f"/clinics/asha/holds/{answer.json()['id']}")
        await asyncio.sleep(0)  # what was overheard is told by the loop
    clinic = [query for database, query in said if database == "asha"]
    begins, commits = (next(n for n, query in enumerate(clinic) if query.startswith(w)) for w in ("BEGIN", "COMMIT"))
    assert 0 < commits - begins - 1 <= MOST[what], clinic
    asked = [query for database, query in said if database == "control" and "account_clinics" in query]
    assert len(asked) == 1 and "may_practise" in asked[0], asked
