"""Who gets the time that somebody gave back, and for how long."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from svastha.kit.ids import uuid7
from tests.cast import RAO, World
from tests.waiting_list.waiting import (
    INDIA,
    LIST,
    crowd,
    entry,
    frees,
    full,
    instant,
    is_free,
    joins,
    offers,
    runs_out,
    says,
)


async def test_the_first_in_line_gets_it_and_nobody_else(world: World) -> None:
    [at] = await full(world)
    ananya, kavya, rest = await world.api("ananya"), await world.api("kavya"), (await crowd(world, 1))[0]
    mine, hers = await joins(ananya), await joins(kavya)
    await frees(world, at)
    await world.settle()

    first = await entry(ananya, mine["id"])
    assert first["state"] == "offered"
    [offer] = first["offers"]
    assert (instant(offer["starts_at"]), offer["answer"]) == (at.astimezone(UTC), "open")
    lasts = instant(offer["expires_at"]) - datetime.now(UTC)
    assert timedelta(minutes=28) < lasts <= timedelta(minutes=30)
    assert (await entry(kavya, hers["id"]))["state"] == "waiting"

    time = {"doctor_id": str(RAO), "starts_at": at.isoformat(), "mode": "video"}
    for other in (kavya, rest):
        for path in ("holds", "appointments"):
            answer = await other.post(f"/clinics/asha/{path}", json=time, headers={"idempotency-key": str(uuid7())})
            assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
            assert answer.json()["alternatives"], "the day after is free"
    mail = world.mail("ananya")[0]
    assert f"/c/asha/waiting/{mine['id']}" in mail.text and "Dr Meera Rao" in mail.text
    assert "Dr" not in mail.subject and "is free for you" in mail.subject
    assert not world.mail("kavya")

    booked = await says(ananya, mine["id"], "accept")
    assert (booked.status_code, booked.json()["status"], booked.json()["id"]) == (201, "confirmed", offer["id"])
    assert (await says(ananya, mine["id"], "accept")).json()["code"] == "offer_over"
    ended = await entry(ananya, mine["id"])
    assert (ended["state"], ended["offers"][0]["answer"], ended["place"]) == ("taken", "taken", None)
    await world.settle()
    assert len(await offers(world)) == 1
    assert (await entry(kavya, hers["id"]))["place"] == 1


async def test_no_and_silence_pass_it_on_and_it_does_not_come_back(world: World) -> None:
    [at] = await full(world)
    people = await crowd(world, 3)
    ids = [(await joins(one))["id"] for one in people]
    await frees(world, at)
    await world.settle()
    assert (await says(people[0], ids[0], "decline")).json()["state"] == "waiting"
    assert (await says(people[0], ids[0], "decline")).status_code == 200, "said twice"
    await world.settle()
    assert [(await entry(one, id))["state"] for one, id in zip(people, ids, strict=True)] == [
        "waiting",
        "offered",
        "waiting",
    ]
    await runs_out(world)
    assert (await says(people[1], ids[1], "accept")).json()["code"] == "offer_over", "too late, though nobody has it"
    await world.settle()
    shown = [await entry(one, id) for one, id in zip(people, ids, strict=True)]
    assert [one["state"] for one in shown] == ["waiting", "waiting", "offered"]
    assert [one["offers"][0]["answer"] for one in shown] == ["declined", "lapsed", "open"]
    assert (await people[2].delete(f"{LIST}/{ids[2]}")).status_code == 204
    await world.settle()
    assert len(await offers(world)) == 3, "nobody is left whom it was not offered to"
    assert await is_free(world, at), "so it is free for all"


async def test_wishes_count_and_who_is_elsewhere_then_is_not_asked(world: World) -> None:
    [at] = await full(world)
    people = await crowd(world, 5)
    weekday = at.isoweekday()
    await joins(people[0], parts=["morning"])
    await joins(people[1], weekdays=[n for n in range(1, 8) if n != weekday])
    for place, who in (("asha", "practitioners"), (None, "doctors")):  # the clinic copies what the register says
        await world.sql(place, f"UPDATE {who} SET specialties = '{{panchakarma}}'")
    busy = await joins(people[2], doctor_id=None)
    hers = await joins(people[3], doctor_id=None, specialty="panchakarma", parts=["afternoon"], weekdays=[weekday])
    await joins(people[4])
    await world.sql(
        "asha",
        "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by,"
        " placed) SELECT gen_random_uuid(), $1, patient_id, $2::timestamptz - interval '5 min', $2, 'video',"
        " 'confirmed', 0, $1, 'walk_in' FROM waiting_list WHERE id = $3",
        RAO,
        at + timedelta(minutes=10),
        busy["id"],
    )
    await frees(world, at)
    await world.settle()
    assert [str(row["entry_id"]) for row in await offers(world)] == [hers["id"]]


async def test_what_is_free_already_is_offered_to_who_joins(world: World) -> None:
    [at] = await full(world)
    await frees(world, at)
    ananya = await world.api("ananya")
    mine = await joins(ananya)
    await world.settle()
    assert (await entry(ananya, mine["id"]))["state"] == "offered"


async def test_choosing_another_time_keeps_the_offer(world: World) -> None:
    at, other = await full(world, times=2)
    ananya, kavya = await world.api("ananya"), await world.api("kavya")
    mine = await joins(ananya)
    await frees(world, at)
    await world.settle()
    await frees(world, other)
    offer = (await entry(ananya, mine["id"]))["offers"][0]
    time = {"doctor_id": str(RAO), "starts_at": other.isoformat(), "mode": "video"}
    held = await ananya.post("/clinics/asha/holds", json=time)
    assert held.status_code == 201
    assert (await entry(ananya, mine["id"]))["state"] == "offered"
    again = await ananya.post("/clinics/asha/holds", json=time | {"starts_at": at.isoformat()})
    assert again.json()["id"] == offer["id"], "the very time that is hers already"
    assert (await ananya.delete(f"/clinics/asha/holds/{held.json()['id']}")).status_code == 204
    assert (await entry(ananya, mine["id"]))["state"] == "offered"

    await joins(kavya, parts=["afternoon"])
    assert (await ananya.delete(f"/clinics/asha/holds/{offer['id']}")).status_code == 204
    assert (await entry(ananya, mine["id"]))["offers"][0]["answer"] == "declined"
    await world.settle()
    got = {(str(row["entry_id"]) == mine["id"], row["starts_at"]) for row in await offers(world)}
    assert got == {(True, at), (True, other), (False, at)}, "she is still first in line for what else is free"


async def test_whoever_finds_a_time_herself_waits_no_longer(world: World) -> None:
    """By the ordinary way to the offered time, and to another that suits; what does not suit changes nothing."""
    at, other = await full(world, times=2)
    ananya, kavya = await world.api("ananya"), await world.api("kavya")
    mine, hers = await joins(ananya), await joins(kavya, last_day=(at + timedelta(days=1)).date().isoformat())
    await frees(world, at, other)
    await world.settle()
    time = {"doctor_id": str(RAO), "mode": "video"}
    book = "/clinics/asha/appointments"
    booked = await ananya.post(book, json=time | {"starts_at": at.isoformat()}, headers={"idempotency-key": "a"})
    later = at + timedelta(days=2)
    await kavya.post(book, json=time | {"starts_at": later.isoformat()}, headers={"idempotency-key": "b"})
    assert booked.status_code == 201
    await world.settle()
    assert (await entry(ananya, mine["id"]))["state"] == "taken"
    assert (await entry(kavya, hers["id"]))["state"] == "offered", "that day is none she waits for"
    next_day = at + timedelta(days=1)
    answer = await kavya.post(book, json=time | {"starts_at": next_day.isoformat()}, headers={"idempotency-key": "c"})
    assert answer.status_code == 201
    await world.settle()
    ended = await entry(kavya, hers["id"])
    assert (ended["state"], ended["offers"][0]["answer"]) == ("booked", "declined")
    assert await is_free(world, other), "what was kept for her is free again"


async def test_one_person_has_one_offer_and_silence_ends_the_wait(world: World) -> None:
    times = await full(world, times=4)
    ananya = await world.api("ananya")
    mine = await joins(ananya)
    await joins(ananya, doctor_id=None)
    await frees(world, *times)
    for n in range(1, 4):
        await world.settle()
        rows = await offers(world)
        assert (len(rows), sum(row["answer"] is None for row in rows)) == (n, 1)
        await runs_out(world)
    await world.settle()
    assert (await entry(ananya, mine["id"]))["state"] == "unanswered"
    assert (await offers(world))[-1]["starts_at"] == times[3], "no time twice, whatever she waits for"


async def test_nobody_is_woken_and_the_morning_brings_what_is_still_free(world: World) -> None:
    [at] = await full(world)
    asleep, awake = await crowd(world, 2)
    mine, hers = await joins(asleep), await joins(awake)
    there = datetime.now(ZoneInfo("America/New_York"))
    quiet = [(there + timedelta(hours=h)).time().replace(microsecond=0) for h in (-2, 2)]
    await world.sql("asha", "UPDATE house_rules SET quiet_from = $1, quiet_until = $2", *quiet)
    await world.sql(
        "asha",
        "UPDATE patients SET zone = 'America/New_York' WHERE id = (SELECT patient_id FROM waiting_list WHERE id = $1)",
        mine["id"],
    )
    await frees(world, at)
    await world.settle()
    assert (await entry(asleep, mine["id"]))["state"] == "waiting"
    assert (await entry(awake, hers["id"]))["state"] == "offered"
    await says(awake, hers["id"], "decline")
    await world.settle()
    planned = await world.sql(
        "asha", "SELECT run_at FROM jobs WHERE kind = 'waiting_list.offer_free' AND key IS NOT NULL"
    )
    morning = datetime.now(UTC) + timedelta(hours=2)
    assert any(abs(row["run_at"] - morning) < timedelta(minutes=2) for row in planned)
    await world.sql("asha", "UPDATE house_rules SET quiet_from = '00:00', quiet_until = '00:00'")
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'waiting_list.offer_free'")
    await world.settle()
    assert (await entry(asleep, mine["id"]))["state"] == "offered"


async def test_an_offer_ends_before_the_doctor_wants_to_know(world: World) -> None:
    [at] = await full(world)
    ananya = await world.api("ananya")
    mine = await joins(ananya)
    left = at - datetime.now(INDIA)
    await world.sql("asha", "UPDATE practitioners SET notice = $1", left - timedelta(minutes=10))
    await frees(world, at)
    await world.settle()
    offer = (await entry(ananya, mine["id"]))["offers"][0]
    assert abs(instant(offer["expires_at"]) - datetime.now(UTC) - timedelta(minutes=10)) < timedelta(minutes=1)


async def test_extra_hours_and_a_leave_taken_back_are_times_too(world: World) -> None:
    [at] = await full(world)
    rao, farida = await world.api("rao"), await world.api("farida")
    people = await crowd(world, 2)
    mine, hers = await joins(people[0], parts=["evening"]), await joins(people[1], parts=["afternoon"])
    await world.settle()
    assert not await offers(world)
    doctor, headers = f"/clinics/asha/doctors/{RAO}", {"idempotency-key": "k"}
    extra = {"day": at.date().isoformat(), "closed": False, "opens": "18:00", "closes": "18:20"}
    assert (await rao.post(f"{doctor}/exceptions", json=extra, headers=headers)).status_code == 201
    await world.settle()
    assert (await entry(people[0], mine["id"]))["state"] == "offered"

    away = {"from": at.date().isoformat(), "to": at.date().isoformat()}
    leave = await rao.post(f"{doctor}/leave", json=away, headers=headers)
    assert leave.status_code == 201, leave.text
    await frees(world, at)
    await world.settle()
    assert (await entry(people[0], mine["id"]))["state"] == "waiting", "she is away: the offer does not stand"
    assert (await says(people[0], mine["id"], "accept")).status_code == 409
    assert (await entry(people[1], hers["id"]))["state"] == "waiting"
    assert (await farida.delete(f"{doctor}/leave/{leave.json()['id']}")).status_code < 300
    await world.settle()
    assert (await entry(people[1], hers["id"]))["state"] == "offered"


async def test_where_the_clinic_answers_first_the_time_is_asked_for(world: World) -> None:
    [at] = await full(world)
    await world.sql("asha", "UPDATE house_rules SET booking = 'requested'")
    ananya = await world.api("ananya")
    mine = await joins(ananya)
    await frees(world, at)
    await world.settle()
    asked = await says(ananya, mine["id"], "accept")
    assert (asked.status_code, asked.json()["status"]) == (201, "requested")
    await world.settle()
    assert (await entry(ananya, mine["id"]))["state"] == "taken"


async def test_a_home_visit_is_offered_where_the_doctor_goes(world: World) -> None:
    [at] = await full(world)
    await world.sql("asha", "UPDATE offers SET mode = 'home_visit', areas = '{4110}' WHERE mode = 'in_person'")
    await world.sql("asha", "UPDATE weekly_hours SET modes = '{home_visit}', closes = '12:30'")
    people = await crowd(world, 3)
    ids = [
        (await joins(one, mode="home_visit", area=area))["id"]
        for one, area in zip(people, ("560001", None, "411038"), strict=True)
    ]
    await frees(world, at)
    await world.settle()
    assert [(await entry(one, id))["state"] for one, id in zip(people, ids, strict=True)] == [
        "waiting",
        "waiting",
        "offered",
    ]
    assert (await says(people[2], ids[2], "accept")).status_code == 201


async def test_what_leave_takes_back_is_not_her_silence(world: World) -> None:
    times = await full(world, times=4)
    ananya, rao = await world.api("ananya"), await world.api("rao")
    mine = await joins(ananya)
    await frees(world, *times)
    for at in times[:3]:
        await world.settle()
        body = {"from": at.isoformat(), "to": (at + timedelta(minutes=20)).isoformat()}
        answer = await rao.post(
            f"/clinics/asha/doctors/{RAO}/leave", json=body, headers={"idempotency-key": at.isoformat()}
        )
        assert answer.status_code == 201
    await world.settle()
    shown = await entry(ananya, mine["id"])
    assert [one["answer"] for one in shown["offers"]] == ["open", "lapsed", "lapsed", "lapsed"]
    assert shown["state"] == "offered"


async def test_any_visit_of_a_series_ends_the_wait_that_it_suits(world: World) -> None:
    [at] = await full(world)
    ananya = await world.api("ananya")
    second = (at + timedelta(days=2)).date().isoformat()
    other, suited = await joins(ananya), await joins(ananya, first_day=second, last_day=second)
    starts = [(at + timedelta(days=n)).isoformat() for n in (1, 2)]
    series = {"doctor_id": str(RAO), "mode": "video", "starts_at": starts}
    answer = await ananya.post("/clinics/asha/series", json=series, headers={"idempotency-key": "s"})
    assert answer.status_code == 201, answer.text
    await world.settle()
    assert (await entry(ananya, suited["id"]))["state"] == "booked"
    assert (await entry(ananya, other["id"]))["state"] == "waiting"
