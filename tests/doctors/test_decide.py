"""The desk decides, the doctor is told, and everything of it stays."""

from datetime import timedelta

import asyncpg
import pytest

from svastha.kit.clock import now
from tests.cast import IDS, IYER, RAO, World
from tests.doctors.applying import WHOLE, applied, decided, upload


async def test_from_submitted_to_verified(world: World) -> None:
    id = await applied(world)
    assert (await decided(world, id, "ask_for_more")).status_code == 422, "a reason is needed"
    asked = await decided(world, id, "ask_for_more", "The scan of your degree cannot be read.")
    assert asked.json()["state"] == "more_wanted"
    await world.settle()
    kavya = await world.api("kavya")
    hers = (await kavya.get("/me/doctor")).json()
    assert hers["history"][-1]["reason"] == "The scan of your degree cannot be read."
    await upload(kavya, "degree")
    assert (await kavya.post("/me/doctor/submit")).json()["state"] == "submitted"
    assert (await decided(world, id, "verify")).json()["state"] == "verified"
    assert (await decided(world, id, "verify")).status_code == 409
    await world.settle()
    mails = world.mail("kavya")
    assert len(mails) == 2 and "verified" in mails[0].text and "/doctor/onboarding" in mails[0].text
    assert all("degree" not in mail.text and "scan" not in mail.text for mail in mails), "why is read on the page"
    steps = await world.sql(
        None, "SELECT step, by_account, facts FROM verifications WHERE doctor_id = $1 ORDER BY at", id
    )
    assert [row["step"] for row in steps] == ["submit", "ask_for_more", "submit", "verify"]
    assert steps[1]["by_account"] == IDS["jaya"] and "I-12345-A" in str(steps[3]["facts"])
    noted = await world.sql(None, "SELECT action FROM audit_entries WHERE subject_id = $1", str(id))
    assert {"submit", "ask_for_more", "verify", "read"} <= {row["action"] for row in noted}


async def test_history_is_only_ever_added_to(world: World) -> None:
    for statement in (
        "UPDATE verifications SET reason = 'x'",
        "DELETE FROM verifications",
        "TRUNCATE verifications CASCADE",
    ):
        with pytest.raises(asyncpg.PostgresError):
            await world.sql(None, statement)


@pytest.mark.parametrize("name", ["ananya", "rao", "farida", "gita", "indu"])
async def test_nobody_else_has_this_desk(world: World, name: str) -> None:
    id, client = await applied(world), await world.api(name)
    for answer in (
        await client.get("/platform/doctors"),
        await client.get(f"/platform/doctors/{id}"),
        await client.post(f"/platform/doctors/{id}/decisions", json={"decision": "verify"}),
    ):
        assert answer.status_code == 404
    assert (await world.sql(None, "SELECT state FROM doctors WHERE id = $1", id))[0]["state"] == "submitted"


async def test_nobody_decides_about_herself_or_about_what_has_changed(world: World) -> None:
    id = await applied(world)
    seen = (await (await world.api("jaya")).get(f"/platform/doctors/{id}")).json()["application"]
    await (await world.api("kavya")).put("/me/doctor", json={"registration_no": "I-99"})
    stale = await decided(world, id, "verify", version=seen["version"])
    assert stale.status_code == 409 and stale.json()["code"] == "changed_meanwhile"
    own = await applied(world, "jaya", registration_no="J-1")
    assert (await decided(world, own, "verify")).json()["code"] == "own_application"


