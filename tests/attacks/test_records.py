"""Sealed, found by an index, and written down: attacks 27 and 28 behind the doors."""

import asyncio
from uuid import UUID

import pytest

from svastha.domain import accounts, audit
from svastha.domain.accounts import Address
from svastha.doors import visit
from svastha.doors.cli import keys as command
from svastha.doors.jobs.seal_audit import SealedNow, seal_audit
from svastha.kit.crypto import Unreadable
from tests.audit.test_chain import verified
from tests.cast import IDS, PASSWORD, World, email
from tests.keys.test_index_rotation import step

REASONS = ("burning after the evening meal", "sleeps badly since the rains")


async def test_attack_27_sealed_text_opens_in_its_own_place_alone(world: World) -> None:
    """Ciphertext that is sent as it is, or that opens wherever somebody has put it."""
    first = await world.booked(at=(await world.free())[0], reason=REASONS[0])
    second = await world.booked(at=(await world.free())[5], reason=REASONS[1])
    ananya = await world.api("ananya")
    for booked, reason in ((first, REASONS[0]), (second, REASONS[1])):
        read = await ananya.get(f"/clinics/asha/appointments/{booked['id']}")
        assert read.json()["reason"] == reason, "sealed, and read in plain words"
    rows = {str(row["id"]): row["reason"] for row in await world.sql("asha", "SELECT id, reason FROM appointments")}
    assert not any(words.encode() in sealed for words in REASONS for sealed in rows.values())
    place = "appointments", "reason", UUID(first["id"])
    _, asha = await world.house.routing.find("asha")
    _, nadi = await world.house.routing.find("nadi")
    assert asha.open(*place, rows[first["id"]]).decode() == REASONS[0]
    for vault, table, column, row in (
        (nadi, *place),
        (asha, "notes", "reason", place[2]),
        (asha, "appointments", "remark", place[2]),
        (asha, "appointments", "reason", UUID(second["id"])),
    ):
        with pytest.raises(Unreadable):
            vault.open(table, column, row, rows[first["id"]])
    await world.sql("asha", "UPDATE appointments SET reason = $1 WHERE id = $2", rows[first["id"]], UUID(second["id"]))
    moved = await ananya.get(f"/clinics/asha/appointments/{second['id']}")
    assert moved.status_code == 500 and REASONS[0] not in moved.text, "put there by somebody who may do everything"


async def test_attack_27_rotation_of_keys_breaks_no_sign_in_and_admits_no_duplicate(world: World) -> None:
    """A look-up by the key that also encrypts: with the next key nobody is found, and everybody is new."""
    nobody = await world.api()

    async def still_there() -> None:
        signed = await nobody.post("/auth/login", json={"contact": email("ananya"), "password": PASSWORD})
        assert signed.status_code == 200, signed.text
        with pytest.raises(accounts.AddressTaken):
            async with visit.to_control(world.house) as tx:
                await accounts.put_contact(tx, IDS["kavya"], Address("email", email("ananya")))

    await still_there()
    await command.rotate_index(world.house)
    seen = []
    while not seen or seen[-1] != [(1, "retired"), (2, "active")]:
        seen.append(await step(world, world.house))
        await still_there()
    await command.rotate(world.house)
    await world.sql(None, "UPDATE data_keys SET current_from = least(current_from, now())")
    world.house.routing.forget()
    await still_there()
    assert (await (await world.api("ananya")).get("/me")).json()["email"] == email("ananya")


async def test_attack_28_what_is_altered_shows_and_the_chain_cannot_be_made_anew(world: World) -> None:
    """An audit whoever runs the database can write anew."""
    booked = await world.booked()
    rao = await world.api("rao")
    assert (await rao.get(f"/clinics/asha/appointments/{booked['id']}")).status_code == 200
    reads = "SELECT account_id, came_from FROM audit_entries WHERE action = 'read' AND subject_id = $1"
    assert IDS["rao"] in [row["account_id"] for row in await world.sql("asha", reads, booked["id"])]
    for place in (None, "asha", "nadi"):
        await seal_audit(world.house, place)
        assert await verified(world, place) == []
    [entry] = await world.sql("asha", "SELECT id FROM audit_entries WHERE action = 'read' LIMIT 1")
    await world.sql("asha", "ALTER TABLE audit_entries DISABLE TRIGGER ALL")
    await world.sql("asha", "UPDATE audit_entries SET account_id = $1 WHERE id = $2", IDS["gita"], entry["id"])
    [found] = await verified(world)
    assert (found.what, found.id) == ("altered", entry["id"])
    await world.sql("asha", "DELETE FROM audit_entries WHERE id = $1", entry["id"])
    [found] = await verified(world)
    assert (found.what, found.id) == ("missing", entry["id"])


async def test_attack_28_writers_wait_neither_for_one_another_nor_for_the_sealing(world: World) -> None:
    """One chain under one lock: every request of the house stands in line behind the slowest."""
    booked = await world.booked()
    async with asyncio.timeout(20), visit.to_clinic(world.house, "asha") as slow:
        audit.note(slow, IDS["rao"], "read", "note", "slow")
        await slow.flush()  # written, and not committed for as long as this block lasts
        rao = await world.api("rao")
        answers = await asyncio.gather(
            seal_audit(world.house, "asha"),
            *(rao.get(f"/clinics/asha/appointments/{booked['id']}") for _ in range(4)),
            seal_audit(world.house, "asha"),
        )
        assert [one.status_code for one in answers if not isinstance(one, SealedNow)] == [200] * 4
    await seal_audit(world.house, "asha")
    unsealed = "SELECT FROM audit_entries e WHERE NOT EXISTS (SELECT FROM audit_leaves l WHERE l.entry_id = e.id)"
    assert not await world.sql("asha", unsealed)
    assert await verified(world) == []
