"""Who may act for whom: a mother for her child, a son for his father, and nobody else."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.cast import IDS, RAO, World, email

MEERA = {"name": "Meera Deshpande", "birth_date": "2019-03-02", "sex": "female", "relation": "mother"}
ROHAN = MEERA | {"name": "Rohan Deshpande", "birth_date": "2021-07-14", "sex": "male"}
FATHER = {"name": "Vasant Deshpande", "birth_date": "1948-01-30", "sex": "male", "relation": "daughter"}
HERE = "/clinics/asha/me"


async def registered(world: World, name: str = "ananya", who: dict[str, Any] = MEERA) -> dict[str, Any]:
    client = await world.api(name)
    answer = await client.post(f"{HERE}/dependants", json=who)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def invited(world: World, by: str, whom: str, **more: Any) -> str:
    """The invitation, with its message delivered."""
    client = await world.api(by)
    sent = await client.post(f"{HERE}/guardians", json={"contact": email(whom), "relation": "sister"} | more)
    assert sent.status_code == 201, sent.text
    await world.settle()
    return str(sent.json()["id"])


async def accepted(world: World, by: str, whom: str, **more: Any) -> str:
    id, client = await invited(world, by, whom, **more), await world.api(whom)
    answer = await client.post(f"/clinics/asha/guardian-invitations/{id}/accept")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def booking(
    world: World, name: str, patient_id: str | None, at: datetime | None = None, **more: Any
) -> httpx.Response:
    at = at or (await world.free())[0]
    wish = {"doctor_id": str(RAO), "starts_at": at.isoformat(), "mode": "video", "patient_id": patient_id} | more
    client = await world.api(name)
    return await client.post("/clinics/asha/appointments", json=wish, headers={"idempotency-key": str(uuid4())})


async def everything_about(world: World, name: str, visit: dict[str, Any]) -> dict[str, int]:
    """What each door about the child's visit says to somebody."""
    client, page = await world.api(name), await world.web(name)
    at, here = f"/clinics/asha/appointments/{visit['id']}", f"/c/asha/visits/{visit['id']}"
    wish = {"doctor_id": str(RAO), "starts_at": visit["starts_at"], "mode": "video", "patient_id": visit["patient_id"]}
    answers = {
        "visit": await client.get(at),
        "prescription": await client.get(f"{at}/prescription"),
        "pdf": await client.get(f"{at}/prescription.pdf"),
        "token": await client.post(f"{at}/video-token"),
        "seen": await client.get("/me/record/seen", params={"patient_id": visit["patient_id"]}),
        "hold": await client.post("/clinics/asha/holds", json=wish),
        "book": await client.post("/clinics/asha/appointments", json=wish, headers={"idempotency-key": str(uuid4())}),
        "invite": await client.post(
            f"{HERE}/guardians",
            json={"contact": "x@cast.test", "relation": "carer", "patient_id": visit["patient_id"]},
        ),
        "page": await page.get(here),
        "calendar": await page.get(f"{here}/visit.ics"),
        "looks": await page.get("/record/seen", params={"patient": visit["patient_id"]}),
        "check in": await client.post(f"{at}/check-in"),
        "cancel": await client.post(f"{at}/cancel"),
    }
    return {door: answer.status_code for door, answer in answers.items()}


async def signed(world: World, visit: dict[str, Any]) -> None:
    """The visit is in progress, with a signed prescription."""
    rao, at = await world.api("rao"), f"/clinics/asha/appointments/{visit['id']}"
    await world.sql("asha", "UPDATE appointments SET status = 'in_progress' WHERE id = $1", UUID(visit["id"]))
    rx = {"items": [{"medicine": "Triphala", "days": 7}], "diet": "", "advice": ""}
    assert (await rao.put(f"{at}/prescription", json=rx, headers={"if-match": '"0"'})).status_code == 200
    answer = await rao.post(f"{at}/prescription/sign", headers={"if-match": '"1"'})
    assert answer.status_code in (200, 201), answer.text
    await world.settle()


