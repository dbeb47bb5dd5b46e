"""What cancelling late costs: versioned, public, kept with the booking, fixed when it happens."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.appointments.visits import ASHA, at_rao, book, moved, posted, row, shift, steps
from tests.cast import World

STRICT = {"free_until_minutes": 1440, "late_percent": 80, "no_show_percent": 90}


async def test_a_policy_is_public_and_a_visit_keeps_its_own(world: World) -> None:
    nobody, gita, ananya = await world.api(), await world.api("gita"), await world.api("ananya")
    first = (await nobody.get(f"{ASHA}/policy")).json()
    assert (first["version"], first["free_until_minutes"], first["late_percent"]) == (1, 120, 50)
    old = await world.booked("ananya")
    for _ in range(2):  # the same once more is no new version
        changed = await gita.put(f"{ASHA}/policy", json=STRICT)
        assert (changed.status_code, changed.json()["version"]) == (200, 2)
    new = (await book(ananya, at_rao((await world.free())[4]))).json()
    assert (old["policy"], new["policy"]) == (1, 2)
    held = (await ananya.post(f"{ASHA}/holds", json=at_rao((await world.free())[8]))).json()
    await gita.put(f"{ASHA}/policy", json=STRICT | {"late_percent": 10})
    became = (await book(ananya, at_rao((await world.free())[8], hold_id=held["id"]))).json()
    assert became["policy"] == 3  # what is in force when she books, not when she looked
    for visit in (old, new):
        await shift(world, visit["id"], timedelta(hours=5))
        cost = (await ananya.get(f"{ASHA}/appointments/{visit['id']}/cost")).json()
        gone = (await posted(ananya, visit["id"], "cancel")).json()
        late = visit is new
        assert cost == {"late": late, "charge_percent": 80 * late, "fee_due_paise": 40000 * late}
        assert (gone["charge_percent"], gone["fee_due_paise"]) == (80 * late, 40000 * late)
        assert (await steps(world, visit["id"]))[-1]["charge_percent"] == 80 * late


@pytest.mark.parametrize(
    ("name", "body", "percent"),
    [
        ("ananya", None, 50),
        ("ananya", {"for_patient": False}, 50),
        ("farida", None, 0),
        ("rao", {"why": "away"}, 0),
        ("farida", {"for_patient": True}, 50),
    ],
)
async def test_late_costs_the_patient_who_wants_it_and_nobody_else(
    world: World, name: str, body: Any, percent: int
) -> None:
    booked, client = await world.booked(), await world.api(name)
    await shift(world, booked["id"], timedelta(hours=1))
    gone = (await posted(client, booked["id"], "cancel", body)).json()
    assert (gone["charge_percent"], gone["fee_due_paise"]) == (percent, 500 * percent)
    again = (await posted(client, booked["id"], "cancel", body)).json()
    assert again["charge_percent"] == percent


async def test_two_hours_before_it_is_free_and_a_minute_later_not(world: World) -> None:
    ananya, free = await world.api("ananya"), await world.free()
    for by, percent in ((timedelta(hours=2, minutes=1), 0), (timedelta(hours=1, minutes=59), 50)):
        booked = await world.booked("ananya", at=free[percent // 10])
        await shift(world, booked["id"], by)
        assert (await posted(ananya, booked["id"], "cancel")).json()["charge_percent"] == percent


async def test_moved_late_is_possible_and_keeps_its_price(world: World) -> None:
    booked, free = await world.booked(), await world.free()
    ananya, farida = await world.api("ananya"), await world.api("farida")
    early = (await moved(ananya, booked["id"], free[4])).json()
    assert early["charge_percent"] is None
    await shift(world, booked["id"], timedelta(hours=1))
    assert (await moved(farida, booked["id"], free[5])).json()["charge_percent"] is None  # the clinic wanted it
    await shift(world, booked["id"], timedelta(hours=1))
    cost = await ananya.get(f"{ASHA}/appointments/{booked['id']}/cost", params={"of": "rescheduled"})
    assert cost.json()["charge_percent"] == 50
    assert (await moved(ananya, booked["id"], free[6])).json()["fee_due_paise"] == 25000
    # cancelled in good time afterwards, the late move is still owed; once missed, that
    gone = (await posted(ananya, booked["id"], "cancel")).json()
    assert gone["charge_percent"] == 50
    assert [step["charge_percent"] for step in await steps(world, booked["id"])] == [None, None, None, 50, 50]


async def test_who_did_not_come_owes_until_that_is_taken_back(world: World) -> None:
    booked, farida = await world.booked(), await world.api("farida")
    await shift(world, booked["id"], -timedelta(minutes=5))
    missed = (await posted(farida, booked["id"], "no-show")).json()
    assert (missed["charge_percent"], missed["fee_due_paise"]) == (100, 50000)
    assert (await posted(farida, booked["id"], "check-in")).status_code == 200
    assert (await row(world, booked["id"]))["charge_percent"] is None


async def test_only_who_runs_the_clinic_sets_it_and_only_to_what_can_be(world: World) -> None:
    for name in ("ananya", "rao", "farida", "hari", "indu", "jaya"):
        assert (await (await world.api(name)).put(f"{ASHA}/policy", json=STRICT)).status_code == 404
    gita = await world.api("gita")
    for wrong in ({"late_percent": 101}, {"no_show_percent": -1}, {"free_until_minutes": 20161}, {"late_percent": "x"}):
        assert (await gita.put(f"{ASHA}/policy", json=STRICT | wrong)).status_code in (400, 422)
    answers = await asyncio.gather(
        *(gita.put(f"{ASHA}/policy", json=STRICT | {"late_percent": percent}) for percent in range(6))
    )
    assert sorted(answer.json()["version"] for answer in answers) == list(range(2, 8))
