import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from svastha.domain import directory
from svastha.domain.directory import FreeDay, Mode, Offer
from svastha.kit.connections import Connections
from svastha.kit.db import ControlTx, transaction
from tests.directory.conftest import Town

MODES: tuple[Mode, ...] = ("video", "in_person", "home_visit")
OFFS = """
    SELECT jsonb_build_object('words', (
        SELECT count(*) FROM search_words w FULL JOIN (
            SELECT unnest(tags) AS tag, count(*) AS doctors FROM directory_entries GROUP BY 1) t
            ON t.tag = w.kind || ':' || w.word
        WHERE w.kind IS DISTINCT FROM 'term' AND coalesce(w.doctors, 0) <> coalesce(t.doctors, 0)
    ), 'times', (
        SELECT count(*) FROM listing_offers o WHERE next_free_at <> coalesce((
            SELECT min(first_at) FROM listing_days d WHERE d.doctor_id = o.doctor_id AND d.clinic_id = o.clinic_id
                AND d.mode = o.mode), 'infinity')
    ), 'live', (
        SELECT count(*) FROM listing_offers o
        WHERE live <> EXISTS (SELECT FROM directory_entries e WHERE e.doctor_id = o.doctor_id)
    ))
"""


async def test_whoever_publishes_at_the_same_time_nothing_is_left_askew(town: Town, dsn: str, prefix: str) -> None:
    doctors = [await town.doctor(f"Doctor {n}", at="surya") for n in range(4)]
    clinics = [town.clinics["surya"], await town.clinic("soma")]
    connections = Connections(dsn, most=6, each=6)

    async def something(tx: ControlTx, chance: random.Random) -> Any:
        doctor, clinic = chance.choice(doctors), chance.choice(clinics)
        match chance.randrange(5):
            case 0:
                offers = [
                    Offer(mode, 20, chance.randint(1, 3) * 10000) for mode in chance.sample(MODES, chance.randint(0, 3))
                ]
                await directory.publish_listing(tx, doctor_id=doctor, clinic_id=clinic, offers=offers)
            case 1:
                await tx.run(
                    "UPDATE doctors SET name = :name, verified_at = CASE WHEN :verified THEN now() END,"
                    " state = CASE WHEN :verified THEN 'verified' ELSE 'submitted' END WHERE id = :id",
                    id=doctor,
                    name=chance.choice(["Meera Rao", "Anil Joshi"]),
                    verified=chance.random() < 0.8,
                )
                await directory.refresh(tx, doctor)
            case 2:
                await directory.refresh_clinic(tx, clinic)
            case _:
                at = datetime.now(UTC) + timedelta(hours=1)
                free = [at + timedelta(days=n) for n in range(chance.randint(0, 3))]
                await directory.publish_times(
                    tx,
                    doctor_id=doctor,
                    clinic_id=clinic,
                    as_of=datetime.now(UTC) - timedelta(seconds=chance.random()),
                    days=[FreeDay("video", time.date(), time, 2) for time in free],
                )

    async def somebody(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(40):
            async with connections.borrowed(f"{prefix}_control") as connection, transaction(connection):
                await something(ControlTx(connection, town.tx.keys), chance)

    await asyncio.gather(*(somebody(seed) for seed in range(6)))
    await connections.close()
    assert await town.tx.value(OFFS) == {"words": 0, "times": 0, "live": 0}
