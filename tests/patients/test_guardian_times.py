"""When guardianships begin and end: two answers at once, and the eighteenth birthday where the clinic is."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from svastha.domain.patients.begin import of_age_at
from tests.cast import World
from tests.patients.test_guardians import HERE, MEERA, accepted, invited, registered

KOLKATA = ZoneInfo("Asia/Kolkata")
ZONES = st.sampled_from(["Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"]).map(ZoneInfo)


async def test_of_all_answers_to_one_invitation_one_counts(world: World) -> None:
    id = await invited(world, "ananya", "kavya")
    kavya, ananya = await world.api("kavya"), await world.api("ananya")
    path = f"/clinics/asha/guardian-invitations/{id}"
    answers = await asyncio.gather(
        *(kavya.post(f"{path}/accept") for _ in range(4)),
        kavya.post(f"{path}/decline"),
        ananya.delete(f"{HERE}/guardian-invitations/{id}"),
    )
    said = sorted(one.status_code for one in answers)
    assert said[0] in (201, 204) and said[1:] == [404] * 5
    [made] = await world.sql("asha", "SELECT count(*) FROM guardianships")
    [noted] = await world.sql(
        "asha", "SELECT count(*) FROM audit_entries WHERE action IN ('accept', 'decline', 'revoke')"
    )
    assert (made[0], noted[0]) == (int(201 in said), 1)


async def test_two_who_end_it_at_once_end_it_once(world: World) -> None:
    id = await accepted(world, "ananya", "kavya")
    farida = await world.api("farida")
    clients = [await world.api(name) for name in ("ananya", "kavya")]
    answers = await asyncio.gather(
        *(client.delete(f"{HERE}/guardians/{id}") for client in clients for _ in range(2)),
        farida.post(f"/clinics/asha/guardians/{id}/end", json={"why": "asked to"}),
    )
    assert sorted(one.status_code for one in answers) == [204] + [404] * 4
    [noted] = await world.sql("asha", "SELECT count(*) FROM audit_entries WHERE action = 'end'")
    assert noted[0] == 1


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), ZONES)
def test_of_age_from_the_first_moment_of_the_birthday_on(born: date, where: ZoneInfo) -> None:
    def years(on: date) -> int:
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))

    at = of_age_at(born, where).astimezone(where)
    before = at.astimezone(UTC) - timedelta(seconds=1)
    assert years(at.date()) == 18 and at.time() == time()
    assert years(before.astimezone(where).date()) == 17


async def test_a_birthday_is_where_the_clinic_is(world: World) -> None:
    """Who is eighteen today, by the calendar of the clinic, is of age; who is tomorrow is not, until midnight there."""
    today = datetime.now(KOLKATA).date()
    ananya = await world.api("ananya")
    if (today.month, today.day) == (2, 29):
        today -= timedelta(days=1)
    of_age = MEERA | {"birth_date": today.replace(year=today.year - 18).isoformat()}
    refused = await ananya.post(f"{HERE}/dependants", json=of_age)
    assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == "may_act"
    next_day = today + timedelta(days=3)
    minor = await registered(
        world, "ananya", MEERA | {"birth_date": next_day.replace(year=next_day.year - 18).isoformat()}
    )
    assert datetime.fromisoformat(minor["valid_until"]) == datetime.combine(next_day, time(), KOLKATA)


async def test_what_ends_on_its_own_is_told_once(world: World) -> None:
    meera = await registered(world)
    await accepted(world, "ananya", "kavya", patient_id=meera["patient_id"])
    kavya = await world.api("kavya")
    [hers] = (await kavya.get(f"{HERE}/dependants")).json()["items"]
    assert hers["valid_until"] == meera["valid_until"], "of a child it ends for everybody"
    assert (await kavya.delete(f"{HERE}/guardians/{hers['id']}")).status_code == 204
    await world.settle()
    before = {name: len(world.mail(name)) for name in ("ananya", "kavya")}
    await world.sql("asha", "UPDATE guardianships SET valid_until = now() WHERE ended_by IS NULL")
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'patients.tell_lapsed'")
    await world.settle()
    assert {name: len(world.mail(name)) - count for name, count in before.items()} == {"ananya": 1, "kavya": 0}
    assert "is over" in world.mail("ananya")[0].text and "Meera" not in world.mail("ananya")[0].subject


async def test_whoever_lets_somebody_act_for_her_shows_once_more_that_it_is_she(world: World) -> None:
    """Else a session that was stolen for a moment would see her visits for years."""
    ananya, web = await world.api("ananya"), await world.web("ananya")
    await world.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")
    asked = await ananya.post(f"{HERE}/guardians", json={"contact": "thief@cast.test", "relation": "son"})
    assert (asked.status_code, asked.json()["code"]) == (403, "step_up_required")
    form = {"contact": "thief@cast.test", "relation": "son"}
    for answer in (await web.get("/c/asha/family/invite"), await web.post("/c/asha/family/invite", data=form)):
        assert answer.status_code == 303 and answer.headers["location"].startswith("/step-up?next=")
    assert not await world.sql("asha", "SELECT 1 FROM guardian_invitations")
