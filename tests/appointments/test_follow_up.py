"""The next visit with the same doctor, linked to the first."""

from datetime import datetime

import pytest

from tests.appointments.visits import at_rao, book, done, posted, row
from tests.cast import IDS, RAO, World


@pytest.mark.parametrize("name", ["ananya", "rao", "farida"])
async def test_it_reserves_the_same_doctor_and_links_to_the_first(world: World, name: str) -> None:
    first, client = await done(world), await world.api(name)
    free = await world.free()
    wish = {"starts_at": free[5].isoformat(), "mode": "video", "reason": "As agreed"}
    answer = await posted(client, first["id"], "follow-up", wish)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["kind"], made["follows_id"], made["doctor_id"]) == ("follow_up", first["id"], str(RAO))
    assert (made["patient_id"], made["status"]) == (first["patient_id"], "confirmed")
    assert (await row(world, made["id"]))["made_by"] == IDS[name]
    await world.sql("asha", "UPDATE appointments SET status = 'completed' WHERE id = $1::text::uuid", made["id"])
    # what follows a follow-up belongs to the same first visit
    third = await posted(client, made["id"], "follow-up", wish | {"starts_at": free[9].isoformat()})
    assert third.json()["follows_id"] == first["id"]
    if name == "ananya":
        fourth = await book(client, at_rao(free[12], follows_id=made["id"]))
        assert (fourth.json()["kind"], fourth.json()["follows_id"]) == ("follow_up", first["id"])
    taken = await posted(client, first["id"], "follow-up", wish | {"starts_at": free[9].isoformat()})
    assert taken.status_code == 409


async def test_only_what_took_place_is_followed_and_only_by_those_of_the_visit(world: World) -> None:
    first, coming = await done(world), await world.booked("kavya")
    wish = {"starts_at": (await world.free())[5].isoformat(), "mode": "video"}
    for name in ("kavya", "iyer", "hari", "indu"):
        assert (await posted(await world.api(name), first["id"], "follow-up", wish)).status_code == 404
    for name in ("kavya", "rao", "farida"):
        assert (await posted(await world.api(name), coming["id"], "follow-up", wish)).status_code == 404
    kavya = await world.api("kavya")
    at = datetime.fromisoformat(wish["starts_at"])
    assert (await book(kavya, at_rao(at, follows_id=first["id"]))).status_code == 404


@pytest.mark.parametrize("name", ["ananya", "rao"])
async def test_a_home_visit_is_followed_at_the_same_home(world: World, name: str) -> None:
    await world.sql("asha", "UPDATE offers SET mode = 'home_visit', areas = '{4110}' WHERE mode = 'in_person'")
    await world.sql("asha", "UPDATE weekly_hours SET modes = '{home_visit}'")
    free = await world.free(mode="home_visit")
    first = (await book(await world.api("ananya"), at_rao(free[0], "home_visit", area="411001"))).json()
    await world.sql("asha", "UPDATE appointments SET status = 'completed'")
    wish = {"starts_at": free[3].isoformat(), "mode": "home_visit"}
    made = await posted(await world.api(name), first["id"], "follow-up", wish)
    assert (made.status_code, made.json().get("area")) == (201, "411001"), made.text
