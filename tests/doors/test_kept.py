"""Answers that are the same for everybody are made once for a while, and say how old they are."""

import asyncio

from tests.cast import RAO, World
from tests.doctors.applying import decided

SEARCH = "/doctors?q=rao"


async def hears(world: World) -> None:
    """Of changed rights; before that nothing is answered from memory."""
    async with asyncio.timeout(20):
        while world.house.trust.times_forgotten() is None:
            await asyncio.sleep(0.01)


async def renamed(world: World) -> None:
    await world.sql(None, "UPDATE doctors SET about = 'Anew.' WHERE name LIKE '%Rao%'")


async def test_the_same_search_is_answered_from_memory_for_as_long_as_it_says(world: World) -> None:
    await hears(world)
    nobody = await world.api()
    first = await nobody.get(SEARCH)
    await renamed(world)
    again = await nobody.get(SEARCH)
    assert (again.status_code, again.text) == (200, first.text)
    assert {**again.headers, "x-request-id": ""} == {**first.headers, "x-request-id": ""}
    assert 0 <= int(again.headers["age"]) < 15
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    known = await nobody.get(SEARCH, headers={"if-none-match": first.headers["etag"]})
    assert (known.status_code, known.text, known.headers["etag"]) == (304, "", first.headers["etag"])


async def test_who_asks_anew_and_who_is_somebody_is_answered_anew(world: World) -> None:
    await hears(world)
    nobody, ananya = await world.api(), await world.api("ananya")
    for client in (nobody, ananya):
        await client.get(SEARCH)
    await renamed(world)
    assert "Anew." in (await nobody.get(SEARCH, headers={"cache-control": "no-cache"})).text
    assert "Anew." in (await ananya.get(SEARCH)).text
    assert "Anew." in (await nobody.get(f"{SEARCH}&limit=5")).text


async def test_what_is_known_is_said_also_where_nothing_was_kept(world: World) -> None:
    tag = (await (await world.api()).get(SEARCH)).headers["etag"]
    known = await (await world.api()).get(SEARCH, headers={"if-none-match": f'"other", {tag}'})
    assert (known.status_code, known.content) == (304, b"")


async def test_nothing_is_answered_from_before_somebodys_rights_changed(world: World) -> None:
    await hears(world)
    nobody = await world.api()
    assert "Rao" in (await nobody.get(SEARCH)).text
    assert (await decided(world, RAO, "suspend", "A complaint is looked into")).status_code == 200
    assert "Rao" not in (await nobody.get(SEARCH)).text


async def test_refusals_and_what_is_somebodys_own_are_not_kept(world: World) -> None:
    nobody = await world.api()
    for path in ("/doctors?sort=nonsense", "/me"):
        assert "age" not in (await nobody.get(path)).headers
        assert "age" not in (await nobody.get(path)).headers
