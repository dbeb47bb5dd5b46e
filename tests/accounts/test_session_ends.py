"""A session ends when nobody uses it, and some day in any case."""

import pytest

from tests.cast import PASSWORD, World, email


@pytest.mark.parametrize(
    ("name", "change", "status"),
    [
        ("farida", "last_seen_at = now() - interval '59 minutes'", 200),
        ("farida", "last_seen_at = now() - interval '61 minutes'", 303),
        ("ananya", "last_seen_at = now() - interval '6 days'", 200),
        ("ananya", "last_seen_at = now() - interval '8 days'", 303),
        ("ananya", "expires_at = now() - interval '1 second'", 303),
    ],
)
async def test_unused_or_old_it_is_over(world: World, name: str, change: str, status: int) -> None:
    web = await world.web(name)
    await world.sql(None, f"UPDATE sessions SET {change}")
    assert (await web.get("/settings")).status_code == status


@pytest.mark.parametrize(("name", "hours"), [("farida", 12), ("ananya", 7 * 24)])
async def test_who_works_here_signs_in_every_day(world: World, name: str, hours: int) -> None:
    await world.web(name)
    [row] = await world.sql(None, "SELECT extract(epoch FROM expires_at - made_at) / 3600 AS hours FROM sessions")
    assert abs(float(row["hours"]) - hours) < 0.1


async def test_refreshing_does_not_go_on_for_ever(world: World) -> None:
    nobody = await world.api()
    signed = await nobody.post("/auth/login", json={"email": email("ananya"), "password": PASSWORD})
    await world.sql(None, "UPDATE sessions SET ends_at = now() + interval '1 hour'")
    first = await nobody.post("/auth/refresh", json={"refresh_token": signed.json()["refresh_token"]})
    assert first.status_code == 200
    [row] = await world.sql(None, "SELECT expires_at <= ends_at AS in_time FROM sessions")
    assert row["in_time"]
    await world.sql(None, "UPDATE sessions SET ends_at = now(), expires_at = now()")
    over = await nobody.post("/auth/refresh", json={"refresh_token": first.json()["refresh_token"]})
    assert over.status_code == 401
