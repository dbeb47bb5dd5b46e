from tests.cast import World


async def test_clinics_are_listed_page_by_page(world: World) -> None:
    """Two of the same name, and one that is not open."""
    await world.sql(
        None,
        "INSERT INTO clinics (id, slug, name, address, city, state, phone, database, open_since)"
        " SELECT gen_random_uuid(), slug, name, 'x', 'Pune', 'Maharashtra', '+912000000000', slug, since"
        " FROM (VALUES ('zeta', 'Soma', now()), ('eta', 'Soma', now()), ('theta', 'Zzz', NULL)) v(slug, name, since)",
    )
    anybody = await world.api()
    first = await anybody.get("/clinics", params={"limit": 3})
    every = [one["slug"] for one in (await anybody.get("/clinics")).json()["items"]]
    assert [one["slug"] for one in first.json()["items"]] == every[:3] == ["asha", "nadi", "eta"]
    path = first.headers["link"].split(">")[0].removeprefix("</api/v1")
    last = await anybody.get(path)
    assert [one["slug"] for one in last.json()["items"]] == every[3:] == ["zeta"]
    assert last.json()["next_cursor"] is None
    assert (await anybody.get("/clinics", params={"limit": 201})).status_code == 422
    assert (await anybody.get("/clinics", params={"cursor": "x"})).status_code == 400


async def test_the_list_of_clinics_is_not_sent_again_to_whoever_has_it(world: World) -> None:
    anybody = await world.api()
    had = await anybody.get("/clinics")
    assert "public" in had.headers["cache-control"]
    again = await anybody.get("/clinics", headers={"if-none-match": had.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
