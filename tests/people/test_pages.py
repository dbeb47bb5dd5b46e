"""The same through pages, as people do it: by forms, with what was typed kept, and a link whose secret stays hidden."""

from typing import Any

import httpx

from tests.cast import IDS, PASSWORD, World, email
from tests.people.conftest import Desk


def cookies_of(answer: httpx.Response) -> str:
    return "; ".join(line.split(";")[0] for line in answer.headers.get_list("set-cookie"))


async def opened(client: httpx.AsyncClient, secret: str) -> Any:
    """The link as a browser follows it: into a cookie, and on without the secret."""
    first = await client.get(f"/invitation/{secret}")
    assert (first.status_code, first.headers["location"]) == (303, "/invitation")
    assert "Secure" in first.headers["set-cookie"] and "HttpOnly" in first.headers["set-cookie"]
    client.headers["cookie"] = "; ".join(filter(None, [client.headers.get("cookie", ""), cookies_of(first)]))
    return await client.get("/invitation")


async def test_invite_accept_change_and_end_by_forms(world: World, desk: Desk) -> None:
    gita, kavya = await world.web("gita"), await world.web("kavya")
    form = (await gita.get("/c/asha/people/invite")).text
    assert "Send the invitation" in form and "Runs the platform" not in form
    wrong = await gita.post("/c/asha/people/invite", data={"contact": "nobody", "roles": ["receptionist"]})
    assert wrong.status_code == 422 and 'value="nobody"' in wrong.text and "checked" in wrong.text
    wish = {"contact": email("kavya"), "roles": ["receptionist", "therapist"], "until": "2050-01-31"}
    assert (await gita.post("/c/asha/people/invite", data=wish)).status_code == 303
    assert email("kavya") in (await gita.get("/c/asha/people")).text
    secret = await desk.link_of("kavya")
    page = await opened(kavya, secret)
    assert "Gita Menon invites you" in page.text and secret not in page.text
    assert (await kavya.post("/invitation")).headers["location"] == "/desk"
    assert (await kavya.get("/desk")).status_code == 200
    listed = (await gita.get("/c/asha/people")).text
    assert "Kavya Deshpande" in listed and "Therapist" in listed and email("kavya") not in listed
    person = f"/c/asha/people/{IDS['kavya']}"
    assert "given by Gita Menon" in (await gita.get(person)).text
    refused = await gita.post(f"{person}/roles", data={"role": "auditor", "until": "2001-01-01"})
    assert refused.status_code == 422 and 'value="2001-01-01"' in refused.text
    assert (await gita.post(f"{person}/roles", data={"role": "auditor"})).status_code == 303
    grant = await desk.grant_of("kavya", "receptionist")
    assert (await gita.post(f"{person}/roles/{grant}/end")).status_code == 303
    assert (await kavya.get("/desk")).status_code == 404
    last = await desk.grant_of("gita", "clinic_admin")
    answer = await gita.post(f"/c/asha/people/{IDS['gita']}/roles/{last}/end")
    assert answer.status_code == 409 and "Somebody has to be in charge" in answer.text


async def test_a_new_colleague_opens_her_account_with_the_link(world: World, desk: Desk) -> None:
    gita, nobody = await world.web("gita"), await world.web()
    await gita.post("/c/asha/people/invite", data={"contact": "Lata@cast.test", "roles": "receptionist"})
    page = await opened(nobody, await desk.link_of("lata@cast.test"))
    assert "Open an account and accept" in page.text
    weak = await nobody.post("/invitation/join", data={"name": "Lata", "password": "12345678"})
    assert weak.status_code == 422 and 'value="Lata"' in weak.text
    joined = await nobody.post("/invitation/join", data={"name": "Lata Joshi", "password": "three quiet rivers"})
    assert (joined.status_code, joined.headers["location"]) == (303, "/desk")
    again = await nobody.post("/invitation/join", data={"name": "Lata Joshi", "password": "three quiet rivers"})
    assert again.status_code == 404
    nobody.headers["cookie"] = cookies_of(joined)
    assert (await nobody.get("/desk")).status_code == 200


async def test_whoever_has_an_account_signs_in_first(world: World, desk: Desk) -> None:
    gita, nobody = await world.web("gita"), await world.web()
    await gita.post("/c/asha/people/invite", data={"contact": email("kavya"), "roles": "receptionist"})
    page = await opened(nobody, await desk.link_of("kavya"))
    assert "/sign-in?next=/invitation" in page.text and "/invitation/join" not in page.text
    taken = await nobody.post("/invitation/join", data={"name": "Kavya", "password": "three quiet rivers"})
    assert taken.status_code == 409
    assert (await nobody.post("/invitation")).status_code == 303
    for secret in ("none", "%00", "é", "x" * 5000):
        nobody.headers["cookie"] = ""
        assert (await nobody.get(f"/invitation/{secret}")).status_code in (303, 404)
        assert (await nobody.get("/invitation")).status_code == 404


async def test_declined_by_a_button(world: World, desk: Desk) -> None:
    gita, nobody = await world.web("gita"), await world.web()
    await gita.post("/c/asha/people/invite", data={"contact": email("kavya"), "roles": "receptionist"})
    page = await opened(nobody, await desk.link_of("kavya"))
    assert 'action="/invitation/decline"' in page.text
    done = await nobody.post("/invitation/decline")
    assert (done.status_code, done.headers["location"]) == (303, "/")
    again = await nobody.post("/invitation/decline")
    assert again.status_code == 404 and "used, taken back or has run out" in again.text
    assert email("kavya") not in (await gita.get("/c/asha/people")).text


