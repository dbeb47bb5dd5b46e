"""Whatever is done to the audit behind the program's back, by somebody who may do everything in a database, shows."""

from datetime import timedelta
from typing import Any

import pytest

from svastha.domain import audit
from svastha.domain.audit import Problem
from svastha.doors import visit
from svastha.doors.audit_chain import chain
from svastha.doors.jobs.seal_audit import seal_audit
from tests.cast import IDS, World


async def wrote(world: World, *subjects: str, place: str | None = "asha") -> None:
    for subject in subjects:  # each in a transaction of its own
        async with visit.to_clinic(world.house, place) if place else visit.to_control(world.house) as tx:
            audit.note(tx, IDS["rao"], "read", "note", subject, whose=IDS["ananya"])


async def sealed(world: World, *subjects: str, place: str | None = "asha") -> None:
    await wrote(world, *subjects, place=place)
    assert (await seal_audit(world.house, place)).entries >= len(subjects)


async def verified(world: World, place: str | None = "asha") -> list[Problem]:
    verifier = audit.Verifier()
    async for record in chain(world.house, place):
        verifier.feed(record)
    verifier.close()
    return verifier.problems


async def ids(world: World) -> dict[str, Any]:
    rows = await world.sql("asha", "SELECT subject_id, id, at FROM audit_entries WHERE subject_kind = 'note'")
    return {row["subject_id"]: row for row in rows}


@pytest.mark.parametrize("place", [None, "asha"])
async def test_what_was_written_verifies(inside: World, place: str | None) -> None:
    assert await verified(inside, place) == []
    await sealed(inside, "a", "b", place=place)
    await sealed(inside, "c", place=place)
    await wrote(inside, "d", place=place)
    assert await verified(inside, place) == []
    assert (await seal_audit(inside.house, place)).entries == 1
    assert (await seal_audit(inside.house, place)).entries == 0  # nothing new, no seal


@pytest.mark.parametrize(
    ("done", "what", "named"),
    [
        ("UPDATE audit_entries SET why = 'x' WHERE id = :b", "altered", "b"),
        ("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE id = :b", "altered", "b"),
        ("UPDATE audit_entries SET account_id = NULL WHERE id = :b", "altered", "b"),
        ("UPDATE audit_entries SET came_from = '10.0.0.1' WHERE id = :b", "altered", "b"),
        ("DELETE FROM audit_entries WHERE id = :b", "missing", "b"),
        ("DELETE FROM audit_leaves WHERE entry_id = :b; DELETE FROM audit_entries WHERE id = :b", "missing", "c"),
        ("DELETE FROM audit_leaves WHERE entry_id = :b", "missing", "c"),
        # the contents of two rows exchanged
        (
            "UPDATE audit_entries SET subject_id = CASE subject_id WHEN 'b' THEN 'c' ELSE 'b' END WHERE id IN (:b, :c)",
            "altered",
            "b",
        ),
        # the order of two leaves exchanged
        (
            "UPDATE audit_leaves SET place = place + 1 WHERE entry_id = :b;"
            "UPDATE audit_leaves SET place = place - 1 WHERE entry_id = :c",
            "reordered",
            "b",
        ),
        (
            "INSERT INTO audit_entries (id, action, subject_kind, subject_id, xid)"
            " VALUES (gen_random_uuid(), 'read', 'note', 'new', '1')",
            "added",
            "new",
        ),
        (
            "INSERT INTO audit_entries (id, at, action, subject_kind, subject_id)"
            " VALUES (gen_random_uuid(), now() - interval '2 hours', 'read', 'note', 'new')",
            "added",
            "new",
        ),
    ],
)
async def test_a_change_is_named(inside: World, done: str, what: str, named: str) -> None:
    await sealed(inside, "a", "b", "c")
    known = await ids(inside)
    for subject in "abc":
        done = done.replace(f":{subject}", f"'{known[subject]['id']}'")
    for statement in done.split(";"):
        await inside.sql("asha", statement)
    known |= {} if named != "new" else await ids(inside)
    first, *_ = await verified(inside)
    assert (first.what, first.id) == (what, known[named]["id"]), first
    assert first.at is not None
    assert abs(first.at - known[named]["at"]) < timedelta(seconds=1)


