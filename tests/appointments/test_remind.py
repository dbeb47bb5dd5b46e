"""Reminders: when, to whom, and when not."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from svastha.domain.appointments import AppointmentRescheduled
from svastha.domain.appointments.quiet import moment, quiet_since, quiet_until
from svastha.domain.schedule import HouseRules
from svastha.doors import visit
from svastha.kit.outbox import announce
from tests.cast import IDS, RAO, World

DAY, HOUR, MINUTES = timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10)
INDIA, NEW_YORK = ZoneInfo("Asia/Kolkata"), ZoneInfo("America/New_York")


def rules(quiet_from: time = time(21, 30), until: time = time(7)) -> HouseRules:
    none = timedelta()
    return HouseRules("instant", none, none, "after", 2, (DAY, HOUR, MINUTES), quiet_from, until, 30)


def india(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=INDIA).astimezone(UTC)


@pytest.mark.parametrize(
    ("starts", "before", "goes"),
    [
        (india(15), HOUR, india(14)),
        (india(8), HOUR, india(7)),
        (india(7, 30), HOUR, india(21, 25, day=9)),
        (india(22), DAY, india(21, 25, day=9)),
        (india(6), DAY, india(21, 25, day=8)),
        (india(6), MINUTES, india(5, 50)),
        (india(22, 30), HOUR, india(21, 25)),
        (india(22, 29), HOUR, india(21, 29)),
    ],
)
def test_what_would_fall_into_quiet_hours_goes_before_them(starts: datetime, before: timedelta, goes: datetime) -> None:
    assert moment(starts, before, rules(), INDIA) == goes


def test_quiet_hours_are_those_of_the_recipient_on_the_day_the_clocks_change() -> None:
    starts = datetime(2026, 3, 8, 12, tzinfo=UTC)  # 08:00 in New York, an hour after it would have been 07:00
    assert moment(starts, HOUR, rules(), NEW_YORK) == datetime(2026, 3, 8, 11, tzinfo=UTC)
    early = datetime(2026, 3, 8, 11, 30, tzinfo=UTC)
    assert moment(early, HOUR, rules(), NEW_YORK) == datetime(2026, 3, 8, 2, 25, tzinfo=UTC)


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = rules(time(13), time(15))
    assert moment(india(15), HOUR, noon, INDIA) == india(12, 55)
    assert quiet_since(india(15), noon, INDIA) is None
    assert quiet_until(india(14), noon, INDIA) == india(15)
    never = rules(time(7), time(7))
    assert quiet_since(india(3), never, INDIA) is quiet_since(india(7), never, INDIA) is None


async def planned(world: World) -> list[datetime]:
    rows = await world.sql("asha", "SELECT run_at FROM jobs WHERE kind = 'appointments.remind' ORDER BY run_at")
    return [row["run_at"] for row in rows]


async def no_quiet(world: World) -> None:
    await world.sql("asha", "UPDATE house_rules SET quiet_from = '00:00', quiet_until = '00:00'")


async def come(world: World, minutes: int) -> None:
    """Let the visit start so that this reminder is due now, as if it had been planned long ago; and remind."""
    await world.sql(
        "asha",
        "UPDATE jobs SET run_at = now(), payload = payload || jsonb_build_object('since', now() - interval '9 days')"
        " WHERE kind = 'appointments.remind' AND (payload->>'minutes')::int = $1",
        minutes,
    )
    await world.settle()


async def in_(world: World, booked: dict[str, Any], ahead: timedelta) -> datetime:
    """The visit is so far away, and its reminders know it."""
    [row] = await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = t, ends_at = t + interval '20 minutes'"
        " FROM (SELECT now() + $2::interval AS t) x WHERE id = $1 RETURNING starts_at",
        UUID(booked["id"]),
        ahead,
    )
    await world.sql(
        "asha",
        "UPDATE jobs SET payload = payload || jsonb_build_object('starts_at', $1::timestamptz)"
        " WHERE kind = 'appointments.remind'",
        row["starts_at"],
    )
    starts: datetime = row["starts_at"]
    return starts


async def test_each_clinic_has_its_own_and_a_booking_plans_them(world: World) -> None:
    await no_quiet(world)
    await world.sql("asha", "UPDATE house_rules SET remind_before = '{3 hours,20 minutes}'")
    starts = datetime.fromisoformat((await world.booked("ananya"))["starts_at"])
    assert await planned(world) == [starts - timedelta(hours=3), starts - timedelta(minutes=20)]


async def test_nothing_whose_moment_has_passed(world: World) -> None:
    await no_quiet(world)
    await world.booked("ananya", at=(await world.free(after=timedelta(minutes=30)))[0])
    assert len(await planned(world)) == 1


async def test_one_reminder_at_its_time_with_links_and_no_second_for_the_same_hour(world: World) -> None:
    await no_quiet(world)
    booked = await world.booked("ananya")
    await world.settle()
    await in_(world, booked, HOUR - timedelta(seconds=20))
    await come(world, 60)
    [mail, _] = world.mail("ananya")
    assert mail.text.count("/m/") == 4 and booked["id"] in mail.text
    async with visit.to_clinic(world.house, "asha") as tx:
        await tx.run(
            "INSERT INTO jobs (id, kind, payload) SELECT gen_random_uuid(), 'appointments.remind', :payload",
            payload={"appointment_id": booked["id"], "starts_at": (await starts_of(world)).isoformat(), "minutes": 60},
        )
    await world.settle()
    assert len(world.mail("ananya")) == 2
    rows = await world.sql("asha", "SELECT person FROM reminders")
    assert len(rows) == 1


async def starts_of(world: World) -> datetime:
    [row] = await world.sql("asha", "SELECT starts_at FROM appointments")
    at: datetime = row["starts_at"]
    return at


async def test_a_worker_that_was_away_does_not_send_three_at_once(world: World) -> None:
    await no_quiet(world)
    booked = await world.booked("ananya")
    await world.settle()
    await in_(world, booked, timedelta(minutes=9))
    for minutes in (24 * 60, 60, 10):
        await come(world, minutes)
    assert len(world.mail("ananya")) == 2, "the confirmation and the last reminder"


@pytest.mark.parametrize("status", ["cancelled", "no_show", "completed"])
async def test_silent_once_it_does_not_take_place(world: World, status: str) -> None:
    await no_quiet(world)
    booked = await world.booked("ananya")
    await world.settle()
    await in_(world, booked, HOUR)
    await world.sql("asha", "UPDATE appointments SET status = $1", status)
    await come(world, 60)
    assert len(world.mail("ananya")) == 1


async def test_reminders_follow_the_visit_and_the_old_ones_are_void(world: World) -> None:
    await no_quiet(world)
    booked = await world.booked("ananya")
    await world.settle()
    was, old = await starts_of(world), await planned(world)
    later = was + timedelta(hours=5)
    async with visit.to_clinic(world.house, "asha") as tx:
        await tx.run(
            "UPDATE appointments SET starts_at = :at, ends_at = :until, sequence = sequence + 1 WHERE id = :id",
            at=later,
            until=later + timedelta(minutes=20),
            id=booked["id"],
        )
        announce(tx, AppointmentRescheduled(UUID(booked["id"]), RAO, RAO, was, later))
    await world.settle()
    new = await planned(world)
    assert set(new) - set(old) == {later - before for before in (DAY, HOUR, MINUTES)}
    mail = world.mail("ananya")[0]
    assert "moved" in mail.subject and "SEQUENCE:1" in mail.attachments[0].text
    await world.sql(
        "asha",
        "UPDATE jobs SET run_at = now() WHERE kind = 'appointments.remind'"
        " AND (payload->>'starts_at')::timestamptz = $1",
        was,
    )
    await world.settle()
    assert len(world.mail("ananya")) == 2, "the old ones say nothing"


async def test_she_chooses_which_and_by_which_channel(world: World) -> None:
    await no_quiet(world)
    booked = await world.booked("ananya")
    await world.settle()
    api = await world.api("ananya")
    assert (await api.get("/me/reminders")).json() == {"wanted": ["day", "hour", "minutes"], "channel": None}
    answer = await api.put("/me/reminders", json={"wanted": ["minutes"], "channel": "email"})
    assert answer.json() == {"wanted": ["minutes"], "channel": "email"}
    await in_(world, booked, HOUR - timedelta(seconds=5))
    await come(world, 60)
    assert len(world.mail("ananya")) == 1, "she does not want this one"
    await in_(world, booked, timedelta(minutes=9))
    await come(world, 10)
    assert len(world.mail("ananya")) == 2
    for wrong in ({"wanted": ["week"]}, {"wanted": ["day"], "channel": "pigeon"}):
        assert (await api.put("/me/reminders", json=wrong)).status_code == 422
    assert (await (await world.api()).get("/me/reminders")).status_code == 401


async def test_of_two_people_each_at_her_own_hour(world: World) -> None:
    """Both act for a child that has no address; one of them lives where it is night."""
    await world.sql("asha", "UPDATE house_rules SET quiet_from = '21:30', quiet_until = '07:00'")
    booked = await world.booked("ananya")
    await world.settle()
    await world.sql("asha", "DELETE FROM jobs WHERE kind = 'appointments.remind'")
    [patient] = await world.sql("asha", "SELECT id FROM patients")
    here, away = await opposite(world)
    await world.sql("asha", "UPDATE patients SET account_id = NULL, email = '', phone = ''")
    for name, where in (("ananya", here), ("kavya", away)):
        await world.sql(
            "asha",
            "INSERT INTO guardianships (id, patient_id, account_id, name, email, phone, locale, zone, relation, basis,"
            " granted_by) VALUES (gen_random_uuid(), $1, $2, $3, $4, '', 'en', $5, 'mother', 'stated', $2)",
            patient["id"],
            IDS[name],
            name,
            f"{name}@cast.test",
            where,
        )
    starts = await in_(world, booked, HOUR - timedelta(seconds=5))
    await world.sql(
        "asha",
        "INSERT INTO jobs (id, kind, payload) VALUES (gen_random_uuid(), 'appointments.remind', $1)",
        {"appointment_id": booked["id"], "starts_at": starts.isoformat(), "minutes": 60},
    )
    await world.settle()
    assert len(world.mail("ananya")) == 2, "where it is noon"
    assert len(world.mail("kavya")) == 0, "where it is night it should have come the evening before"


async def opposite(world: World) -> tuple[str, str]:
    """A zone where it is about noon now, and one where it is about three at night."""
    hour = datetime.now(UTC).hour
    noon, night = (12 - hour + 12) % 24 - 12, (3 - hour + 12) % 24 - 12

    def name(offset: int) -> str:
        return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"

    return name(noon), name(night)


async def test_nobody_is_reminded_of_a_visit_whose_doctor_will_be_away(world: World) -> None:
    await no_quiet(world)
    booked = await world.booked("ananya")
    at = datetime.fromisoformat(booked["starts_at"])
    away = {"from": (at - HOUR).isoformat(), "to": (at + HOUR).isoformat()}
    taken = await (await world.api("rao")).post(
        f"/clinics/asha/doctors/{RAO}/leave", json=away, headers={"idempotency-key": "away"}
    )
    assert taken.status_code == 201, taken.text
    await world.settle()
    before = len(world.mail("ananya"))
    await in_(world, booked, HOUR - timedelta(seconds=20))
    await come(world, 60)
    assert len(world.mail("ananya")) == before


@pytest.mark.parametrize("step", ["cancel", "reschedule"])
async def test_one_that_could_not_leave_yet_stays_when_the_visit_is_off(world: World, step: str) -> None:
    await no_quiet(world)
    booked = await world.booked("ananya")
    await world.settle()
    await in_(world, booked, HOUR - timedelta(seconds=20))
    await world.sql(
        "asha",
        "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.run_at = now() + interval '1 hour'; RETURN NEW; END $$",
    )
    await world.sql(
        "asha",
        "CREATE TRIGGER away BEFORE INSERT ON jobs FOR EACH ROW WHEN (NEW.kind = 'notifications.deliver')"
        " EXECUTE FUNCTION away()",
    )
    await come(world, 60)
    await world.sql("asha", "DROP TRIGGER away ON jobs")
    changed = await (await world.api("ananya")).post(
        f"/clinics/asha/appointments/{booked['id']}/{step}",
        json={"starts_at": (await world.free())[5].isoformat()} if step == "reschedule" else {},
        headers={"idempotency-key": step},
    )
    assert changed.status_code == 200, changed.text
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'notifications.deliver'")
    await world.settle()
    assert not [mail.subject for mail in world.mail("ananya") if mail.subject.startswith("Your visit: ")]
    [row] = await world.sql("asha", "SELECT state, sealed FROM messages WHERE template = 'visit_reminder'")
    assert (row["state"], row["sealed"]) == ("stopped", None)
