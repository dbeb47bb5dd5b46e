"""Nobody gives more than she has, elsewhere, for longer or to herself; and what was taken is gone at once."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.cast import IDS, World
from tests.people.conftest import Desk

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
NEXT_YEAR = (datetime.now(UTC) + timedelta(days=365)).isoformat()


async def test_a_clinic_admin_gives_a_role_and_it_works_at_once(world: World, desk: Desk) -> None:
    gita, farida = await world.api("gita"), await world.api("farida")
    assert (await farida.get("/clinics/asha/people")).status_code == 404
    assert (await desk.appoint(gita, "farida", "clinic_admin")).status_code == 204
    assert (await farida.get("/clinics/asha/people")).status_code == 200
    [note] = await world.sql(
        None, "SELECT * FROM audit_entries WHERE action = 'grant clinic_admin' AND account_id = $1", IDS["gita"]
    )
    assert note["whose"] == IDS["farida"]
    await world.settle()
    assert "Runs the clinic" in world.mail("farida")[0].text


async def test_never_above_oneself_elsewhere_or_for_oneself(world: World, desk: Desk) -> None:
    gita, farida = await world.api("gita"), await world.api("farida")
    assert (await desk.appoint(gita, "farida", "platform_admin")).status_code == 422
    assert (await desk.appoint(gita, "farida", "support")).status_code == 422
    assert (await desk.appoint(gita, "iyer", "receptionist", "nadi")).status_code == 404
    assert (await desk.appoint(gita, "gita", "doctor")).json()["code"] == "not_yourself"
    assert (await desk.appoint(farida, "rao", "receptionist")).status_code == 404
    # Whoever does not work there is invited, not appointed.
    assert (await desk.appoint(gita, "ananya", "receptionist")).status_code == 404
    assert (await desk.appoint(gita, "farida", "nothing")).status_code == 422
    for name in ("farida", "ananya", "gita"):
        rows = await world.sql(None, "SELECT role FROM grants WHERE account_id = $1", IDS[name])
        assert [row["role"] for row in rows] in (["receptionist"], [], ["clinic_admin"])


async def test_never_for_longer_than_ones_own(world: World, desk: Desk) -> None:
    ends = datetime.now(UTC) + timedelta(days=30)
    await desk.put("kavya", "clinic_admin", until=ends)
    kavya = await desk.two("kavya")
    for until in (None, NEXT_YEAR):
        answer = await desk.appoint(kavya, "farida", "accountant", until=until)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "until"
    assert (await desk.appoint(kavya, "farida", "accountant", until=TOMORROW)).status_code == 204


async def test_a_role_begins_and_ends_when_it_was_said(world: World, desk: Desk) -> None:
    gita, farida = await world.api("gita"), await world.api("farida")
    answer = await desk.appoint(gita, "farida", "clinic_admin", from_at=TOMORROW, until=NEXT_YEAR)
    assert answer.status_code == 204
    assert (await farida.get("/clinics/asha/people")).status_code == 404
    assert (await desk.appoint(gita, "farida", "clinic_admin", from_at=NEXT_YEAR, until=TOMORROW)).status_code == 422
    listed = (await desk.people())[str(IDS["farida"])]
    assert {post["role"]: post["until"] is None for post in listed["posts"]} == {
        "clinic_admin": False,
        "receptionist": True,
    }


async def test_who_was_dismissed_may_nothing_with_the_next_request(world: World, desk: Desk) -> None:
    await world.booked()
    gita, farida, page = await world.api("gita"), await world.api("farida"), await world.web("farida")
    assert (await farida.get("/clinics/asha/appointments")).json()["items"]
    assert (await page.get("/desk")).status_code == 200
    assert (await desk.dismiss(gita, "farida", "receptionist")).status_code == 204
    assert (await page.get("/desk")).status_code == 404
    assert (await farida.get("/clinics/asha/appointments")).json()["items"] == []
    await world.settle()
    assert "has ended" in world.mail("farida")[0].text
    assert (await desk.dismiss(gita, "iyer", "doctor")).status_code == 404  # of another clinic


async def test_the_last_one_who_runs_the_clinic_stays(world: World, desk: Desk) -> None:
    gita = await world.api("gita")
    answer = await desk.dismiss(gita, "gita", "clinic_admin")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    jaya = await world.api("jaya")
    assert (await desk.dismiss(jaya, "gita", "clinic_admin")).status_code == 409
    later = {"role": "clinic_admin", "from_at": TOMORROW}
    put_off = await jaya.post(f"/clinics/asha/people/{IDS['gita']}/roles", json=later)
    assert put_off.status_code == 409
    assert (await desk.appoint(gita, "farida", "clinic_admin")).status_code == 204
    assert (await desk.dismiss(gita, "gita", "clinic_admin")).status_code == 204


async def test_of_two_who_dismiss_each_other_at_once_one_remains(world: World, desk: Desk) -> None:
    for _ in range(5):
        await world.sql(None, "DELETE FROM grants WHERE account_id = $1", IDS["kavya"])
        await world.sql(None, "DELETE FROM grants WHERE account_id = $1 AND role = 'clinic_admin'", IDS["gita"])
        await desk.put("gita", "clinic_admin")
        await desk.put("kavya", "clinic_admin")
        gita, kavya = await desk.two("gita"), await desk.two("kavya")
        answers = await asyncio.gather(
            desk.dismiss(gita, "kavya", "clinic_admin"), desk.dismiss(kavya, "gita", "clinic_admin")
        )
        # The second was stopped at the door, or by what she may by then, or by being the last.
        assert sorted(answer.status_code for answer in answers)[0] == 204
        assert sorted(answer.status_code for answer in answers)[1] in (403, 404, 409)
        left = await world.sql(
            None,
            "SELECT 1 FROM grants JOIN clinics c ON c.id = clinic_id AND slug = 'asha' WHERE role = 'clinic_admin'",
        )
        assert len(left) == 1


async def test_the_platform_appoints_anywhere_and_never_loses_its_last_admin(world: World, desk: Desk) -> None:
    jaya, indu = await world.api("jaya"), await world.api("indu")
    assert (await desk.appoint(jaya, "kavya", "receptionist", "nadi")).status_code == 204
    answer = await jaya.post(f"/platform/people/{IDS['indu']}/roles", json={"role": "platform_admin"})
    assert answer.status_code == 204
    assert (await indu.get("/platform/people")).status_code == 200
    refused = await jaya.post(f"/platform/people/{IDS['jaya']}/roles", json={"role": "support"})
    assert refused.status_code == 403
    assert (await jaya.post(f"/platform/people/{IDS['indu']}/roles", json={"role": "doctor"})).status_code == 422
    for name, status in (("indu", 204), ("jaya", 409)):
        grant = await desk.grant_of(name, "platform_admin")
        assert (await jaya.delete(f"/platform/people/{IDS[name]}/roles/{grant}")).status_code == status


async def test_who_gives_a_role_has_proven_herself_lately(world: World, desk: Desk) -> None:
    gita = await world.api("gita")
    await world.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")
    answer = await desk.appoint(gita, "farida", "accountant")
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


async def test_a_clinic_asks_more_of_its_reception_from_one_request_to_the_next(world: World, desk: Desk) -> None:
    gita = await world.api("gita")
    one_factor = await world.api()
    token = await world.token("farida", "api", second_factor=False)
    one_factor.headers["authorization"] = f"Bearer {token}"
    assert (await one_factor.get("/clinics/asha/appointments")).status_code == 200
    before = await world.web()
    before.headers["cookie"] = f"__Host-session={await world.token('farida', 'browser', second_factor=False)}"
    assert (await before.get("/desk")).status_code == 200
    for roles, status in ((["doctor"], 422), (["patient"], 422), (["receptionist"], 204)):
        answer = await gita.put("/clinics/asha/people/policy", json={"second_factor_roles": roles})
        assert answer.status_code == status
    assert (await before.get("/desk")).status_code == 303
    assert (await gita.get("/clinics/asha/people/policy")).json() == {"second_factor_roles": ["receptionist"]}
