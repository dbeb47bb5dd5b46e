"""Recovery codes: shown once, stored as digests, each good once."""

import asyncio

from svastha.domain import factors
from svastha.doors import visit
from tests.cast import IDS, World


async def used(world: World, name: str, code: str) -> str | None:
    async with visit.to_control(world.house) as tx:
        return await factors.check(tx, IDS[name], code)


async def test_each_works_once_however_it_is_typed(world: World) -> None:
    api = await world.api("rao")
    codes = (await api.post("/me/recovery-codes")).json()["codes"]
    assert len(set(codes)) == 10
    assert await used(world, "iyer", codes[0]) is None, "another person's"
    assert await used(world, "rao", codes[0]) == "recovery"
    assert await used(world, "rao", codes[0]) is None
    assert await used(world, "rao", f" {codes[1].lower().replace('-', ' ')} ") == "recovery"
    assert (await api.get("/me/factors")).json()["recovery_left"] == 8


async def test_one_code_used_by_many_at_once_counts_once(world: World) -> None:
    [code, *_] = (await (await world.api("rao")).post("/me/recovery-codes")).json()["codes"]
    answers = await asyncio.gather(*[used(world, "rao", code) for _ in range(8)])
    assert sorted(map(str, answers)) == ["None"] * 7 + ["recovery"]


async def test_new_ones_end_the_old_ones_and_none_is_stored(world: World) -> None:
    api = await world.api("rao")
    old = (await api.post("/me/recovery-codes")).json()["codes"]
    new = (await api.post("/me/recovery-codes")).json()["codes"]
    assert await used(world, "rao", old[0]) is None
    assert await used(world, "rao", new[0]) == "recovery"
    rows = await world.sql(None, "SELECT r::text AS row FROM recovery_codes r")
    plain = [code.replace("-", "") for code in new]
    assert not [row for row in rows if any(code in row["row"] for code in plain)]
