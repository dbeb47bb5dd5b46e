"""Another time: chosen by the patient, with her terms before her eyes, or by the clinic, with a reason she reads."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.cast import IYER, RAO, World
from tests.queue.test_queue import second_doctor


async def at(world: World, visit: dict[str, Any]) -> datetime:
    [row] = await world.sql("asha", "SELECT starts_at FROM appointments WHERE id = $1", UUID(visit["id"]))
    found: datetime = row["starts_at"]
    return found


async def begins_in(world: World, visit: dict[str, Any], minutes: int) -> None:
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = $2::timestamptz, ends_at = $2::timestamptz + interval '20 min'"
        " WHERE id = $1",
        UUID(visit["id"]),
        datetime.now(UTC) + timedelta(minutes=minutes),
    )


async def test_a_patient_moves_her_visit(world: World) -> None:
    visit, free = await world.booked("ananya"), await world.free(after=timedelta(days=4))
    ananya, url = await world.web("ananya"), f"/c/asha/visits/{visit['id']}"
    page = (await ananya.get(f"{url}/move?next=/home")).text
    assert "Moving it is free of charge until" in page and f'value="{visit["starts_at"]}"' not in page
    assert 'name="why"' not in page and 'name="wished"' not in page, "she owes nobody a reason"
    assert re.search(r'name="starts_at" value="[^"]+" required', page)

    answer = await ananya.post(f"{url}/move", data={"starts_at": free[2].isoformat(), "version": "0", "next": "/home"})

    assert answer.status_code == 303 and answer.headers["location"] == "/home"
    assert await at(world, visit) == free[2]
    page = (await ananya.get(url)).text
    assert "Moved" in page and "by you" in page
    for name in ("kavya", "hari", "iyer"):
        stranger = await world.web(name)
        assert (await stranger.get(f"{url}/move")).status_code == 404
        assert (await stranger.post(f"{url}/move", data={"starts_at": free[4].isoformat()})).status_code == 404
    assert await at(world, visit) == free[2]


async def test_late_terms_are_said_before_she_moves(world: World) -> None:
    terms = {"free_until_minutes": 120, "late_percent": 50, "no_show_percent": 100}
    assert (await (await world.api("gita")).put("/clinics/asha/policy", json=terms)).status_code == 200
    visit, ananya = await world.booked("ananya"), await world.web("ananya")
    url = f"/c/asha/visits/{visit['id']}"
    assert "Moving it is free of charge until" in (await ananya.get(f"{url}/move")).text
    await begins_in(world, visit, 60)
    page = (await ananya.get(f"{url}/move")).text
    assert "It is late: if you move it now, 50 % of the fee stay due" in page
    page = (await (await world.web("farida")).get(f"{url}/move")).text
    assert "It is late" not in page and "(her cancellation terms apply)" in page
    await begins_in(world, visit, -1)
    assert (await ananya.get(f"{url}/move")).headers["location"] == url, "it has begun"


async def test_the_desk_moves_it_with_a_reason_that_she_reads(world: World) -> None:
    await second_doctor(world)
    visit, farida = await world.booked("ananya"), await world.web("farida")
    free, url = await world.free(after=timedelta(days=4)), f"/c/asha/visits/{visit['id']}"
    page = (await farida.get(f"{url}/move")).text
    assert 'name="why"' in page and "Dr Arvind Iyer" in page and f'value="{IYER}"' in page
    form = {"starts_at": free[0].isoformat(), "doctor_id": str(RAO), "why": "The roof leaks.", "version": "0"}
    assert (await farida.post(f"{url}/move", data=form)).headers["location"] == url
    page = (await (await world.web("ananya")).get(url)).text
    assert "The roof leaks." in page and "by the clinic" in page
    await world.settle()
    assert all("roof" not in letter.subject for letter in world.mail("ananya"))


async def test_who_moves_it_second_is_told_and_offered_other_times(world: World) -> None:
    visit, free = await world.booked("ananya"), await world.free(after=timedelta(days=4))
    url, farida, gita = f"/c/asha/visits/{visit['id']}", await world.web("farida"), await world.web("gita")
    form = {"starts_at": free[0].isoformat(), "version": "0"}
    assert (await farida.post(f"{url}/move", data=form)).status_code == 303
    second = await gita.post(f"{url}/move", data={**form, "starts_at": free[5].isoformat()})
    assert second.status_code == 409 and 'role="alert"' in second.text
    assert 'name="version" value="1"' in second.text, "from here on she decides knowingly"
    assert await at(world, visit) == free[0]
    assert (await gita.post(f"{url}/move", data={"starts_at": free[5].isoformat(), "version": "1"})).status_code == 303
    assert await at(world, visit) == free[5]


async def test_a_time_that_was_taken_meanwhile_leaves_three_others(world: World) -> None:
    visit, other, ananya = await world.booked("ananya"), await world.booked("kavya"), await world.web("ananya")
    url = f"/c/asha/visits/{visit['id']}"
    taken = await ananya.post(f"{url}/move", data={"starts_at": other["starts_at"], "version": "0"})
    assert taken.status_code == 409 and taken.text.count('class="btn lg" style="width:100%"') == 3
    times = re.findall(r'name="starts_at" value="([^"]+)"><button class="btn lg"', taken.text)
    assert (await ananya.post(f"{url}/move", data={"starts_at": times[0]})).status_code == 303
    assert await at(world, visit) == datetime.fromisoformat(times[0])


@pytest.mark.parametrize("name", ["ananya", "rao", "farida"])
async def test_a_follow_up_is_booked_with_the_same_doctor(world: World, name: str) -> None:
    visit, browser = await world.booked("ananya"), await world.web(name)
    url, free = f"/c/asha/visits/{visit['id']}", await world.free(after=timedelta(days=4))
    assert (await browser.get(f"{url}/again")).status_code == 303, "there was no visit yet"
    await world.sql("asha", "UPDATE appointments SET status = 'completed' WHERE id = $1", UUID(visit["id"]))
    page = (await browser.get(f"{url}/again?mode=video")).text
    assert "Book a follow-up visit" in page and 'name="why"' not in page
    form = {"starts_at": free[3].isoformat(), "mode": "video", "key": f"again-{name}", "next": "/work"}
    for _ in range(2):
        answer = await browser.post(f"{url}/again", data=form)
        assert answer.status_code == 303, answer.text
    [row] = await world.sql("asha", "SELECT doctor_id, kind, starts_at FROM appointments WHERE follows_id IS NOT NULL")
    assert tuple(row) == (RAO, "follow_up", free[3])
    taken = await browser.post(f"{url}/again", data={**form, "key": "new"})
    assert taken.status_code == 409
    assert (await (await world.web("kavya")).post(f"{url}/again", data=form)).status_code == 404


async def test_a_version_that_is_no_number_of_ours_is_refused(world: World) -> None:
    booked, browser = await world.booked(), await world.web("ananya")
    for version in ("9" * 5000, "9" * 30):
        data = {"starts_at": (await world.free())[5].isoformat(), "version": version}
        answer = await browser.post(f"/c/asha/visits/{booked['id']}/move", data=data)
        assert answer.status_code in (400, 409, 422)
