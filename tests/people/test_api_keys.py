"""A key opens what it was made for, from where it was made for, until it is revoked; and never anything of a person."""

from typing import Any

import httpx

from svastha.domain.accounts import FOR_KEYS, PERMISSIONS, who_may
from tests.cast import IDS, World, email
from tests.people.conftest import Desk


async def made(client: httpx.AsyncClient, *scopes: str, clinic: str = "asha", **more: Any) -> Any:
    wish = {"name": "Accounting", "scopes": list(scopes) or ["visit.read"], **more}
    return await client.post(f"/clinics/{clinic}/api-keys", json=wish)


async def with_key(world: World, key: str) -> httpx.AsyncClient:
    client = await world.api()
    client.headers["authorization"] = f"Bearer {key}"
    return client


async def test_a_key_opens_its_scopes_at_its_clinic_alone(world: World, desk: Desk) -> None:
    mine = await world.booked()
    gita = await world.api("gita")
    answer = await made(gita, "visit.read")
    assert answer.status_code == 201
    key = answer.json()["key"]
    assert key.startswith("svk_") and key not in str(await world.sql(None, "SELECT * FROM api_keys"))
    system = await with_key(world, key)
    listed = (await system.get("/clinics/asha/appointments")).json()["items"]
    assert [one["id"] for one in listed] == [mine["id"]]
    assert (await system.get("/clinics/nadi/appointments")).status_code == 404
    assert (await system.get("/clinics/asha/people")).status_code == 404  # not among its scopes
    assert (await system.post(f"/clinics/asha/appointments/{mine['id']}/cancel")).status_code == 404
    [row] = (await gita.get("/clinics/asha/api-keys")).json()["items"]
    assert row["last_used_at"] and "secret" not in str(row)
    used = await world.sql(
        None, "SELECT account_id FROM audit_entries WHERE action = 'use' AND subject_kind = 'api_key'"
    )
    assert [str(one["account_id"]) for one in used] == [row["id"]]  # once a minute at most


async def test_nothing_of_a_person_nothing_clinical_and_nothing_fresh(world: World, desk: Desk) -> None:
    mine = await world.booked()
    gita = await world.api("gita")
    system = await with_key(world, (await made(gita, *FOR_KEYS)).json()["key"])
    for path in ("/me", "/me/appointments", "/me/sessions"):
        assert (await system.get(path)).status_code == 404
    for path in ("note", "prescription"):
        assert (await system.get(f"/clinics/asha/appointments/{mine['id']}/{path}")).status_code == 404
    wish = {"doctor_id": str(IDS["rao"]), "starts_at": mine["starts_at"], "mode": "video"}
    assert (await system.post("/clinics/asha/holds", json=wish)).status_code == 404
    assert (await made(system)).status_code == 404
    for clinical in ("note.read", "prescription.write", "visit.join", "people.appoint", "keys.manage", "made.up"):
        assert (await made(gita, clinical)).status_code == 422


def test_the_scopes_are_what_running_a_clinic_allows() -> None:
    assert set(PERMISSIONS) >= FOR_KEYS
    assert all("clinic_admin" in who_may(scope) for scope in FOR_KEYS)
    assert not [scope for scope in FOR_KEYS if "doctor" in who_may(scope) and not scope.startswith("visit.")]


async def test_revoked_and_expired_with_the_next_request(world: World, desk: Desk) -> None:
    gita, hari = await world.api("gita"), await world.api("hari")
    one, two = (await made(gita)).json(), (await made(gita)).json()
    first, second = await with_key(world, one["key"]), await with_key(world, two["key"])
    for system in (first, second):
        assert (await system.get("/clinics/asha/appointments")).status_code == 200
    assert (await hari.delete(f"/clinics/nadi/api-keys/{one['id']}")).status_code == 404
    assert (await gita.delete(f"/clinics/asha/api-keys/{one['id']}")).status_code == 204
    assert (await first.get("/clinics/asha/appointments")).status_code == 401
    assert (await second.get("/clinics/asha/appointments")).status_code == 200
    third = (await made(gita)).json()
    await world.sql(None, "UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", third["id"])
    assert (await (await with_key(world, third["key"])).get("/clinics/asha/appointments")).status_code == 401
    for days in (0, 366):
        assert (await made(gita, days=days)).status_code == 422
    for wrong in ("svk_", "svk_" + "0" * 32 + "_" + "A" * 43, one["key"][:-1]):
        assert (await (await with_key(world, wrong)).get("/clinics/asha/appointments")).status_code == 401


async def test_good_from_its_networks_alone(world: World, desk: Desk) -> None:
    gita = await world.api("gita")
    here = (await made(gita, networks=["127.0.0.0/8"])).json()["key"]
    away = (await made(gita, networks=["203.0.113.7/24", "2001:db8::/32"])).json()["key"]
    assert (await (await with_key(world, here)).get("/clinics/asha/appointments")).status_code == 200
    client = await with_key(world, away)
    assert (await client.get("/clinics/asha/appointments")).status_code == 401
    client.headers["x-forwarded-for"] = "203.0.113.7"
    assert (await client.get("/clinics/asha/appointments")).status_code == 401
    for wrong in (["everywhere"], ["10.0.0.0/8"] * 21):
        assert (await made(gita, networks=wrong)).status_code == 422


async def test_a_key_ends_with_its_maker(world: World, desk: Desk) -> None:
    await desk.put("rao", "clinic_admin")
    await desk.put("kavya", "clinic_admin")
    rao, kavya, jaya = await world.api("rao"), await desk.two("kavya"), await world.api("jaya")
    dismissed = await with_key(world, (await made(rao)).json()["key"])
    suspended = await with_key(world, (await made(kavya)).json()["key"])
    for system in (dismissed, suspended):
        assert (await system.get("/clinics/asha/appointments")).status_code == 200
    assert (await desk.dismiss(await world.api("gita"), "rao", "clinic_admin")).status_code == 204
    assert (await dismissed.get("/clinics/asha/appointments")).status_code == 401
    why = {"why": "Her laptop was stolen"}
    assert (await jaya.post(f"/platform/people/{IDS['kavya']}/suspend", json=why)).status_code == 204
    assert (await suspended.get("/clinics/asha/appointments")).status_code == 401
    assert len((await (await world.api("gita")).get("/clinics/asha/api-keys")).json()["items"]) == 1


async def test_only_who_runs_the_clinic_makes_keys(world: World, desk: Desk) -> None:
    for name in ("farida", "rao", "hari", "indu", "jaya", "ananya"):
        assert (await made(await world.api(name))).status_code == 404
    gita = await world.api("gita")
    await world.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")
    assert (await made(gita)).json()["code"] == "step_up_required"
    assert email("gita") not in (await gita.get("/clinics/asha/api-keys")).text
