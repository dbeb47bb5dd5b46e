"""How often a booking goes to the database and back: most of what it costs."""

import asyncio
from typing import Any

from tests.cast import RAO, World

MOST = 4  # between BEGIN and COMMIT


async def test_a_booking_says_four_things_to_its_clinic_and_one_to_the_house(world: World) -> None:
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
        wish = {
            "doctor_id": str(RAO),
            "starts_at": free[3 * number].isoformat(),
            "mode": "video",
            "reason": "Sleeps badly.",
        }
        answer = await ananya.post("/clinics/asha/appointments", json=wish, headers={"idempotency-key": f"no {number}"})
        assert answer.status_code == 201, answer.text
        await asyncio.sleep(0)  # what was overheard is told by the loop
    clinic = [query for database, query in said if database == "asha"]
    begins, commits = (next(n for n, query in enumerate(clinic) if query.startswith(w)) for w in ("BEGIN", "COMMIT"))
    assert 0 < commits - begins - 1 <= MOST, clinic
    asked = [query for database, query in said if database == "control" and "account_clinics" in query]
    assert len(asked) == 1 and "may_practise" in asked[0], asked
