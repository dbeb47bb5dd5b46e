"""Clinics that answer first: somebody says yes, says no, or says nothing in time."""

from datetime import timedelta
from uuid import UUID

import pytest

from svastha.kit.ids import uuid7
from tests.appointments.visits import ASHA, ask_first, at_rao, book, posted, row, shift, steps
from tests.cast import IDS, World


async def test_the_desk_books_at_once_and_a_patient_asks(world: World) -> None:
    await ask_first(world)
    asked, farida = await world.booked("ananya"), await world.api("farida")
    assert asked["status"] == "requested" and asked["hold_expires_at"]
    free = await world.free()
    hers = (await book(farida, at_rao(free[3], patient_id=asked["patient_id"]))).json()
    assert hers["status"] == "confirmed"
    held = (await (await world.api("kavya")).post(f"{ASHA}/holds", json=at_rao(free[5]))).json()
    became = await book(await world.api("kavya"), at_rao(free[5], hold_id=held["id"]))
    assert (became.status_code, became.json()["status"], became.json()["id"]) == (201, "requested", held["id"])
    # its time is nobody else's meanwhile
    assert (await book(farida, at_rao(free[5], patient_id=asked["patient_id"]))).json()["code"] == "slot_taken"


@pytest.mark.parametrize("name", ["rao", "farida", "gita"])
async def test_yes_makes_it_a_visit_with_message_and_reminders(world: World, name: str) -> None:
    await ask_first(world)
    asked, client = await world.booked("ananya"), await world.api(name)
    await world.settle()
    assert not world.mail("ananya")
    for _ in range(2):  # yes twice is yes once
        answer = await posted(client, asked["id"], "confirm")
        assert (answer.status_code, answer.json()["status"]) == (200, "confirmed")
        assert answer.json()["hold_expires_at"] is None
    assert [(step["status"], step["by_account"]) for step in await steps(world, asked["id"])] == [
        ("requested", IDS["ananya"]),
        ("confirmed", IDS[name]),
    ]
    await world.settle()
    assert [("confirmed" in mail.subject, len(mail.attachments)) for mail in world.mail("ananya")] == [(True, 1)]
    assert await world.sql("asha", "SELECT 1 FROM jobs WHERE kind = 'appointments.remind'")
    assert (await posted(client, asked["id"], "decline", {"why": "too late"})).json()["code"] == "not_possible_now"


async def test_no_says_why_on_the_page_and_not_in_the_message(world: World) -> None:
    await ask_first(world)
    asked, farida, ananya = await world.booked(), await world.api("farida"), await world.api("ananya")
    for why in ("", "  x ", "\x00\x00\x00", "x" * 501):
        assert (await posted(farida, asked["id"], "decline", {"why": why})).status_code in (400, 422)
    answer = await posted(farida, asked["id"], "decline", {"why": "The doctor is  at a congress"})
    assert (answer.status_code, answer.json()["status"]) == (200, "declined")
    assert (await steps(world, asked["id"]))[-1]["why"] == "The doctor is at a congress"
    await world.settle()
    [mail] = world.mail("ananya")
    assert "congress" not in mail.text + mail.subject and asked["id"] in mail.text
    assert (await ananya.get(f"{ASHA}/appointments")).json()["items"][0]["status"] == "declined"
    await world.booked("kavya", at=(await world.free())[0])  # free for others again
    assert (await posted(farida, asked["id"], "confirm")).json()["code"] == "not_possible_now"


async def test_a_request_nobody_answers_ends_in_plain_words(world: World) -> None:
    await ask_first(world)
    asked, ananya, farida = await world.booked(), await world.api("ananya"), await world.api("farida")
    await world.sql("asha", "UPDATE appointments SET hold_expires_at = now() - interval '1 s'")
    assert (await posted(farida, asked["id"], "confirm")).json()["code"] == "not_possible_now"
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'appointments.expire_hold'")
    await world.settle()
    assert (await row(world, asked["id"]))["status"] == "expired"
    assert [(step["status"], step["by_account"]) for step in await steps(world, asked["id"])][1:] == [("expired", None)]
    [mail] = world.mail("ananya")
    assert "Nobody has answered" in mail.subject and "nothing is to be paid" in mail.text
    assert [one["status"] for one in (await ananya.get(f"{ASHA}/appointments")).json()["items"]] == ["expired"]