async def test_step_up_comes_before_the_form(world: World, desk: Desk) -> None:
    gita = await world.web("gita")
    await world.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")
    for path in ("people/invite", f"people/{IDS['farida']}", "people/policy", "keys/new"):
        answer = await gita.get(f"/c/asha/{path}")
        assert answer.status_code == 303 and answer.headers["location"].startswith("/step-up?")


async def test_a_key_is_shown_once(world: World, desk: Desk) -> None:
    gita = await world.web("gita")
    assert "visit.read" in (await gita.get("/c/asha/keys/new")).text
    wrong = await gita.post("/c/asha/keys", data={"name": "Tally", "scopes": "visit.read", "days": "x"})
    assert wrong.status_code == 422 and 'value="Tally"' in wrong.text
    wish = {"name": "Tally", "scopes": "visit.read", "days": "30", "networks": "10.0.0.0/8\n127.0.0.1"}
    made = await gita.post("/c/asha/keys", data=wish)
    assert made.status_code == 200 and made.headers["cache-control"] == "no-store"
    key = "svk_" + made.text.split("svk_")[1].split("<")[0].strip()
    system = await world.api()
    system.headers["authorization"] = f"Bearer {key}"
    assert (await system.get("/clinics/asha/appointments")).status_code == 200
    listed = (await gita.get("/c/asha/keys")).text
    assert "Tally" in listed and key not in listed
    [row] = await world.sql(None, "SELECT id FROM api_keys")
    assert (await gita.post(f"/c/asha/keys/{row['id']}/revoke")).status_code == 303
    assert (await system.get("/clinics/asha/appointments")).status_code == 401


async def test_the_clinic_says_who_needs_a_second_factor(world: World, desk: Desk) -> None:
    gita = await world.web("gita")
    assert "Accountant" in (await gita.get("/c/asha/people/policy")).text
    assert (await gita.post("/c/asha/people/policy", data={"roles": "receptionist"})).status_code == 303
    assert (await gita.post("/c/asha/people/policy", data={"roles": ["doctor", "receptionist"]})).status_code == 422
    assert (await gita.post("/c/asha/people/policy", data={})).status_code == 303
    [row] = await world.sql(None, "SELECT second_factor_roles FROM clinics WHERE slug = 'asha'")
    assert row["second_factor_roles"] == []


async def test_the_platform_finds_suspends_and_reinstates(world: World, desk: Desk) -> None:
    jaya, indu = await world.web("jaya"), await world.web("indu")
    found = await indu.post("/platform/people", data={"contact": email("rao")})
    assert found.headers["location"] == f"/platform/people/{IDS['rao']}"
    assert (await indu.post("/platform/people", data={"contact": "gone@cast.test"})).status_code == 404
    seen = await indu.get(found.headers["location"])
    assert "Dr Meera Rao" in seen.text and "Suspend the account" not in seen.text
    path = f"/platform/people/{IDS['rao']}"
    assert "Suspend the account" in (await jaya.get(path)).text
    assert (await jaya.post(f"{path}/suspend", data={"why": ""})).status_code == 422
    assert (await jaya.post(f"{path}/suspend", data={"why": "left"})).status_code == 303
    assert "Reinstate the account" in (await jaya.get(path)).text
    assert (await jaya.post(f"{path}/reinstate", data={"why": "back"})).status_code == 303
    role = f"/platform/people/{IDS['kavya']}"
    assert (await jaya.post(f"{role}/roles", data={"role": "support"})).status_code == 303
    grant = await desk.grant_of("kavya", "support")
    assert (await jaya.post(f"{role}/roles/{grant}/end")).status_code == 303
    assert (await jaya.get("/platform/people")).status_code == 200


async def test_a_lost_second_factor_by_pages(world: World, desk: Desk) -> None:
    jaya, nobody = await world.web("jaya"), await world.web()
    await world.sql(
        None,
        "INSERT INTO totp_secrets (account_id, sealed, confirmed_at) VALUES ($1, '\\x00', now())"
        " ON CONFLICT (account_id) DO UPDATE SET confirmed_at = now()",
        IDS["farida"],
    )
    reset = f"/platform/people/{IDS['farida']}/reset"
    assert (await jaya.post(reset, data={"why": "Showed her passport in a call"})).status_code == 303
    await world.settle()
    [secret] = [
        one.text.split("/second-factor-lost/")[1].split()[0] for one in world.mail("farida") if "-lost/" in one.text
    ]
    first = await nobody.get(f"/second-factor-lost/{secret}")
    nobody.headers["cookie"] = cookies_of(first)
    assert "First sign in" in (await nobody.get("/second-factor-lost")).text
    assert (await nobody.post("/second-factor-lost")).status_code == 401
    step = await nobody.post("/sign-in", data={"contact": email("farida"), "password": PASSWORD})
    assert step.headers["location"] == "/sign-in/second-factor"
    nobody.headers["cookie"] += "; " + cookies_of(step)
    assert "Remove the old ones" in (await nobody.get("/second-factor-lost")).text
    done = await nobody.post("/second-factor-lost")
    assert done.status_code == 303
    nobody.headers["cookie"] = cookies_of(done)
    assert (await nobody.get("/security")).status_code == 200