async def test_what_is_put_there_later_is_found_in_its_seal_too(inside: World) -> None:
    await sealed(inside, "a")
    await inside.sql(
        "asha",
        "INSERT INTO audit_entries (id, at, action, subject_kind, subject_id)"
        " VALUES (gen_random_uuid(), now() - interval '2 hours', 'read', 'note', 'late')",
    )
    await sealed(inside, "b")
    first, *_ = await verified(inside)
    assert (first.what, first.id) == ("added", (await ids(inside))["late"]["id"])


async def test_an_entry_changed_together_with_its_leaf_is_found_by_the_root(inside: World) -> None:
    await sealed(inside, "a", "b")
    row = (await ids(inside))["b"]
    await inside.sql("asha", "UPDATE audit_leaves SET hash = sha256('x') WHERE entry_id = $1", row["id"])
    await inside.sql("asha", "UPDATE audit_entries SET why = 'x' WHERE id = $1", row["id"])
    problems = await verified(inside)
    assert [one.what for one in problems] == ["altered", "altered"]
    assert problems[1].says.startswith("an entry of seal 1 together with its leaf")


async def test_a_seal_taken_away_exchanged_or_forged_is_named(inside: World) -> None:
    for subject in "abcd":
        await sealed(inside, subject)

    async def after(*statements: str) -> Problem:
        connection = await inside.house.connections.connect(
            (await inside.house.routing.find("asha"))[0].database, owner=True
        )
        await connection.execute("ALTER TABLE audit_leaves DROP CONSTRAINT IF EXISTS audit_leaves_seal_fkey")
        await connection.execute("CREATE TABLE was AS TABLE audit_seals")
        for statement in statements:
            await connection.execute(statement)
        first, *_ = await verified(inside)
        await connection.execute("TRUNCATE audit_seals; INSERT INTO audit_seals SELECT * FROM was; DROP TABLE was")
        await connection.close()
        assert await verified(inside) == []
        return first

    gone = await after("DELETE FROM audit_seals WHERE number = 2")
    assert (gone.what, gone.seal) == ("missing", 3)
    assert gone.says.startswith("seal 2 and what was in it, from ")
    exchanged = await after(
        "UPDATE audit_seals SET number = 102 - (number - 1) WHERE number IN (2, 3)",
        "UPDATE audit_seals SET number = number - 98 WHERE number >= 100",
    )
    assert (exchanged.what, exchanged.seal) == ("reordered", 2)
    forged = await after("UPDATE audit_seals SET signature = sha512('x') WHERE number = 3")
    assert (forged.what, forged.seal) == ("forged", 3)
    altered = await after("UPDATE audit_seals SET root = sha256('x') WHERE number = 1")
    assert (altered.what, altered.seal) == ("altered", 1)


async def test_a_tail_that_was_cut_off_is_missed_by_the_other_database(inside: World) -> None:
    await sealed(inside, "a")
    await sealed(inside, "b", "c")
    await inside.sql("asha", "DELETE FROM audit_leaves WHERE seal = 2")
    await inside.sql("asha", "DELETE FROM audit_seals WHERE number = 2")
    await inside.sql("asha", "DELETE FROM audit_entries WHERE subject_id IN ('b', 'c')")
    (gone,) = await verified(inside)
    assert gone.what == "missing"
    assert gone.says.startswith("seal 2: what was sealed from ")


async def test_the_control_database_is_watched_by_the_clinics(inside: World) -> None:
    await sealed(inside, "a", place=None)
    await sealed(inside, "a", place="asha")
    await inside.sql(None, "DELETE FROM audit_leaves")
    await inside.sql(None, "DELETE FROM audit_seals")
    problems = await verified(inside, None)
    assert "was cut off" in problems[-1].says


async def test_a_seal_signed_with_another_key_is_forged_even_if_that_key_is_put_beside_ours(inside: World) -> None:
    await sealed(inside, "a")
    await inside.sql(None, "UPDATE sealing_keys SET public = sha256('x')")
    first, *_ = await verified(inside)
    assert first.what == "forged"
