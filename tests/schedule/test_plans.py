"""What the page of free times and a booking read does not grow with what a clinic has behind it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from svastha.domain import appointments, patients, schedule
from svastha.domain.accounts import Actor
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7
from svastha.kit.outbox import enqueue
from tests.cast import IDS, World
from tests.schedule.busy_clinic import DOCTORS, doctor, open_clinic, years_pass

MANY = 60_000
GROWS = {"appointments", "reservations", "appointment_steps", "patients"}
ANANYA = Actor(IDS["ananya"], uuid7(), "ananya@cast.test", "Ananya Deshpande", "en", "Asia/Kolkata")
Statements = list[tuple[str, tuple[Any, ...]]]


async def test_free_times_and_booking_cost_the_same_whatever_was_before(world: World) -> None:
    ref, vault = await world.house.routing.find("asha")
    connection = await world.house.connections.connect(ref.database, hurried=False, owner=True)
    await open_clinic(connection)
    few = await measured(world, connection, ClinicTx(connection, ref, vault))
    await years_pass(connection, 0, MANY - 1)
    many = await measured(world, connection, ClinicTx(connection, ref, vault))
    for what, (rows, pages) in few.items():
        assert rows, what
        assert many[what][0] <= rows * 1.2, (what, "rows", rows, many[what][0])
        assert many[what][1] <= pages * 1.2, (what, "pages", pages, many[what][1])
    await connection.close()


async def test_a_plan_made_while_a_clinic_is_new_is_good_for_years(world: World) -> None:
    """A connection keeps the plans it has made for any values; what reads a small table from end to end would go on."""
    ref, vault = await world.house.routing.find("asha")
    connection = await world.house.connections.connect(ref.database, hurried=False, owner=True)
    await open_clinic(connection)
    new = await world.house.connections.connect((await world.house.routing.find("nadi"))[0].database, owner=True)
    await new.execute("VACUUM ANALYZE")
    for verb in (look, look_at_all, hold_and_book):
        statements = await said_by(world, connection, ClinicTx(connection, ref, vault), verb)
        assert not scanned(await generic(new, statements)), verb.__name__
    await new.close()
    await connection.close()


async def measured(world: World, connection: Any, tx: ClinicTx) -> dict[str, tuple[int, int]]:
    """Of each thing people do: rows touched in tables that grow, and pages read or found in memory."""
    found = {}
    for what, verb in (("free times", look), ("all doctors", look_at_all), ("hold and book", hold_and_book)):
        await said_by(world, connection, tx, verb)  # and learns about types
        statements = await said_by(world, connection, tx, verb)
        plans = await explained(connection, statements)
        found[what] = (sum(rows_of(node) for node in nodes(plans)), sum(pages_of(plan) for plan in plans))
        if await connection.fetchval("SELECT count(*) FROM appointments") > MANY:
            assert not scanned([*plans, *await generic(connection, statements)]), what
    return found


def scanned(plans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [n for n in nodes(plans) if n["Node Type"] == "Seq Scan" and n["Relation Name"] in GROWS]


async def look(tx: ClinicTx) -> None:
    await schedule.practitioner(tx, doctor(3))
    patient = await patients.of(tx, ANANYA)
    start = now()
    await schedule.free_times(tx, [doctor(3)], from_at=start, to_at=start + timedelta(days=14), patient=patient)


async def look_at_all(tx: ClinicTx) -> None:
    start, everybody = now(), [doctor(n) for n in range(DOCTORS)]
    assert await schedule.free_times(tx, everybody, from_at=start, to_at=start + timedelta(days=14))


async def hold_and_book(tx: ClinicTx) -> None:
    start = now() + timedelta(days=2)
    free = await schedule.free_times(tx, [doctor(5)], from_at=start, to_at=start + timedelta(days=1))
    when: Any = {"doctor_id": doctor(5), "starts_at": free[2].starts_at, "mode": "in_person"}
    held = await appointments.hold(tx, ANANYA, minutes=10, **when)
    await appointments.book(tx, ANANYA, hold_id=held.id, **when)
    when["starts_at"] = free[5].starts_at
    await appointments.book(tx, ANANYA, **when)


async def said_by(world: World, connection: Any, tx: ClinicTx, verb: Any) -> Statements:
    """What a verb, and its door, say to the database. Nothing of it remains."""
    said: Statements = []
    undo = connection.transaction()
    await undo.start()
    with connection.query_logger(lambda record: said.append((record.query, record.args))):
        await verb(tx)
        enqueue(tx, world.house.subscriptions)
        await tx.flush()
    await undo.rollback()
    return [(query, args) for query, args in said if query.split()[0] in ("SELECT", "INSERT", "UPDATE", "WITH")]


async def explained(connection: Any, statements: Statements) -> list[dict[str, Any]]:
    """The plans of the same statements with the same values, really carried out, and taken back."""
    plans = []
    undo = connection.transaction()
    await undo.start()
    # The plans for any values have none; those for these values have one only where a table is a few pages long.
    await connection.execute("SET LOCAL enable_bitmapscan = off")
    for query, args in statements:
        told = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {query}", *args)
        plans.append(json.loads(told)[0]["Plan"])
    await undo.rollback()
    return plans


async def generic(connection: Any, statements: Statements) -> list[dict[str, Any]]:
    """The plans PostgreSQL makes for any values, as it does for what is asked often."""
    await connection.execute("""
        CREATE OR REPLACE FUNCTION pg_temp.generic(query text) RETURNS json LANGUAGE plpgsql AS $$
        DECLARE found json;
        BEGIN EXECUTE 'EXPLAIN (GENERIC_PLAN, FORMAT JSON) ' || query INTO found; RETURN found; END $$
    """)
    told = [await connection.fetchval("SELECT pg_temp.generic($1)", query) for query, _ in statements]
    return [json.loads(one)[0]["Plan"] for one in told]


def nodes(plans: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for plan in plans:
        yield plan
        yield from nodes(plan.get("Plans", []))


def rows_of(node: dict[str, Any]) -> int:
    if node.get("Relation Name") not in GROWS:
        return 0
    removed = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    return round((node["Actual Rows"] + removed) * node["Actual Loops"])


def pages_of(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