async def test_a_mother_does_for_her_child_what_a_patient_does_and_a_stranger_finds_nothing(world: World) -> None:
    meera = await registered(world)
    booked = await booking(world, "ananya", meera["patient_id"], reason="Coughs at night")
    assert booked.status_code == 201, booked.text
    visit = booked.json()
    assert (visit["patient_name"], visit["as_guardian"]) == ("Meera Deshpande", True)
    await signed(world, visit)
    for name in ("kavya", "iyer", "hari", "indu", "jaya"):
        assert set((await everything_about(world, name, visit)).values()) == {404}, name
        assert (await (await world.api(name)).get("/clinics/asha/appointments")).json()["items"] == []
    hers = await everything_about(world, "ananya", visit)
    assert hers["hold"] in (409, 422) and hers.pop("hold") and hers["book"] in (409, 422) and hers.pop("book")
    assert (hers.pop("check in"), hers.pop("cancel")) == (409, 409), "a visit in progress does neither"
    assert set(hers.values()) == {200, 201}, hers
    ananya, rao = await world.api("ananya"), await world.api("rao")
    at = f"/clinics/asha/appointments/{visit['id']}"
    assert (await ananya.get(at)).json()["reason"] == "Coughs at night"
    assert (await ananya.post(f"{at}/video-token")).json()["role"] == "patient"
    assert (await rao.get(at)).json()["guardians"][0]["relation"] == "mother"
    assert [one["id"] for one in (await ananya.get("/clinics/asha/appointments")).json()["items"]] == [visit["id"]]
    assert [one["as_guardian"] for one in (await ananya.get("/me/appointments")).json()["items"]] == [True]
    looks = (await ananya.get("/me/record/seen", params={"patient_id": meera["patient_id"]})).json()["items"]
    assert {look["name"] for look in looks} == {"Dr Meera Rao"}
    assert (await ananya.get("/me/record/seen")).json()["items"] == [], "she is no patient here herself"


async def test_what_a_guardian_does_is_noted_as_the_patients(world: World) -> None:
    meera = await registered(world)
    visit = (await booking(world, "ananya", meera["patient_id"])).json()
    ananya = await world.api("ananya")
    for step in ("", "/check-in", "/cancel"):
        at = f"/clinics/asha/appointments/{visit['id']}{step}"
        assert (await (ananya.post(at) if step else ananya.get(at))).status_code == 200
    noted = await world.sql("asha", "SELECT action, whose FROM audit_entries WHERE account_id = $1", IDS["ananya"])
    assert {row["action"] for row in noted} >= {"register", "book", "read", "checked_in", "cancelled"}
    assert {str(row["whose"]) for row in noted} == {meera["patient_id"]}


async def test_messages_about_a_child_go_to_those_who_act_for_her(world: World) -> None:
    meera = await registered(world)
    await accepted(world, "ananya", "kavya", patient_id=meera["patient_id"])
    await world.settle()
    visit = (await booking(world, "ananya", meera["patient_id"])).json()
    await world.settle()
    await signed(world, visit)
    for name in ("ananya", "kavya"):
        ready, confirmed = world.mail(name)[:2]
        assert "Meera Deshpande" in confirmed.text and "Meera" not in confirmed.subject + ready.subject
        assert "confirmed" in confirmed.subject and "document" in ready.subject and "Triphala" not in ready.text
    await world.sql("asha", "UPDATE guardianships SET valid_until = now() WHERE account_id = $1", IDS["kavya"])
    await world.sql("asha", "UPDATE appointments SET status = 'confirmed'")
    before = len(world.mail("kavya"))
    await (await world.api("rao")).post(f"/clinics/asha/appointments/{visit['id']}/cancel", json={"why": "ill"})
    await world.settle()
    assert "cancelled" in world.mail("ananya")[0].subject and len(world.mail("kavya")) == before


async def test_a_guardian_of_one_child_does_not_see_another(world: World) -> None:
    meera, rohan = await registered(world), await registered(world, "ananya", ROHAN)
    await accepted(world, "ananya", "kavya", patient_id=meera["patient_id"])
    times = await world.free()
    hers = (await booking(world, "ananya", meera["patient_id"], times[0])).json()
    his = (await booking(world, "ananya", rohan["patient_id"], times[1])).json()
    kavya = await world.api("kavya")
    assert (await kavya.get(f"/clinics/asha/appointments/{hers['id']}")).status_code == 200
    assert set((await everything_about(world, "kavya", his)).values()) == {404}
    assert [one["id"] for one in (await kavya.get("/clinics/asha/appointments")).json()["items"]] == [hers["id"]]
    assert [one["patient_id"] for one in (await kavya.get(f"{HERE}/dependants")).json()["items"]] == [
        meera["patient_id"]
    ]


