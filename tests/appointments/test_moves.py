"""What moves a visit along, and what it leaves behind."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from svastha.domain import appointments, schedule
from svastha.domain.appointments import AppointmentBooked
from svastha.doors import visit
from svastha.kit.refusals import Refusal
from tests.appointments.test_race import invented
from tests.appointments.test_remind import come, in_, no_quiet
from tests.cast import IDS, IYER, RAO, World


async def traces(world: World, name: str) -> list[tuple[str, str]]:
    rows = await world.sql(
        "asha", "SELECT action, subject_kind FROM audit_entries WHERE account_id = $1 ORDER BY at, id", IDS[name]
    )
    return [(row["action"], row["subject_kind"]) for row in rows]


async def shift(world: World, id: str, by: timedelta) -> None:
    """Let a visit begin that long from now."""
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = $2::timestamptz, ends_at = $2::timestamptz + (ends_at - starts_at)"
        " WHERE id = $1",
        UUID(id),
        datetime.now(UTC) + by,
    )


@pytest.mark.parametrize(("name", "kept"), [("ananya", None), ("rao", "a private word"), ("farida", "a private word")])
async def test_why_is_kept_from_the_clinic_alone_and_never_in_the_audit(
    world: World, name: str, kept: str | None
) -> None:
    booked, client = await world.booked(), await world.api(name)
    answer = await client.post(f"/clinics/asha/appointments/{booked['id']}/cancel", json={"why": "a private word"})
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    [step] = await world.sql("asha", "SELECT why FROM appointment_steps WHERE status = 'cancelled'")
    assert step["why"] == kept
    assert not await world.sql("asha", "SELECT 1 FROM audit_entries WHERE why IS NOT NULL")


async def test_who_comes_late_and_finds_her_time_sold_is_told_so(world: World) -> None:
    missed = await world.booked("ananya")
    await shift(world, missed["id"], -timedelta(minutes=5))
    farida, desk = await world.api("farida"), await world.web("farida")
    assert (await desk.post(f"/c/asha/visits/{missed['id']}/no-show")).status_code == 303
    sold = await world.booked("kavya")
    await shift(world, sold["id"], -timedelta(minutes=5))
    late = await farida.post(f"/clinics/asha/appointments/{missed['id']}/check-in")
    assert (late.status_code, late.json()["code"]) == (409, "time_given")
    [row] = await world.sql("asha", "SELECT status FROM appointments WHERE id = $1", UUID(missed["id"]))
    assert row["status"] == "no_show"


@pytest.mark.parametrize("name", ["ananya", "rao", "farida"])
async def test_what_is_over_is_not_cancelled(world: World, name: str) -> None:
    booked, client = await world.booked(), await world.api(name)
    await shift(world, booked["id"], -timedelta(hours=1))
    answer = await client.post(f"/clinics/asha/appointments/{booked['id']}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_possible_now")
    page = await (await world.web(name)).post(f"/c/asha/visits/{booked['id']}/cancel")
    assert page.status_code == 409


@pytest.mark.parametrize(("name", "percent"), [("ananya", 50), ("farida", 0)])
async def test_who_still_waits_when_it_should_be_over_may_go_home(world: World, name: str, percent: int) -> None:
    booked, farida = await world.booked(mode="in_person"), await world.api("farida")
    assert (await farida.post(f"/clinics/asha/appointments/{booked['id']}/check-in")).status_code == 200
    await shift(world, booked["id"], -timedelta(hours=1))
    assert "/cancel" in (await (await world.web(name)).get(f"/c/asha/visits/{booked['id']}")).text
    gone = await (await world.api(name)).post(f"/clinics/asha/appointments/{booked['id']}/cancel")
    assert (gone.status_code, gone.json().get("charge_percent")) == (200, percent)


async def test_a_visit_that_was_cancelled_stays_so_after_its_time(world: World) -> None:
    booked, ananya = await world.booked(), await world.api("ananya")
    for by in (timedelta(hours=1), -timedelta(hours=1)):
        await shift(world, booked["id"], by)
        answer = await ananya.post(f"/clinics/asha/appointments/{booked['id']}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")


async def test_who_checked_in_early_is_still_reminded(world: World) -> None:
    await no_quiet(world)
    booked, ananya = await world.booked(), await world.api("ananya")
    await world.settle()
    await in_(world, booked, timedelta(minutes=59))
    await ananya.post(f"/clinics/asha/appointments/{booked['id']}/check-in")
    await come(world, 60)
    assert len(world.mail("ananya")) == 2


async def test_the_last_word_on_a_visit_cancelled_at_once_is_not_that_it_is_confirmed(world: World) -> None:
    booked, ananya = await world.booked(), await world.api("ananya")
    await ananya.post(f"/clinics/asha/appointments/{booked['id']}/cancel")
    async with visit.to_clinic(world.house, "asha") as tx:
        await appointments.tell_booked(tx, AppointmentBooked(UUID(booked["id"]), RAO), site="x", secret="x", sender="x")
    await world.settle()
    assert ["cancelled" in mail.subject for mail in world.mail("ananya")] == [True]


@pytest.mark.parametrize("name", ["ananya", "farida", "rao"])
async def test_opening_a_visit_leaves_one_trace_of_everybody(world: World, name: str) -> None:
    booked, client = await world.booked(), await world.api(name)
    before = len(await traces(world, name))
    assert (await client.get(f"/clinics/asha/appointments/{booked['id']}")).status_code == 200
    assert (await traces(world, name))[before:] == [("read", "appointment")]


@pytest.mark.parametrize("step", ["check-in", "cancel", "no-show"])
async def test_a_step_leaves_one_trace_of_reading_and_one_of_itself(world: World, step: str) -> None:
    booked, farida = await world.booked(), await world.web("farida")
    await shift(world, booked["id"], -timedelta(minutes=1))
    assert (await farida.post(f"/c/asha/visits/{booked['id']}/{step}")).status_code == 303
    found = await traces(world, "farida")
    assert sorted(found) == sorted(
        [
            ("read", "appointment"),
            ({"check-in": "checked_in", "cancel": "cancelled", "no-show": "no_show"}[step], "appointment"),
        ]
    )


async def test_the_doctors_pages_leave_one_trace_of_each_thing_they_show(world: World) -> None:
    booked, rao = await world.booked(), await world.web("rao")
    assert (await rao.get("/doctor")).status_code == 200
    assert await traces(world, "rao") == [("read", "day")]
    assert (await rao.get(f"/c/asha/doctor/visits/{booked['id']}")).status_code == 200
    assert sorted((await traces(world, "rao"))[1:]) == [
        ("read", kind) for kind in ("appointment", "day", "note", "past_visits", "prescription")
    ]


async def test_holds_that_cross_do_not_wait_in_a_circle(world: World) -> None:
    """Each of two people lets go of a hold that is in the way of what the other one wants."""
    people = [invented(1), invented(2)]
    async with visit.to_clinic(world.house, "asha") as tx:
        await schedule.practise(
            tx, doctor_id=IYER, name="Dr Arvind Iyer", zone="Asia/Kolkata", offers=[schedule.Offer("video", 20, 1)]
        )
        await schedule.set_weekly_hours(
            tx, IYER, [schedule.Hours(day, time(0), time(0), ("video",)) for day in range(1, 8)]
        )
    at = [(await world.free())[3], (await world.free(doctor=IYER))[9]]
    refused: list[Any] = []

    async def hold(person: int, doctor: int) -> None:
        try:
            async with visit.to_clinic(world.house, "asha") as tx:
                await appointments.hold(
                    tx,
                    people[person],
                    doctor_id=(RAO, IYER)[doctor],
                    starts_at=at[doctor],
                    mode="video",
                    minutes=10,
                )
        except Refusal as refusal:
            refused.append(refusal)

    for round in range(20):
        one, other = round % 2, 1 - round % 2
        await hold(0, one)
        await hold(1, other)
        assert not refused
        await world.sql(
            "asha", "UPDATE appointments SET hold_expires_at = now() - interval '1 s' WHERE status = 'held'"
        )
        await asyncio.gather(hold(0, other), hold(1, one))
        assert not refused
        await world.sql("asha", "UPDATE appointments SET status = 'cancelled', hold_expires_at = NULL")
