"""Data keys change while people read and write; a destroyed key makes what it sealed unreadable."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from svastha.domain import keys
from svastha.doors import visit
from svastha.doors.cli import keys as command
from svastha.doors.cli.equip import CannotStart
from svastha.doors.jobs.worker import Worker
from svastha.doors.visit import House
from svastha.kit.crypto import KeyNotYetKnown, Unreadable, header
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7
from svastha.kit.refusals import NotFound
from svastha.wiring import build, sealed_columns
from tests.cast import IDS, RAO, World
from tests.conftest import settings_for

VISIT = UUID("01900000-0000-7000-8000-00000000aaaa")
LINES = 180


async def say(tx: ClinicTx, text: str) -> UUID:
    id = uuid7()
    await tx.run(
        "INSERT INTO chat_lines (id, appointment_id, by_doctor, content) VALUES (:id, :visit, true, :content)",
        id=id,
        visit=VISIT,
        content=tx.vault.seal("chat_lines", "content", f"{VISIT}/{id}/doctor", text.encode()),
    )
    return id


async def heard(tx: ClinicTx, id: UUID) -> str:
    sealed = await tx.value("SELECT content FROM chat_lines WHERE id = :id", id=id)
    return tx.vault.open("chat_lines", "content", f"{VISIT}/{id}/doctor", sealed).decode()


@pytest.fixture
async def said(bare: World) -> dict[UUID, str]:
    """A visit at Asha with a signed note and many lines."""
    lines = {}
    async with visit.to_clinic(bare.house, "asha") as tx:
        await tx.run(
            "INSERT INTO patients (id, account_id, name, email) VALUES (:id, :id, 'Ananya', '')", id=IDS["ananya"]
        )
        await tx.run(
            "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by,"
            " reason) VALUES (:id, :rao, :ananya, now(), now() + interval '1 hour', 'video', 'in_progress', 0, :ananya,"
            " :reason)",
            id=VISIT,
            rao=RAO,
            ananya=IDS["ananya"],
            reason=tx.vault.seal("appointments", "reason", VISIT, b"Burning stomach"),
        )
        await tx.run(
            "INSERT INTO notes (appointment_id, doctor_id, version, content, signed_at, signed_by, content_sha256)"
            " VALUES (:id, :rao, 4, :content, now(), :rao, '\\x00')",
            id=VISIT,
            rao=RAO,
            content=tx.vault.seal("notes", "content", f"{VISIT}/4", b"Pitta"),
        )
        for number in range(LINES):
            lines[await say(tx, f"line {number}")] = f"line {number}"
    return lines


@pytest.fixture
async def other(bare: World, dsn: str, prefix: str, tmp_path: Path) -> AsyncIterator[House]:
    """A second process: it shares nothing but the databases."""
    house = build(settings_for(dsn, prefix, tmp_path))
    yield house
    await house.bell.close()
    await house.connections.close()


async def let_time_pass(world: World, *houses: House) -> None:
    """The minutes from a key's making to its use are over, and every process has read its keys again."""
    await world.sql(None, "UPDATE data_keys SET current_from = least(current_from, now())")
    for house in houses:
        house.routing.forget()
        await house.routing.find("asha")
        await house.routing.keyring()


async def work_until_done(world: World, house: House, version: int) -> list[tuple[int, int]]:
    """As the worker would. Returns done and total after each batch."""
    worker, seen = Worker(house), []
    while True:
        await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'keys.reseal'")
        await worker.drain("asha")
        async with visit.to_clinic(house, "asha") as tx:
            found = await keys.rotation(tx, version)
        assert found
        seen.append((found.done, found.total))
        if found.finished:
            return seen