@pytest.mark.parametrize("by", ["ananya", "kavya", "farida", "gita"])
async def test_what_has_ended_counts_nowhere_from_the_next_request_on(world: World, by: str) -> None:
    """By the patient, by the guardian herself, or by the desk."""
    visit = await world.booked("ananya")
    id = await accepted(world, "ananya", "kavya")
    kavya, ending = await world.api("kavya"), await world.api(by)
    at = f"/clinics/asha/appointments/{visit['id']}"
    assert (await kavya.get(at)).status_code == 200
    stranger = await world.api("hari")
    assert (await stranger.delete(f"{HERE}/guardians/{id}")).status_code == 404
    desk = by in ("farida", "gita")

    async def end() -> httpx.Response:
        if desk:
            return await ending.post(f"/clinics/asha/guardians/{id}/end", json={"why": "No longer\nneeded"})
        return await ending.delete(f"{HERE}/guardians/{id}")

    if desk:
        unsaid = await ending.post(f"/clinics/asha/guardians/{id}/end", json={"why": " "})
        assert unsaid.status_code == 422 and unsaid.json()["errors"][0]["field"] == "why"
        assert (await ending.delete(f"{HERE}/guardians/{id}")).status_code == 404
    assert (await end()).status_code == 204
    assert (await kavya.get(at)).status_code == 404
    assert set((await everything_about(world, "kavya", visit)).values()) == {404}
    assert (await end()).status_code == 404
    ananya = await world.api("ananya")
    assert (await ananya.get(at)).status_code == 200
    assert (await ananya.get(f"{HERE}/guardians")).json()["items"] == []
    await world.settle()
    for name in ("ananya", "kavya"):
        told = world.mail(name)[0]
        assert "no longer" in told.subject and "Kavya Deshpande no longer acts for Ananya Deshpande" in told.text
        assert ("No longer needed" in told.text) is desk and "Deshpande" not in told.subject
    [noted] = await world.sql("asha", "SELECT account_id, why FROM audit_entries WHERE action = 'end'")
    assert noted["account_id"] == IDS[by] and noted["why"] == ("No longer needed" if desk else None)


async def test_the_desk_sees_who_acts_and_makes_nobody(world: World) -> None:
    meera = await registered(world)
    farida = await world.api("farida")
    path = f"/clinics/asha/patients/{meera['patient_id']}/guardians"
    assert [one["name"] for one in (await farida.get(path)).json()["items"]] == ["Ananya Deshpande"]
    for name in ("ananya", "kavya", "rao", "hari"):
        assert (await (await world.api(name)).get(path)).status_code == 404
    body = {"contact": email("kavya"), "relation": "carer", "patient_id": meera["patient_id"]}
    assert (await farida.post(f"{HERE}/guardians", json=body)).status_code == 404


async def test_only_who_has_the_address_accepts_and_only_while_it_stands(world: World) -> None:
    id = await invited(world, "ananya", "kavya", until=(datetime.now(UTC) + timedelta(days=30)).isoformat())
    letter = world.mail("kavya")[0]
    assert id in letter.text and "Ananya" not in letter.subject
    [row] = await world.sql("asha", "SELECT sealed FROM guardian_invitations")
    assert b"kavya" not in row["sealed"]
    path = f"/clinics/asha/guardian-invitations/{id}"
    for name in ("rao", "farida", "jaya", "ananya"):
        client = await world.api(name)
        assert (await client.get(path)).status_code == 404
        assert (await client.post(f"{path}/accept")).status_code == 404
    kavya, ananya = await world.api("kavya"), await world.api("ananya")
    assert (await kavya.get(path)).json()["patient_name"] == "Ananya Deshpande"
    both = await asyncio.gather(kavya.post(f"{path}/accept"), kavya.post(f"{path}/accept"))
    assert sorted(one.status_code for one in both) == [201, 404]
    [hers] = (await kavya.get(f"{HERE}/dependants")).json()["items"]
    assert hers["valid_until"] and not hers["may_invite"]
    again = await invited(world, "ananya", "kavya")
    path = f"/clinics/asha/guardian-invitations/{again}/accept"
    assert (await kavya.post(path)).json()["code"] == "acts_already"
    assert (await ananya.delete(f"{HERE}/guardian-invitations/{again}")).status_code == 204
    assert (await kavya.post(path)).status_code == 404, "taken back"