async def test_one_that_somebody_else_clears_away_is_told_of_as_well(world: World) -> None:
    await ask_first(world)
    asked = await world.booked("ananya")
    await world.sql("asha", "UPDATE appointments SET hold_expires_at = now() - interval '1 s'")
    again = await world.booked("kavya")
    assert again["starts_at"] == asked["starts_at"]
    await world.settle()
    assert ["Nobody has answered" in mail.subject for mail in world.mail("ananya")] == [True]
    [held] = [await (await world.api("ananya")).post(f"{ASHA}/holds", json=at_rao((await world.free())[9]))]
    await world.sql("asha", "UPDATE appointments SET hold_expires_at = now() - interval '1 s' WHERE status = 'held'")
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'appointments.expire_hold'")
    await world.settle()
    assert (await row(world, held.json()["id"]))["status"] == "expired" and len(world.mail("ananya")) == 1


async def test_strangers_and_the_patient_herself_do_not_answer(world: World) -> None:
    await ask_first(world)
    asked = await world.booked()
    for name in ("ananya", "kavya", "iyer", "hari", "indu"):
        client = await world.api(name)
        for what in ("confirm", "decline", "undo-check-in", "no-show"):
            body = {"why": "because"} if what == "decline" else None
            assert (await posted(client, asked["id"], what, body)).status_code == 404, (name, what)
    farida = await world.api("farida")
    assert (await posted(farida, str(uuid7()), "confirm")).status_code == 404
    # nobody answers for the clinic in what is her own
    own = await world.booked("farida", at=(await world.free())[5])
    assert (await posted(farida, own["id"], "confirm")).status_code == 404
    assert (await posted(await world.api("gita"), own["id"], "confirm")).status_code == 200


async def test_a_request_withdrawn_costs_nothing(world: World) -> None:
    await ask_first(world)
    asked, ananya = await world.booked(), await world.api("ananya")
    await shift(world, asked["id"], timedelta(minutes=30))
    gone = (await posted(ananya, asked["id"], "cancel")).json()
    assert (gone["status"], gone["charge_percent"], gone["fee_due_paise"]) == ("cancelled", 0, 0)


async def test_a_check_in_is_taken_back_and_a_no_show_as_well(world: World) -> None:
    booked, farida = await world.booked(), await world.api("farida")
    assert (await posted(farida, booked["id"], "undo-check-in")).status_code == 200  # nothing to take back
    assert (await posted(farida, booked["id"], "no-show")).json()["code"] == "not_possible_now"  # too early
    await shift(world, booked["id"], -timedelta(minutes=2))
    for what, status in (
        ("check-in", "checked_in"),
        ("undo-check-in", "confirmed"),
        ("no-show", "no_show"),
        ("check-in", "checked_in"),
    ):
        answer = await posted(farida, booked["id"], what)
        assert (answer.status_code, answer.json()["status"]) == (200, status), answer.text
    assert [step["status"] for step in await steps(world, booked["id"])] == [
        "confirmed",
        "checked_in",
        "confirmed",
        "no_show",
        "checked_in",
    ]
    assert (await row(world, booked["id"]))["charge_percent"] is None
    await world.sql("asha", "UPDATE appointments SET status = 'in_progress' WHERE id = $1", UUID(booked["id"]))
    assert (await posted(farida, booked["id"], "undo-check-in")).json()["code"] == "not_possible_now"


async def test_who_was_missed_may_still_come_but_afterwards_only_staff_can_say_that_she_did(world: World) -> None:
    booked, farida, ananya = await world.booked(), await world.api("farida"), await world.api("ananya")
    await shift(world, booked["id"], -timedelta(minutes=2))
    assert (await posted(farida, booked["id"], "no-show")).json()["fee_due_paise"] == 50000
    assert (await posted(ananya, booked["id"], "check-in")).json()["fee_due_paise"] is None
    await posted(farida, booked["id"], "no-show")
    await shift(world, booked["id"], -timedelta(minutes=30))
    assert (await posted(ananya, booked["id"], "check-in")).json()["code"] == "not_possible_now"
    assert (await row(world, booked["id"]))["charge_percent"] == 100
    assert (await posted(farida, booked["id"], "check-in")).json()["status"] == "checked_in"