async def test_rotation_while_people_read_and_write(
    bare: World, other: House, said: dict[UUID, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Attack 27: what is rotated is read all the time, by every process."""
    here, turns, stopping, turned = bare.house, [0] * 3, asyncio.Event(), asyncio.Event()

    async def somebody(number: int) -> None:
        while not stopping.is_set():
            async with visit.to_clinic(here, "asha") as tx:
                said[await say(tx, f"{number} at {turns[number]}")] = f"{number} at {turns[number]}"
                known = list(said)
                for id in known[number :: len(known) // 5 + 1]:
                    if await tx.value("SELECT EXISTS (SELECT FROM chat_lines WHERE id = :id)", id=id):
                        assert await heard(tx, id) == said[id]
            turns[number] += 1
            turned.set()
            await asyncio.sleep(0.05)  # people pause; without it they write faster than it can all be read again

    async def everybody_goes_round() -> None:
        before = list(turns)
        while any(now < then + 2 for now, then in zip(turns, before, strict=True)):
            assert not any(one.done() for one in people), [one.exception() for one in people if one.done()]
            turned.clear()
            await asyncio.wait([asyncio.create_task(turned.wait()), *people], return_when=asyncio.FIRST_COMPLETED)

    people = [asyncio.create_task(somebody(number)) for number in range(3)]
    await everybody_goes_round()
    await command.rotate(other, "asha")
    assert "version 2 made" in capsys.readouterr().out
    await everybody_goes_round()
    await let_time_pass(bare, here, other)
    await everybody_goes_round()
    seen = await work_until_done(bare, other, 2)
    await everybody_goes_round()
    stopping.set()
    await asyncio.gather(*people)

    assert len({done for done, _ in seen}) >= 4 and seen == sorted(seen), "progress, batch by batch"
    assert all(done <= total for done, total in seen)
    async with visit.to_clinic(here, "asha") as tx:
        assert await keys.left_to_do(tx, 2, sealed_columns()) == 0
    await command.destroy_old(other)
    assert "asha                 1 old keys destroyed" in capsys.readouterr().out
    await let_time_pass(bare, here)
    async with visit.to_clinic(here, "asha") as tx:
        assert [await heard(tx, id) for id in said] == list(said.values())
        note = await tx.value("SELECT content FROM notes WHERE appointment_id = :id", id=VISIT)
        assert note.startswith(header(2)) and tx.vault.open("notes", "content", f"{VISIT}/4", note) == b"Pitta"
        reason = await tx.value("SELECT reason FROM appointments WHERE id = :id", id=VISIT)
        assert tx.vault.open("appointments", "reason", VISIT, reason) == b"Burning stomach"


async def test_what_is_signed_lets_only_its_seal_be_changed(bare: World, said: dict[UUID, str]) -> None:
    async def change(set_: str, *, sealing: str) -> None:
        async with visit.to_clinic(bare.house, "asha") as tx:
            await tx.value("SELECT set_config('svastha.sealing_again', :sealing, true)", sealing=sealing)
            await tx.run(f"UPDATE notes SET {set_}")

    for set_, sealing in (("content = ''", ""), ("content = '', version = 5", "yes"), ("signed_at = now()", "yes")):
        with pytest.raises(asyncpg.CheckViolationError, match="signed"):
            await change(set_, sealing=sealing)
    await change("content = ''", sealing="yes")


async def test_a_process_that_has_not_heard_asks_again(
    bare: World, other: House, said: dict[UUID, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody should meet a key before its time. Whoever does is told to come back, and is served then."""
    monkeypatch.setattr("svastha.domain.clinics.routing.AGAIN_AFTER", 0)
    await command.rotate(other, "asha")
    await let_time_pass(bare, other)
    async with visit.to_clinic(other, "asha") as tx:
        id = await say(tx, "new")
    with pytest.raises(KeyNotYetKnown):
        async with visit.to_clinic(bare.house, "asha") as tx:
            await heard(tx, id)
    async with visit.to_clinic(bare.house, "asha") as tx:
        assert await heard(tx, id) == "new"


async def test_rotating_again_goes_on_with_what_is_under_way(
    bare: World, other: House, said: dict[UUID, str], capsys: pytest.CaptureFixture[str]
) -> None:
    await command.rotate(bare.house, "asha")
    await bare.sql("asha", "DELETE FROM jobs WHERE kind = 'keys.reseal'")  # as if it had been given up
    await command.rotate(bare.house, "asha")
    await command.destroy_old(bare.house)
    await command.status(bare.house)
    said_so = capsys.readouterr().out
    assert "version 2: still sealing again" in said_so and "still needs its old keys" in said_so
    assert "asha                 version 2, sealing again: 0 of ?" in said_so
    await let_time_pass(bare, bare.house)
    await work_until_done(bare, bare.house, 2)
    await command.rotate(bare.house, "asha")
    assert "version 3 made" in capsys.readouterr().out


async def test_a_text_that_does_not_open_is_counted_and_stops_nobody(bare: World, said: dict[UUID, str]) -> None:
    broken = next(iter(said))
    await bare.sql(
        "asha", "UPDATE chat_lines SET content = 'broken into pieces, more than a seal' WHERE id = $1", broken
    )
    await command.rotate(bare.house, "asha")
    await let_time_pass(bare, bare.house)
    await work_until_done(bare, bare.house, 2)
    async with visit.to_clinic(bare.house, "asha") as tx:
        found = await keys.rotation(tx, 2)
        assert found and found.unreadable == 1 and await keys.left_to_do(tx, 2, sealed_columns()) == 1


async def test_the_platform_has_a_key_of_its_own_that_rotates_too(bare: World, other: House) -> None:
    async with visit.to_control(bare.house) as tx:
        before = await tx.value("SELECT count(*) FROM contacts")
    assert before > 0
    for house in (bare.house, other):
        await house.routing.keyring()
    await command.rotate(other)
    await let_time_pass(bare, bare.house, other)
    while await bare.sql(None, "UPDATE jobs SET run_at = now() WHERE kind = 'keys.reseal' RETURNING id"):
        await Worker(other).drain(None)
    async with visit.to_control(bare.house) as tx:
        assert await keys.left_to_do(tx, 2, sealed_columns()) == 0
        for row in await bare.sql(None, "SELECT id, sealed FROM contacts"):
            assert tx.vault.open("contacts", "sealed", row["id"], row["sealed"])


async def test_a_destroyed_key_makes_the_clinic_unreadable(bare: World, other: House, said: dict[UUID, str]) -> None:
    await bare.house.routing.find("nadi")
    with pytest.raises(CannotStart):
        await command.destroy(bare.house, "asha", typed="nadi")
    _, vault = await bare.house.routing.find("asha")
    await command.destroy(bare.house, "asha", typed="asha")
    for house in (bare.house, other):
        with pytest.raises(NotFound):
            await house.routing.find("asha")
        await house.routing.find("nadi")
    (kept,) = await bare.sql(None, "SELECT wrapped FROM data_keys WHERE owner = $1", vault.owner)
    assert kept["wrapped"] is None
    # Even the vault that had it: once it learns, nothing opens.
    async with other.routing.reading_control() as tx:
        assert await other.routing.locksmith.vault(tx, vault.owner, vault) is None
    for house in (bare.house, other):
        house.routing.forget()  # a minute later
        await house.routing.keyring()
        assert not [name for name in house.routing.locksmith._unwrapped if str(vault.owner) in name], "nor remembered"
    (row,) = await bare.sql("asha", "SELECT reason FROM appointments")
    with pytest.raises(Unreadable):
        vault.open("appointments", "reason", VISIT, row["reason"])


async def test_first_keys_are_made_once_by_any_number_of_processes(bare: World, other: House) -> None:
    async def counts() -> list[int]:
        tables = ("data_keys", "index_keys", "signing_keys")
        return [(await bare.sql(None, f"SELECT count(*) FROM {table}"))[0][0] for table in tables]

    async def prepare(house: House) -> None:
        async with visit.to_control(house) as tx:
            await keys.make_first(tx, house.routing.locksmith)

    before = await counts()
    await bare.sql(None, "DELETE FROM index_keys")
    await bare.sql(None, "DELETE FROM signing_keys")
    await asyncio.gather(*(prepare(house) for house in (bare.house, other) * 3))
    assert await counts() == before == [3, 1, 1]
