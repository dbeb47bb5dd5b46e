"""A role acts exactly from and until, at its own clinic, beside others; and nobody gets one by a way around."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.cast import IDS, World, email
from tests.people.conftest import Desk
from tests.people.test_invitations import accept, invite


async def seen_over_time(client: httpx.AsyncClient, path: str, until: datetime) -> list[tuple[datetime, datetime, int]]:
    """(asked, answered, status), again and again until then."""
    found = []
    while (asked := datetime.now(UTC)) < until:
        status = (await client.get(path)).status_code
        found.append((asked, datetime.now(UTC), status))
    return found


async def test_a_role_and_a_key_act_exactly_from_and_until(world: World, desk: Desk) -> None:
    """Also though each process remembers who is who: what the clock changes is not remembered beyond."""
    kavya = await desk.two("kavya")
    assert (await kavya.get("/clinics/asha/people")).status_code == 404  # remembered from here on
    begins = datetime.now(UTC) + timedelta(seconds=1)
    ends = begins + timedelta(seconds=1.5)
    given = {"role": "clinic_admin", "from_at": begins.isoformat(), "until": ends.isoformat()}
    await desk.put("kavya", "receptionist")
    answer = await (await world.api("gita")).post(f"/clinics/asha/people/{IDS['kavya']}/roles", json=given)
    assert answer.status_code == 204, answer.text

    async def make_key() -> httpx.AsyncClient:
        await seen_over_time(kavya, "/me", begins)
        made = await kavya.post("/clinics/asha/api-keys", json={"name": "Tally", "scopes": ["people.read"]})
        assert made.status_code == 201, made.text
        system = await world.api()
        system.headers["authorization"] = f"Bearer {made.json()['key']}"
        return system

    after = ends + timedelta(seconds=0.5)
    hers, system = await asyncio.gather(seen_over_time(kavya, "/clinics/asha/people", after), make_key())
    assert {status for asked, done, status in hers if done < begins} == {404}
    assert {status for asked, done, status in hers if asked > begins and done < ends} == {200}
    assert {status for asked, done, status in hers if asked > ends} == {404}
    assert (await system.get("/clinics/asha/people")).status_code == 401  # its maker's role is over


async def test_a_key_ends_at_its_hour(world: World, desk: Desk) -> None:
    gita = await world.api("gita")
    made = (await gita.post("/clinics/asha/api-keys", json={"name": "Tally", "scopes": ["people.read"]})).json()
    ends = datetime.now(UTC) + timedelta(seconds=1)
    await world.sql(None, "UPDATE api_keys SET expires_at = $2 WHERE id = $1", made["id"], ends)
    system = await world.api()
    system.headers["authorization"] = f"Bearer {made['key']}"
    answers = await seen_over_time(system, "/clinics/asha/people", ends + timedelta(seconds=0.5))
    assert {status for asked, done, status in answers if done < ends} == {200}
    assert {status for asked, done, status in answers if asked > ends} == {401}


async def test_given_anew_without_a_day_it_counts_from_now(world: World, desk: Desk) -> None:
    gita, farida = await world.api("gita"), await desk.two("farida")
    later = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    assert (await desk.appoint(gita, "farida", "clinic_admin", from_at=later)).status_code == 204
    assert (await farida.get("/clinics/asha/people")).status_code == 404
    assert (await desk.appoint(gita, "farida", "clinic_admin")).status_code == 204
    assert (await farida.get("/clinics/asha/people")).status_code == 200


async def test_what_is_past_or_over_is_not_given(world: World, desk: Desk) -> None:
    gita = await world.api("gita")
    yesterday, tomorrow = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))
    for more in (
        {"until": yesterday.isoformat()},
        {"from_at": tomorrow.isoformat(), "until": tomorrow.isoformat()},
        {"until": "9999-12-31T00:00:00Z"},
        {"from_at": "2150-01-01T00:00:00Z"},
        {"until": "2027-01-01T00:00:00"},  # of which zone?
    ):
        assert (await desk.appoint(gita, "farida", "accountant", **more)).status_code == 422
    assert (await invite(gita, email("kavya"), until=yesterday.isoformat())).status_code == 422
    # What began yesterday begins now.
    assert (await desk.appoint(gita, "farida", "accountant", from_at=yesterday.isoformat())).status_code == 204
    [post] = [one for one in (await desk.people())[str(IDS["farida"])]["posts"] if one["role"] == "accountant"]
    assert datetime.fromisoformat(post["from_at"]) > yesterday + timedelta(hours=23)


async def test_several_roles_at_several_clinics_each_at_its_own(world: World, desk: Desk) -> None:
    await desk.put("kavya", "clinic_admin", "asha")
    await desk.put("kavya", "accountant", "nadi")
    await desk.put("kavya", "receptionist", "nadi")
    kavya, hari = await desk.two("kavya"), await world.api("hari")
    assert (await kavya.get("/clinics/asha/people")).status_code == 200
    assert (await kavya.get("/clinics/nadi/people")).status_code == 404
    assert (await desk.appoint(kavya, "iyer", "clinic_admin", "nadi")).status_code == 404
    assert (await invite(kavya, email("ananya"), clinic="nadi")).status_code == 404
    at_nadi = (await desk.people("hari", "nadi"))[str(IDS["kavya"])]
    assert [post["role"] for post in at_nadi["posts"]] == ["accountant", "receptionist"]
    assert (await desk.dismiss(hari, "kavya", "receptionist", "nadi")).status_code == 204
    assert (await desk.dismiss(hari, "kavya", "clinic_admin", "nadi")).status_code == 404  # it is Asha's
    seen = await (await world.api("indu")).get(f"/platform/people/{IDS['kavya']}")
    assert {(one["role"], one["clinic"]) for one in seen.json()["roles"]} == {
        ("clinic_admin", "Asha Ayurveda"),
        ("accountant", "Nadi Ayurveda"),
    }


async def test_no_way_around_to_a_role_of_ones_own(world: World, desk: Desk) -> None:
    gita, indu, jaya = await world.api("gita"), await world.api("indu"), await world.api("jaya")
    await invite(gita, "second.address@cast.test", "doctor")
    mine = await accept(gita, await desk.link_of("second.address@cast.test"), with_this_account=True)
    assert (mine.status_code, mine.json()["code"]) == (403, "not_yourself")
    for client, role in ((gita, "support"), (indu, "platform_admin"), (indu, "support")):
        answer = await client.post(f"/platform/people/{IDS['farida']}/roles", json={"role": role})
        assert answer.status_code == 404
    for who in ("jaya", "indu"):
        own = await jaya.post(f"/platform/people/{IDS[who]}/roles", json={"role": "auditor"})
        assert own.status_code == (403 if who == "jaya" else 204)
    at_clinic = await jaya.post(f"/clinics/asha/people/{IDS['jaya']}/roles", json={"role": "doctor"})
    assert at_clinic.json()["code"] == "not_yourself"
    suspended = await jaya.post(f"/platform/people/{IDS['rao']}/suspend", json={"why": "left"})
    assert suspended.status_code == 204
    assert (await desk.appoint(gita, "rao", "clinic_admin")).status_code == 404  # suspended, she is given nothing
    rows = await world.sql(None, "SELECT role FROM grants WHERE account_id = $1", IDS["gita"])
    assert [row["role"] for row in rows] == ["clinic_admin"]


async def test_of_one_factor_alone_nothing_is_given(world: World, desk: Desk) -> None:
    """What needs a second factor is withheld: also from whoever would give roles or make keys."""
    one_factor = await world.api()
    one_factor.headers["authorization"] = f"Bearer {await world.token('gita', 'api', second_factor=False)}"
    key: dict[str, Any] = {"name": "Tally", "scopes": ["people.read"]}
    for answer in (
        await desk.appoint(one_factor, "farida", "accountant"),
        await invite(one_factor, email("kavya")),
        await one_factor.post("/clinics/asha/api-keys", json=key),
        await one_factor.put("/clinics/asha/people/policy", json={"second_factor_roles": []}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_missing")


async def test_a_session_from_before_she_worked_here_lasts_no_longer_than_one_of_a_colleague(
    world: World, desk: Desk
) -> None:
    gita, kavya = await world.api("gita"), await world.api("kavya")
    await world.token("kavya", "browser")
    await invite(gita, email("kavya"), "receptionist")
    assert (await accept(kavya, await desk.link_of("kavya"))).status_code == 200
    [limits] = await world.sql(
        None,
        "SELECT idle = interval '1 hour', expires_at <= now() + interval '12 hours' FROM sessions"
        " WHERE account_id = $1 AND kind = 'browser'",
        IDS["kavya"],
    )
    assert tuple(limits) == (True, True)
    assert (await kavya.get("/clinics/asha/appointments?all=true")).status_code == 200
