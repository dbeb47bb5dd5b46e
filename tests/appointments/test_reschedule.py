"""A visit that is moved stays the same visit, and two people who move things at once lose nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from svastha.kit.ids import uuid7
from tests.appointments.visits import ASHA, ask_first, at_rao, book, moved, posted, row, second_doctor, shift, steps
from tests.cast import IDS, IYER, RAO, World


@pytest.mark.parametrize(("name", "kept"), [("ananya", None), ("rao", "a private word"), ("farida", "a private word")])
async def test_it_keeps_everything_but_its_time(world: World, name: str, kept: str | None) -> None:
    booked, client = await world.booked("ananya", reason="mine alone"), await world.api(name)
    free = await world.free()
    await world.settle()
    before = await row(world, booked["id"])
    answer = await moved(client, booked["id"], free[5], why="a private  word")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["id"], told["status"], told["version"]) == (booked["id"], "confirmed", 1)
    assert datetime.fromisoformat(told["starts_at"]) == free[5]
    after = await row(world, booked["id"])
    changed = {key for key, _ in before.items() if before[key] != after[key]}
    assert changed == {"starts_at", "ends_at", "sequence"}
    [_, step] = await steps(world, booked["id"])
    was = datetime.fromisoformat(booked["starts_at"])
    assert (step["status"], step["by_account"], step["from_at"], step["to_at"]) == (
        "rescheduled",
        IDS[name],
        was,
        free[5],
    )
    assert (step["why"], step["charge_percent"]) == (kept, None)
    assert was in (now_free := await world.free()) and free[5] not in now_free
    await world.settle()
    [first, last] = [one.attachments[0].text for one in reversed(world.mail("ananya"))]
    events = [Calendar.from_ical(text).walk("VEVENT")[0] for text in (first, last)]
    assert events[0]["uid"] == events[1]["uid"] and events[1]["sequence"] > events[0]["sequence"]
    assert events[1]["dtstart"].dt == free[5]
    assert "private" not in world.mail("ananya")[0].text


async def test_a_time_that_is_not_free_is_refused_with_three_others_and_nothing_changes(world: World) -> None:
    booked, other = await world.booked("ananya"), await world.booked("kavya")
    ananya, farida = await world.api("ananya"), await world.api("farida")
    before = await row(world, booked["id"])
    taken = datetime.fromisoformat(other["starts_at"])
    mine = await world.booked("ananya", at=(await world.free())[4])
    for client in (ananya, farida):
        for at, status, code in (
            (taken, 409, "slot_taken"),
            (taken + timedelta(minutes=7), 422, "time_not_offered"),
            (datetime.fromisoformat(mine["starts_at"]), 409, "already_booked"),
        ):
            refused = await moved(client, booked["id"], at)
            assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
            assert len(refused.json()["alternatives"]) == 3
    assert await row(world, booked["id"]) == before
    assert len(await steps(world, booked["id"])) == 1
    free = refused.json()["alternatives"][0]["starts_at"]
    assert (await moved(farida, booked["id"], datetime.fromisoformat(free))).status_code == 200


async def test_it_may_overlap_where_it_was(world: World) -> None:
    """What the visit takes now counts as free for itself."""
    both = set(await world.free(mode="in_person")) & set(await world.free(mode="video"))
    booked, ananya = await world.booked(mode="in_person", at=min(both)), await world.api("ananya")
    answer = await moved(ananya, booked["id"], min(both), mode="video")
    assert (answer.status_code, answer.json()["mode"], answer.json()["fee_paise"]) == (200, "video", 50000)


async def test_who_may_move_it_and_until_when(world: World) -> None:
    booked, free = await world.booked("ananya"), await world.free()
    for name, status in (("kavya", 404), ("hari", 404), ("iyer", 404), (None, 401)):
        assert (await moved(await world.api(name), booked["id"], free[3])).status_code == status
    ananya, farida = await world.api("ananya"), await world.api("farida")
    await shift(world, booked["id"], -timedelta(minutes=5))
    assert (await moved(ananya, booked["id"], free[3])).json()["code"] == "not_possible_now"
    assert (await moved(farida, booked["id"], free[3])).status_code == 200
    await shift(world, booked["id"], -timedelta(hours=2))
    assert (await moved(farida, booked["id"], free[4])).json()["code"] == "not_possible_now"
    await shift(world, booked["id"], timedelta(hours=3))
    for status in ("checked_in", "in_progress", "completed", "cancelled", "no_show", "declined", "expired"):
        await world.sql("asha", "UPDATE appointments SET status = $2 WHERE id = $1", UUID(booked["id"]), status)
        refused = await moved(farida, booked["id"], free[4])
        assert (refused.status_code, refused.json()["visit_status"]) == (409, status)


async def test_the_second_of_two_receptionists_is_told_and_nothing_is_lost(world: World) -> None:
    booked, free = await world.booked(), await world.free()
    desks = [await world.api("farida"), await world.api("gita")]
    for round in range(6):
        version = (await row(world, booked["id"]))["sequence"]
        targets = free[5 + 2 * round : 7 + 2 * round]
        answers = await asyncio.gather(
            *(moved(desk, booked["id"], at, if_version=version) for desk, at in zip(desks, targets, strict=True))
        )
        won = [one for one in answers if one.status_code == 200]
        [lost] = [one for one in answers if one.status_code == 409]
        assert len(won) == 1 and lost.json()["code"] == "visit_moved_meanwhile"
        now = await row(world, booked["id"])
        assert now["starts_at"] == datetime.fromisoformat(won[0].json()["starts_at"])
        assert lost.json()["version"] == now["sequence"] == version + 1
        assert len(await steps(world, booked["id"])) == round + 2
    # whoever does not say what she saw comes after the other, and the history has both
    answers = await asyncio.gather(*(moved(desk, booked["id"], free[20 + n]) for n, desk in enumerate(desks)))
    assert [one.status_code for one in answers] == [200, 200]
    trail = (await steps(world, booked["id"]))[1:]
    assert all(a["to_at"] == b["from_at"] for a, b in pairwise(trail)) and len(trail) == 8


async def test_a_move_and_a_booking_of_the_same_time(world: World) -> None:
    booked, free = await world.booked(), await world.free()
    farida, kavya = await world.api("farida"), await world.api("kavya")
    for round in range(6):
        at = free[5 + round]
        move, other = await asyncio.gather(moved(farida, booked["id"], at), book(kavya, at_rao(at)))
        assert sorted([move.status_code, other.status_code]) in ([200, 409], [201, 409])
        live = await world.sql(
            "asha",
            "SELECT id FROM appointments WHERE (starts_at, doctor_id, status) = ($1, $2, 'confirmed')",
            at,
            RAO,
        )
        assert len(live) == 1 and (str(live[0]["id"]) == booked["id"]) == (move.status_code == 200)


async def test_two_visits_change_places_only_one_after_the_other(world: World) -> None:
    one, other = await world.booked("ananya"), await world.booked("kavya")
    farida, gita = await world.api("farida"), await world.api("gita")
    at = [datetime.fromisoformat(visit["starts_at"]) for visit in (one, other)]
    answers = await asyncio.gather(moved(farida, one["id"], at[1]), moved(gita, other["id"], at[0]))
    assert [answer.status_code for answer in answers] == [409, 409]


async def test_the_same_wish_twice_is_one_move(world: World) -> None:
    booked, ananya, free = await world.booked(), await world.api("ananya"), await world.free()
    body = {"starts_at": free[3].isoformat()}
    path, headers = f"{ASHA}/appointments/{booked['id']}/reschedule", {"idempotency-key": "once"}
    first, again = [await ananya.post(path, json=body, headers=headers) for _ in range(2)]
    assert again.headers["idempotency-replayed"] == "true" and again.json() == first.json()
    assert (await ananya.post(path, json=body)).json()["code"] == "idempotency_key_missing"
    assert (await moved(ananya, booked["id"], free[3], if_version=0)).status_code == 200  # there it is
    assert len(await steps(world, booked["id"])) == 2


async def left(world: World, at: datetime) -> dict[UUID, int]:
    """How many video visits the directory knows to be free on that day at Asha, by doctor."""
    rows = await world.sql(
        None,
        "SELECT doctor_id, left_count FROM listing_days l JOIN clinics c ON c.id = l.clinic_id"
        " WHERE c.slug = 'asha' AND mode = 'video' AND day = ($1::timestamptz AT TIME ZONE 'Asia/Kolkata')::date",
        at,
    )
    return {one["doctor_id"]: one["left_count"] for one in rows}


async def test_to_another_doctor(world: World) -> None:
    await second_doctor(world)
    booked, farida, rao = await world.booked(), await world.api("farida"), await world.api("rao")
    at = datetime.fromisoformat(booked["starts_at"])
    await world.settle()
    before = await left(world, at)
    answer = await moved(farida, booked["id"], at, doctor_id=str(IYER))
    assert answer.status_code == 200, answer.text
    assert (answer.json()["doctor_name"], answer.json()["fee_paise"]) == ("Dr Arvind Iyer", 30000)
    assert (await rao.get(f"{ASHA}/appointments/{booked['id']}")).status_code == 404
    assert at in await world.free() and at not in await world.free(doctor=IYER)
    await world.settle()
    assert await left(world, at) == {RAO: before[RAO] + 1, IYER: before[IYER] - 1}
    nobody = await moved(farida, booked["id"], at, doctor_id=str(IDS["indu"]))
    assert nobody.status_code == 404


async def test_the_rooms_it_needs_move_with_it(world: World) -> None:
    branch, room, other_room = uuid7(), uuid7(), uuid7()
    await world.sql("asha", "INSERT INTO branches (id, name) VALUES ($1, 'Main')", branch)
    for id, name in ((room, "Room 1"), (other_room, "Room 2")):
        await world.sql(
            "asha", "INSERT INTO resources (id, branch_id, kind, name) VALUES ($1, $2, 'room', $3)", id, branch, name
        )
    await world.sql("asha", "UPDATE weekly_hours SET branch_id = $1, resources = $2", branch, [room])
    booked, farida = await world.booked(mode="in_person"), await world.api("farida")
    free = await world.free(mode="in_person")
    await world.sql("asha", "UPDATE weekly_hours SET resources = $1", [other_room])
    # somebody else is in the first room at the new time: it is needed no more
    other = await world.booked("kavya", at=(await world.free())[-1])
    await world.sql(
        "asha",
        "INSERT INTO reservations (appointment_id, resource_id, during) VALUES ($1, $2, tstzrange($3, $4))",
        UUID(other["id"]),
        room,
        free[3],
        free[3] + timedelta(minutes=30),
    )
    assert (await moved(farida, booked["id"], free[3])).status_code == 200
    reserved = await world.sql(
        "asha", "SELECT resource_id, during FROM reservations WHERE appointment_id = $1", UUID(booked["id"])
    )
    assert [(one["resource_id"], one["during"].lower) for one in reserved] == [(other_room, free[3])]


async def test_a_request_stays_one_and_is_answered_by_its_new_time_at_the_latest(world: World) -> None:
    await ask_first(world)
    booked, ananya = await world.booked(), await world.api("ananya")
    assert booked["status"] == "requested"
    soon = (await world.free(after=timedelta(hours=1)))[0]
    answer: Any = (await moved(ananya, booked["id"], soon)).json()
    assert answer["status"] == "requested" and datetime.fromisoformat(answer["hold_expires_at"]) <= soon
    await world.sql(
        "asha", "UPDATE appointments SET hold_expires_at = now() - interval '1 s' WHERE id = $1", UUID(booked["id"])
    )
    later = (await world.free())[0]
    assert (await moved(ananya, booked["id"], later)).json()["code"] == "not_possible_now"
    assert (await posted(await world.api("farida"), booked["id"], "confirm")).json()["code"] == "not_possible_now"


async def test_odd_wishes_are_refused_and_none_is_a_fault(world: World) -> None:
    booked, farida = await world.booked(), await world.api("farida")
    good = (await world.free())[3].isoformat()
    for body, statuses in (
        ({}, (400, 422)),
        ({"starts_at": "2026-01-01T00:00:00"}, (400, 422)),
        ({"starts_at": "0001-01-01T00:00:00Z"}, (422,)),
        ({"starts_at": "9999-12-31T23:59:59Z"}, (422,)),
        ({"starts_at": good, "why": "\x00"}, (422,)),
        ({"starts_at": good, "why": "x" * 501}, (400, 422)),
        ({"starts_at": good, "if_version": 10**30}, (400, 409, 422)),
    ):
        answer = await posted(farida, booked["id"], "reschedule", body)
        assert answer.status_code in statuses, (body, answer.text)
    assert (await row(world, booked["id"]))["starts_at"] > datetime.now(UTC)