async def test_the_desk_lists_by_state_oldest_first_and_searches(world: World) -> None:
    first = await applied(world, "kavya")
    second = await applied(world, "ananya", registration_no="Z-7", name="Percent 100% Name")
    jaya = await world.api("jaya")
    page = (await jaya.get("/platform/doctors", params={"state": "submitted", "limit": 1})).json()
    assert [one["id"] for one in page["items"]] == [str(first)]
    page = (
        await jaya.get("/platform/doctors", params={"state": "submitted", "limit": 1, "cursor": page["next_cursor"]})
    ).json()
    assert [one["id"] for one in page["items"]] == [str(second)] and page["next_cursor"] is None
    for q, found in (("z 7", [second]), ("100%", [second]), ("zzz", []), ("%", [second]), ("deshpande", [first])):
        items = (await jaya.get("/platform/doctors", params={"q": q})).json()["items"]
        assert [one["id"] for one in items] == [str(id) for id in found], q
    await (await world.api("gita")).put("/me/doctor", json={})
    assert len((await jaya.get("/platform/doctors")).json()["items"]) == 4, "a draft is nobody's business"


async def test_who_changes_what_was_verified_waits_again_but_not_for_her_words(world: World) -> None:
    rao = await world.api("rao")
    free = await rao.put("/me/doctor", json={"about": "New words", "languages": ["en", "mr"]})
    assert free.json()["state"] == "verified"
    changed = await rao.put("/me/doctor", json={"registration_no": "T-other"})
    assert changed.json()["state"] == "submitted" and changed.json()["history"][-1]["step"] == "change"
    assert (await (await world.api()).get(f"/doctors/{RAO}")).status_code == 404
    assert (await world.sql("asha", "SELECT bookable FROM practitioners"))[0]["bookable"] is False
    assert (await rao.get("/clinics/asha/appointments")).status_code == 200, "she still sees her patients"
    assert (await decided(world, RAO, "verify")).json()["state"] == "verified"
    assert (await world.sql("asha", "SELECT bookable FROM practitioners"))[0]["bookable"] is True
    assert (await (await world.api()).get(f"/doctors/{RAO}")).status_code == 200


async def test_a_registration_ends_on_its_day(world: World) -> None:
    today = now().date()
    id = await applied(world, valid_to=(today + timedelta(days=400)).isoformat())
    await decided(world, id, "verify")
    planned = await world.sql(None, "SELECT id, run_at FROM jobs WHERE kind = 'doctors.lapse' ORDER BY run_at")
    assert len(planned) == 2 and planned[1]["run_at"] - planned[0]["run_at"] == timedelta(days=30)
    ended = today - timedelta(days=2)
    await world.sql(None, "UPDATE doctors SET valid_to = $2 WHERE id = $1", id, ended)
    await world.sql(
        None,
        "UPDATE jobs SET run_at = now(), payload = jsonb_set(payload, '{valid_to}', to_jsonb($2::text)) WHERE id = $1",
        planned[1]["id"],
        ended.isoformat(),
    )
    hers = (await (await world.api("kavya")).get("/me/doctor")).json()
    assert hers["lapsed"] and not hers["may_practise"], "the calendar decides, with or without the job"
    await world.settle()
    assert "has ended" in world.mail("kavya")[0].text
    [step] = await world.sql(None, "SELECT step FROM verifications WHERE doctor_id = $1 ORDER BY at DESC LIMIT 1", id)
    assert step["step"] == "lapse"
    renewed = await (await world.api("kavya")).put(
        "/me/doctor", json={"valid_to": (today + timedelta(days=900)).isoformat()}
    )
    assert renewed.json()["state"] == "submitted"


async def test_the_invented_doctors_are_verified_and_their_history_says_how(world: World) -> None:
    for id in (RAO, IYER):
        steps = await world.sql(None, "SELECT step FROM verifications WHERE doctor_id = $1", id)
        assert [row["step"] for row in steps] == ["demo"]


async def test_suspended_and_refused_registrations_stay_as_they_are(world: World) -> None:
    await decided(world, RAO, "suspend", "A complaint")
    rao = await world.api("rao")
    assert (await rao.put("/me/doctor", json={"name": "Other"})).status_code == 409
    id = await applied(world)
    await decided(world, id, "refuse", "Not a register we know")
    assert (await (await world.api("kavya")).put("/me/doctor", json=WHOLE | {"about": "x"})).status_code == 409