async def test_nobody_guards_herself_nor_passes_on_what_was_lent_to_her(world: World) -> None:
    ananya, kavya = await world.api("ananya"), await world.api("kavya")
    mine = await ananya.post(f"{HERE}/guardians", json={"contact": email("ananya"), "relation": "carer"})
    assert mine.status_code == 409 and mine.json()["code"] == "own_guardian"
    meera = await registered(world)
    await accepted(world, "ananya", "kavya", patient_id=meera["patient_id"])
    body = {"contact": email("hari"), "relation": "carer", "patient_id": meera["patient_id"]}
    assert (await kavya.post(f"{HERE}/guardians", json=body)).status_code == 404
    waiting = await invited(world, "ananya", "hari", patient_id=meera["patient_id"])
    assert (await ananya.delete(f"{HERE}/guardians/{meera['id']}")).status_code == 204
    hari = await world.api("hari")
    assert (await hari.post(f"/clinics/asha/guardian-invitations/{waiting}/accept")).status_code == 404


async def test_invitations_cannot_flood_strangers(world: World) -> None:
    ananya = await world.api("ananya")
    answers = [
        await ananya.post(f"{HERE}/guardians", json={"contact": f"x{n}@cast.test", "relation": "carer"})
        for n in range(11)
    ]
    assert [one.status_code for one in answers] == [201] * 10 + [429]
    assert answers[-1].headers["retry-after"]


async def test_two_who_act_for_one_child_book_one_visit_at_a_time(world: World) -> None:
    meera = await registered(world)
    await accepted(world, "ananya", "kavya", patient_id=meera["patient_id"])
    at = (await world.free())[0]
    answers = await asyncio.gather(
        *(booking(world, name, meera["patient_id"], at) for name in ("ananya", "kavya") for _ in range(3))
    )
    assert sorted(one.status_code for one in answers) == [201, *[409] * 5]
    [count] = await world.sql("asha", "SELECT count(*) FROM appointments WHERE status = 'confirmed'")
    assert count[0] == 1


async def test_a_child_that_comes_of_age_is_nobodys_any_more(world: World) -> None:
    today = date.today()
    tomorrow = today + timedelta(days=2)
    almost = MEERA | {"birth_date": tomorrow.replace(year=tomorrow.year - 18).isoformat()}
    meera = await registered(world, "ananya", almost)
    assert meera["valid_until"][:10] in (tomorrow.isoformat(), (tomorrow - timedelta(days=1)).isoformat())
    later = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    await accepted(world, "ananya", "kavya", patient_id=meera["patient_id"], until=later)
    visit = (await booking(world, "ananya", meera["patient_id"])).json()
    ends = await world.sql("asha", "SELECT valid_until FROM guardianships")
    assert len({row["valid_until"] for row in ends}) == 1, "the second one's ends on the same day"
    await world.sql(
        "asha",
        "UPDATE guardianships SET valid_from = valid_from - interval '3 days', valid_until = valid_until - interval"
        " '3 days'",
    )
    for name in ("ananya", "kavya"):
        assert set((await everything_about(world, name, visit)).values()) == {404}


async def test_an_adult_is_registered_by_whoever_states_that_she_may(world: World) -> None:
    ananya = await world.api("ananya")
    refused = await ananya.post(f"{HERE}/dependants", json=FATHER)
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "may_act"
    father = await registered(world, "ananya", FATHER | {"may_act": True})
    assert father["valid_until"] is None
    [row] = await world.sql("asha", "SELECT basis, granted_by FROM guardianships")
    assert (row["basis"], row["granted_by"]) == ("stated", IDS["ananya"])
    [entry] = await world.sql("asha", "SELECT why FROM audit_entries WHERE action = 'register'")
    assert "stated" in entry["why"]
    assert (await ananya.post(f"{HERE}/dependants", json=FATHER | {"may_act": True})).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": "a\x00b"},
        {"birth_date": "2999-01-01"},
        {"birth_date": "1700-01-01"},
        {"birth_date": "soon"},
        {"sex": "x"},
        {"relation": "boss"},
    ],
)
async def test_what_is_wrong_with_a_dependant_is_said(world: World, wrong: dict[str, str]) -> None:
    ananya = await world.api("ananya")
    answer = await ananya.post(f"{HERE}/dependants", json=MEERA | wrong)
    assert answer.status_code == 422, answer.text
    assert await world.sql("asha", "SELECT 1 FROM patients WHERE account_id IS NULL") == []


async def test_a_doctor_who_is_the_mother_is_the_doctor_in_her_own_visits(world: World) -> None:
    meera = await registered(world, "rao")
    visit = (await booking(world, "rao", meera["patient_id"])).json()
    rao = await world.api("rao")
    assert (await rao.post(f"/clinics/asha/appointments/{visit['id']}/admit")).status_code == 200
    assert (await rao.post(f"/clinics/asha/appointments/{visit['id']}/video-token")).json()["role"] == "doctor"
