"""What a patient hears about her visit, and when."""

from datetime import datetime, timedelta

from icalendar import Calendar

from svastha.domain import appointments
from svastha.domain.appointments import Remind
from svastha.domain.appointments.remind import BEFORE
from svastha.doors import visit
from tests.cast import World


async def reminders(world: World) -> list[datetime]:
    rows = await world.sql("asha", "SELECT run_at FROM jobs WHERE kind = 'appointments.remind' ORDER BY run_at")
    return [row["run_at"] for row in rows]


async def test_a_booking_is_confirmed_with_an_invitation_and_reminders_are_planned(world: World) -> None:
    booked = await world.booked("ananya", reason="something private")
    starts = datetime.fromisoformat(booked["starts_at"])
    assert await reminders(world) == [starts - before for before in BEFORE]
    await world.settle()
    [mail] = world.mail("ananya")
    assert booked["id"] in mail.text and "Dr Meera Rao" in mail.text
    [attached] = mail.attachments
    event = Calendar.from_ical(attached.text).walk("VEVENT")[0]
    assert event["uid"] == f"{booked['id']}@svastha"
    assert event["dtstart"].dt == starts
    for text in (mail.subject, mail.text, attached.text):
        assert "private" not in text


async def test_no_reminder_that_would_be_in_the_past(world: World) -> None:
    soon = (await world.free(after=timedelta(minutes=30)))[0]
    await world.booked("ananya", at=soon)
    assert len(await reminders(world)) == 1


async def test_a_reminder_is_sent_at_its_time_and_only_while_it_is_true(world: World) -> None:
    booked = await world.booked("ananya")
    await world.settle()
    starts = datetime.fromisoformat(booked["starts_at"])
    await world.sql(
        "asha", "UPDATE jobs SET run_at = now() WHERE key LIKE '%' || $1", f"{starts - timedelta(hours=1):%Y%m%dT%H%M}"
    )
    await world.settle()
    assert len(world.mail("ananya")) == 2
    ananya = await world.api("ananya")
    await ananya.post(f"/clinics/asha/appointments/{booked['id']}/cancel")
    await world.settle()
    mails = world.mail("ananya")
    assert len(mails) == 3 and "cancelled" in mails[0].subject
    event = Calendar.from_ical(mails[0].attachments[0].text).walk("VEVENT")[0]
    assert (event["uid"], event["status"]) == (f"{booked['id']}@svastha", "CANCELLED")
    assert event["sequence"] > 0
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'appointments.remind'")
    await world.settle()
    assert len(world.mail("ananya")) == 3, "a cancelled visit is silent"


async def test_a_job_that_runs_twice_tells_once(world: World) -> None:
    await world.booked("ananya")
    await world.settle()
    row = (await world.sql("asha", "SELECT id FROM messages"))[0]
    from svastha.domain.notifications import Deliver

    deliver = next(h for h in world.house.subscriptions[Deliver])
    async with visit.to_clinic(world.house, "asha") as tx:
        await deliver(tx, Deliver(row["id"]))
    assert len(world.mail("ananya")) == 1


async def test_hindi_readers_are_told_in_hindi(world: World) -> None:
    ananya = await world.api("ananya")
    await ananya.patch("/me", json={"locale": "hi"})
    await world.booked("ananya")
    await world.settle()
    assert any("\u0900" <= letter <= "\u097f" for letter in world.mail("ananya")[0].subject)


async def test_a_reminder_of_a_moved_visit_is_void(world: World) -> None:
    booked = await world.booked("ananya")
    async with visit.to_clinic(world.house, "asha") as tx:
        await appointments.remind(
            tx, Remind(booked["id"], datetime.fromisoformat(booked["starts_at"]) - timedelta(hours=1)), site="x"
        )
    await world.settle()
    assert len(world.mail("ananya")) == 1
