"""One clinic is migrated first, then all others side by side; one that cannot be does not stop the others."""

import asyncio
import shutil
from pathlib import Path

import pytest

from svastha.doors.cli.databases import ensure, migrate_all
from svastha.kit.migrate import files, folder
from tests.cast import IDS, PASSWORD, World, email


async def test_migrating_what_is_current_changes_nothing(world: World) -> None:
    assert await migrate_all(world.house) == {}
    assert await ensure(world.house, world.house.routing.control, "control") == 0


async def test_a_clinic_that_was_changed_by_hand_is_named_and_the_others_go_on(world: World) -> None:
    await world.sql("asha", "UPDATE schema_migrations SET checksum = 'by hand' WHERE number = 1")
    await world.sql("nadi", "DELETE FROM schema_migrations")
    failed = await migrate_all(world.house)
    prefix = world.house.settings.database_prefix
    assert set(failed) == {f"{prefix}_clinic_asha", f"{prefix}_clinic_nadi"}
    assert "was changed after" in failed[f"{prefix}_clinic_asha"]


async def test_a_file_that_one_clinic_does_not_take_is_not_tried_in_another(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It would be, there."""
    shutil.copytree(folder("control"), tmp_path / "control")
    shutil.copytree(folder("clinic"), tmp_path / "clinic")
    number = len(files("clinic")) + 1
    (tmp_path / f"clinic/{number:04}_bad.sql").write_text("CREATE TABLE in_the_way ();")
    monkeypatch.setattr("svastha.kit.migrate.folder", lambda kind: tmp_path / kind)
    await world.sql("asha", "CREATE TABLE in_the_way ()")
    [(database, why)] = (await migrate_all(world.house)).items()
    assert database == f"{world.house.settings.database_prefix}_clinic_asha"
    assert why.endswith("the others were left as they are")
    assert await world.sql("nadi", "SELECT 1 FROM schema_migrations WHERE number = $1", number) == []


async def test_many_servers_may_start_at_once(world: World) -> None:
    database = f"{world.house.settings.database_prefix}_clinic_new"
    applied = await asyncio.gather(*(ensure(world.house, database, "clinic") for _ in range(5)))
    assert sorted(applied)[:4] == [0, 0, 0, 0] and sum(applied) > 0
    await world.sql(None, f"DROP DATABASE {database} WITH (FORCE)")


async def test_a_new_clinic_is_a_copy_of_one_that_is_migrated_and_empty(world: World) -> None:
    house = world.house
    empty, new = (f"{house.settings.database_prefix}_{name}" for name in ("empty_clinic", "clinic_new"))
    assert await ensure(house, empty, "clinic") == len(files("clinic"))
    asked = "SELECT array_agg((number, checksum, applied_at)::text ORDER BY number) FROM schema_migrations"
    async with house.connections.borrowed(empty) as connection:
        first = await connection.fetchval(asked)
        await connection.execute("SELECT 1 FROM patients")
    house.connections._close_longest_idle()
    assert await ensure(house, new, "clinic") == len(files("clinic"))
    assert (await world.sql("new", asked))[0][0] == first
    assert await ensure(house, new, "clinic") == 0
    await world.sql(None, f"DROP DATABASE {new} WITH (FORCE)")


async def test_addresses_an_earlier_release_kept_in_the_clear_are_sealed_and_still_sign_in(world: World) -> None:
    await world.sql(None, "DELETE FROM contacts WHERE account_id = $1", IDS["ananya"])
    await world.sql(None, "UPDATE accounts SET email = 'Ananya@Cast.test' WHERE id = $1", IDS["ananya"])
    typed = {"email": email("ananya"), "password": PASSWORD}
    web = await world.web()
    assert (await web.post("/api/v1/auth/login", json=typed)).status_code == 401
    assert await migrate_all(world.house) == {}
    assert (await web.post("/api/v1/auth/login", json=typed)).status_code == 200
    [account] = await world.sql(None, "SELECT email FROM accounts WHERE id = $1", IDS["ananya"])
    assert account["email"] is None
