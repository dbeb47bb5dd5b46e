"""Taking one's own data along, closing the account, and coming back."""

import io
import json
import re
import zipfile

import pytest

from svastha.kit.ids import uuid7
from tests.cast import IDS, PASSWORD, World, email


async def aged(world: World) -> None:
    await world.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")


async def test_one_takes_along_what_is_known_about_oneself(world: World) -> None:
    booked = await world.booked("ananya", reason="I sleep badly")
    ananya, kavya = await world.api("ananya"), await world.api("kavya")
    answer = await ananya.get("/me/export")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    account = json.loads(archive.read("account.json"))
    assert account["me"]["email"] == email("ananya") and account["sessions"]
    record = json.loads(archive.read("clinics/asha.json"))
    assert (
        record["entries"][0]["visit"]["id"] == booked["id"]
        and record["entries"][0]["visit"]["reason"] == "I sleep badly"
    )
    hers = zipfile.ZipFile(io.BytesIO((await kavya.get("/me/export")).content))
    assert "clinics/asha.json" not in hers.namelist()
    for name in archive.namelist():
        assert not re.search(rb"argon2|password_hash|token_hash", archive.read(name))
    stale = await world.api("ananya")
    await aged(world)
    assert (await stale.get("/me/export")).json()["code"] == "step_up_required"


async def test_who_has_visits_to_come_cancels_them_first(world: World) -> None:
    booked = await world.booked("ananya")
    ananya = await world.api("ananya")
    assert (await ananya.post("/me/close")).json()["code"] == "visits_to_come"
    key = {"idempotency-key": str(uuid7())}
    await ananya.post(f"/clinics/asha/appointments/{booked['id']}/cancel", json={}, headers=key)
    assert (await ananya.post("/me/close")).status_code == 200


async def test_who_alone_runs_a_clinic_hands_it_over_first(world: World) -> None:
    gita = await world.api("gita")
    assert (await gita.post("/me/close")).json()["code"] == "last_admin"
    assert (await gita.get("/me")).status_code == 200


async def test_a_closed_account_is_shut_at_once_and_opens_again_by_its_link(world: World) -> None:
    kavya, other = await world.api("kavya"), await world.web("kavya")
    page = await other.get("/security/close")
    assert page.status_code == 200 and "ten years" in page.text
    assert (await other.post("/security/close", data={})).status_code == 422
    closed = await other.post("/security/close", data={"sure": "yes"})
    assert closed.status_code == 303 and "Clear-Site-Data" in closed.headers
    assert (await kavya.get("/me")).status_code == 401
    nobody = await world.api()
    credentials = {"contact": email("kavya"), "password": PASSWORD}
    unknown = await nobody.post("/auth/login", json=credentials | {"contact": "nobody@cast.test"})
    refused = await nobody.post("/auth/login", json=credentials)
    assert refused.status_code == unknown.status_code == 401
    assert refused.json()["code"] == unknown.json()["code"]
    await world.settle()
    [letter] = [m for m in world.mail("kavya") if "/reopen/" in m.text]
    [path] = re.findall(r"/reopen/\S+", letter.text)
    web = await world.web()
    assert (await web.get(path)).status_code == 200
    assert (await web.get(path[:-2] + "xx")).status_code == 404
    assert (await web.post(path)).status_code == 303
    assert (await nobody.post("/auth/login", json=credentials)).status_code == 200
    assert (await web.post(path)).status_code == 409, "once"


async def test_after_two_weeks_nothing_names_her_any_more(world: World) -> None:
    kavya = await world.api("kavya")
    assert (await kavya.post("/me/close")).status_code == 200
    await world.settle()
    assert (await world.sql(None, "SELECT count(*) AS n FROM contacts WHERE account_id = $1", IDS["kavya"]))[0][
        "n"
    ] == 1
    await world.sql(None, "UPDATE jobs SET run_at = now() WHERE kind = 'accounts.erase'")
    await world.settle()
    [row] = await world.sql(None, "SELECT name, password_hash FROM accounts WHERE id = $1", IDS["kavya"])
    assert (row["name"], row["password_hash"]) == ("–", None)
    for table in ("contacts", "identities", "passkeys", "totp_secrets", "grants", "devices"):
        found = await world.sql(None, f"SELECT count(*) AS n FROM {table} WHERE account_id = $1", IDS["kavya"])
        assert found[0]["n"] == 0, table
    nobody = await world.api()
    again = {"email": email("kavya"), "password": "three quiet rivers run", "name": "Kavya"}
    assert (await nobody.post("/auth/register", json=again)).status_code == 201, "her address is free again"


@pytest.mark.parametrize("path", ["/security/export", "/security/close"])
async def test_the_pages_ask_once_more_who_it_is(world: World, path: str) -> None:
    kavya = await world.web("kavya")
    assert (await kavya.get(path)).status_code == 200
    await aged(world)
    stale = await world.web("kavya")
    await aged(world)
    assert (await stale.get(path)).headers["location"].startswith("/step-up?next=")
