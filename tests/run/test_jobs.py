"""``svastha jobs``: a person looks at what was set aside, tries it again, or drops it."""

import argparse
from uuid import UUID

import pytest

from svastha.doors.cli import jobs, jobs_arguments
from svastha.doors.cli.equip import CannotStart
from svastha.kit import outbox
from svastha.kit.ids import uuid7
from tests.cast import World


async def stuck(world: World, place: str | None, kind: str = "nobody.handles_this") -> UUID:
    id = uuid7()
    await world.sql(
        place,
        "INSERT INTO jobs (id, kind, payload, attempts, last_error, set_aside_at)"
        " VALUES ($1, $2, '{\"name\": \"Ananya\"}', 8, 'LookupError', now())",
        id,
        kind,
    )
    return id


async def ask(world: World, *words: str) -> int:
    parser = argparse.ArgumentParser()
    jobs_arguments.arguments(parser)
    return await jobs.work(world.house.settings, parser.parse_args(words))


async def test_the_list_says_of_each_what_it_needs_and_nothing_of_people(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, platform = await stuck(world, "asha"), await stuck(world, None)
    await ask(world, "list")
    shown = capsys.readouterr().out
    assert f"asha: {mine} nobody.handles_this, 8 attempts, LookupError, since " in shown
    assert f"control: {platform} " in shown and shown.endswith("2 set aside\n")
    assert "Ananya" not in shown
    await ask(world, "list", "--clinic", "nadi")
    assert capsys.readouterr().out == "0 set aside\n"


async def test_one_that_is_tried_again_has_all_its_attempts_before_it(world: World) -> None:
    mine, other = await stuck(world, "asha"), await stuck(world, "asha", "another.kind")
    await ask(world, "retry", str(mine))
    await world.settle()
    rows = {row["id"]: row for row in await world.sql("asha", "SELECT * FROM jobs WHERE id = ANY($1)", [mine, other])}
    assert (rows[mine]["attempts"], rows[mine]["set_aside_at"]) == (1, None)
    assert rows[other]["set_aside_at"]
    [noted] = await world.sql("asha", "SELECT subject_id FROM audit_entries WHERE subject_kind = 'job'")
    assert noted["subject_id"] == f"nobody.handles_this {mine}"


async def test_nothing_is_dropped_unless_it_is_really_meant(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    mine = await stuck(world, "asha")
    with pytest.raises(CannotStart, match="1 would be dropped"):
        await ask(world, "drop", "--kind", "nobody.handles_this")
    assert str(mine) in capsys.readouterr().out
    await ask(world, "drop", "--yes", "--kind", "nobody.handles_this")
    assert not await world.sql("asha", "SELECT 1 FROM jobs WHERE id = $1", mine)


async def test_an_id_nobody_set_aside_is_refused(world: World) -> None:
    with pytest.raises(CannotStart, match="No job set aside"):
        await ask(world, "retry", str(uuid7()))
    with pytest.raises(CannotStart, match="no clinic nowhere"):
        await ask(world, "list", "--clinic", "nowhere")


async def test_a_job_that_workers_die_of_is_set_aside_too(world: World) -> None:
    id = uuid7()
    await world.sql(
        "asha",
        "INSERT INTO jobs (id, kind, payload, attempts, leased_until)"
        " VALUES ($1, 'nobody.handles_this', '{}', $2, now() - interval '1 s')",
        id,
        outbox.PATIENCE,
    )
    await world.settle()
    [row] = await world.sql("asha", "SELECT last_error, set_aside_at FROM jobs WHERE id = $1", id)
    assert row["last_error"] == "worker_died" and row["set_aside_at"]
