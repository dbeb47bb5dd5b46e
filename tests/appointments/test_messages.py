"""What a patient hears about her visit, and when."""

from datetime import datetime

from icalendar import Calendar

from svastha.doors import visit
from tests.cast import World


async def test_a_booking_is_confirmed_with_an_invitation_and_links(world: World) -> None:
    booked = await world.booked("ananya", reason="something private")
    starts = datetime.fromisoformat(booked["starts_at"])
    await world.settle()
    [mail] = world.mail("ananya")
    assert booked["id"] in mail.text and "Dr Meera Rao" in mail.text and mail.text.count("/m/") == 4
    [attached] = mail.attachments
    event = Calendar.from_ical(attached.text).walk("VEVENT")[0]
    assert event["uid"] == f"{booked['id']}@svastha"
    assert event["dtstart"].dt == starts
    assert event["attendee"] == "mailto:ananya@cast.test" and event["organizer"].startswith("mailto:")
    for text in (mail.subject, mail.text, attached.text):
        assert "private" not in text


async def test_what_was_cancelled_leaves_the_calendar(world: World) -> None:
    booked = await world.booked("ananya")
    await world.settle()
    ananya = await world.api("ananya")
    await ananya.post(f"/clinics/asha/appointments/{booked['id']}/cancel")
    await world.settle()
    mails = world.mail("ananya")
    assert len(mails) == 2 and "cancelled" in mails[0].subject
    calendar = Calendar.from_ical(mails[0].attachments[0].text)
    event = calendar.walk("VEVENT")[0]
    assert calendar["method"] == "CANCEL"
    assert (event["uid"], event["status"]) == (f"{booked['id']}@svastha", "CANCELLED")
    assert event["sequence"] > 0


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
