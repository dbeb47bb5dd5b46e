"""The platform finds an account by its exact address alone, shuts it out at once, and replaces a lost factor."""

from tests.cast import IDS, PASSWORD, World, email
from tests.people.conftest import Desk

WHY = {"why": "Asked for by telephone, identity checked"}


async def test_found_by_the_exact_address(world: World, desk: Desk) -> None:
    indu, gita = await world.api("indu"), await world.api("gita")
    found = (await indu.post("/platform/people/find", json={"contact": f" {email('rao').upper()} "})).json()
    assert (found["name"], found["state"], found["roles"][0]["clinic"]) == ("Dr Meera Rao", "open", "Asha Ayurveda")
    assert email("rao") not in str(found)
    assert (await indu.post("/platform/people/find", json={"contact": "ra@cast.test"})).status_code == 404
    assert (await indu.post("/platform/people/find", json={"contact": "rao"})).status_code == 422
    assert (await gita.post("/platform/people/find", json={"contact": email("rao")})).status_code == 404
    looks = await world.sql(None, "SELECT whose FROM audit_entries WHERE action = 'find' ORDER BY id")
    assert [one["whose"] for one in looks] == [IDS["rao"], None]


async def test_suspended_at_once_everywhere(world: World, desk: Desk) -> None:
    jaya, indu = await world.api("jaya"), await world.api("indu")
    rao, page = await world.api("rao"), await world.web("rao")
    free = f"/clinics/asha/doctors/{IDS['rao']}/slots"
    assert (await rao.get("/me")).status_code == 200
    assert (await page.get("/doctor")).status_code == 200
    path = f"/platform/people/{IDS['rao']}"
    assert (await indu.post(f"{path}/suspend", json=WHY)).status_code == 404  # support looks, and no more
    assert (await jaya.post(f"{path}/suspend", json={"why": " "})).status_code == 422
    assert (await jaya.post(f"{path}/suspend", json=WHY)).status_code == 204
    assert (await rao.get("/me")).status_code == 401
    assert (await page.get("/doctor")).status_code == 303
    assert (await jaya.get(free)).json().get("items", []) == []
    assert (await jaya.post(f"{path}/suspend", json=WHY)).status_code == 409
    assert (await indu.get(path)).json()["state"] == "suspended"
    await world.settle()
    assert (await jaya.post(f"{path}/reinstate", json=WHY)).status_code == 204
    assert (await rao.get("/me")).status_code == 401  # that session stays ended
    assert (await (await world.api("rao")).get("/me")).status_code == 200
    await world.settle()
    assert [one.subject for one in world.mail("rao")[:2]] == [
        "Your account at Svastha is open again",
        "Your account at Svastha is suspended",
    ]
    notes = await world.sql(None, "SELECT why FROM audit_entries WHERE action = 'suspend' AND whose = $1", IDS["rao"])
    assert [one["why"] for one in notes] == [WHY["why"]]


async def test_nobody_suspends_herself_or_the_last_who_runs_the_platform(world: World, desk: Desk) -> None:
    jaya = await world.api("jaya")
    assert (await jaya.post(f"/platform/people/{IDS['jaya']}/suspend", json=WHY)).status_code == 403
    assert (
        await jaya.post("/platform/people/01900000-0000-7000-8000-00000000ffff/suspend", json=WHY)
    ).status_code == 404


async def test_the_platform_ends_all_sessions(world: World, desk: Desk) -> None:
    jaya, rao, page = await world.api("jaya"), await world.api("rao"), await world.web("rao")
    assert (await rao.get("/me")).status_code == 200
    assert (await jaya.post(f"/platform/people/{IDS['rao']}/end-sessions")).status_code == 204
    assert (await rao.get("/me")).status_code == 401
    assert (await page.get("/doctor")).status_code == 303


async def test_a_lost_second_factor_is_replaced_by_link_and_password_together(world: World, desk: Desk) -> None:
    jaya, nobody = await world.api("jaya"), await world.api()
    path = f"/platform/people/{IDS['rao']}/second-factor/reset"
    await world.sql(None, "DELETE FROM totp_secrets")
    assert (await jaya.post(path, json=WHY)).status_code == 409
    await world.sql(
        None, "INSERT INTO totp_secrets (account_id, sealed, confirmed_at) VALUES ($1, '\\x00', now())", IDS["rao"]
    )
    before = await world.api("rao")
    assert (await jaya.post(path, json=WHY)).status_code == 204
    await world.settle()
    letters = world.mail("rao")[:2]
    [secret] = [one.text.split("/second-factor-lost/")[1].split()[0] for one in letters if "/second-" in one.text]
    assert len(letters) == 2
    login = await nobody.post("/auth/login", json={"contact": email("rao"), "password": PASSWORD})
    assert login.json()["code"] == "second_factor_required"
    lost = {"challenge": login.json()["challenge"], "secret": secret}
    other = await nobody.post("/auth/login/second-factor/lost", json=lost | {"secret": "x" * 43})
    assert other.status_code == 404
    wrong = await nobody.post("/auth/login/second-factor/lost", json=lost | {"challenge": "y" * 43})
    assert wrong.status_code == 401
    answer = await nobody.post("/auth/login/second-factor/lost", json=lost)
    assert answer.status_code == 200
    assert (await before.get("/me")).status_code == 401
    # In, but her work waits for the new factor.
    nobody.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
    refused = await nobody.get("/clinics/asha/appointments/01900000-0000-7000-8000-00000000ffff/note")
    assert (await nobody.get("/me")).status_code == 200
    assert refused.status_code in (403, 404)
    await world.settle()
    assert any("your recovery codes were removed" in one.text for one in world.mail("rao"))
    login = await nobody.post("/auth/login", json={"contact": email("rao"), "password": PASSWORD})
    assert login.status_code == 200  # none is asked for before one is set up
    again = await nobody.post("/auth/login/second-factor/lost", json=lost)
    assert again.status_code == 401
