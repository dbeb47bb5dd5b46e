"""What the directory shows follows what a clinic has, by the worker's jobs."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from svastha.domain import schedule
from svastha.doors import visit
from tests.cast import RAO, World


async def next_free(world: World) -> datetime:
    nobody = await world.api()
    card = (await nobody.get(f"/doctors/{RAO}")).json()
    modes = {mode["mode"]: mode for mode in card["clinics"][0]["modes"]}
    return datetime.fromisoformat(modes["video"]["next_free_at"])


async def test_a_booking_and_its_cancellation_move_the_next_free_time(world: World) -> None:
    await world.settle()  # the cast may be older than the first of its times
    first = await next_free(world)
    booked = await world.booked("ananya", at=first)
    await world.settle()
    assert await next_free(world) == first + timedelta(minutes=20)
    ananya = await world.api("ananya")
    await ananya.post(f"/clinics/asha/appointments/{booked['id']}/cancel")
    await world.settle()
    assert await next_free(world) == first


async def test_time_itself_moves_the_next_free_time(world: World) -> None:
    """A job waits for the moment at which the first free time can no longer be booked."""
    first = "SELECT min(next_free_at) AS at FROM listing_offers WHERE doctor_id = $1"  # whichever kind of visit it is
    published = await world.sql(None, first, RAO)  # whoever asks the door is told of none that has passed since
    waiting = await world.sql("asha", "SELECT run_at FROM jobs WHERE kind = 'doors.publish_times'")
    too_late = timedelta(minutes=15) - timedelta(seconds=1)
    assert published[0]["at"] - too_late in {row["run_at"] for row in waiting}


SHOWN = """SELECT mode, day, first_at, left_count FROM listing_days
    UNION ALL SELECT mode, NULL, next_free_at, 0 FROM listing_offers ORDER BY 1, 2"""


async def test_what_each_visit_changes_comes_to_what_all_of_them_come_to(world: World) -> None:
    """Of a visit only the days around it are computed anew: with buffers that reach over midnight, and a day that is
    full, they must be the same days as if all had been."""
    here = ZoneInfo("Asia/Kolkata")
    today = datetime.now(here).date()
    midnight = datetime.combine(today + timedelta(days=3), time(), here)
    async with visit.to_clinic(world.house, "asha") as tx:
        offers = [
            schedule.Offer("video", 20, 50000, before_minutes=50, daily_max=3),
            schedule.Offer("home_visit", 60, 90000, after_minutes=40, travel_minutes=45),
        ]
        await schedule.set_offers(tx, RAO, offers)
        # No time passes by itself meanwhile: nothing is free today or tomorrow.
        days = [(today + timedelta(days=n)).isoweekday() for n in range(2, 7)]
        week = [schedule.Hours(day, time(0), time(0), ("video", "home_visit")) for day in days]
        await schedule.set_weekly_hours(tx, RAO, week)
    await world.settle()
    visits = []
    for mode, hours in (("home_visit", -1), ("video", 1), ("video", 8), ("video", 15), ("video", 40), ("video", 71)):
        after = midnight + timedelta(hours=hours) - datetime.now(UTC)
        at = (await world.free(mode=mode, after=after))[0]
        visits.append(await world.booked("ananya", at=at, mode=mode))
        await world.settle()
        await expect_the_same(world)
    ananya = await world.api("ananya")
    for one in visits[:4]:
        await ananya.post(f"/clinics/asha/appointments/{one['id']}/cancel")
        await world.settle()
        await expect_the_same(world)


async def expect_the_same(world: World) -> None:
    each = await world.sql(None, SHOWN)
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'doors.publish_times'")
    await world.settle()
    assert each == await world.sql(None, SHOWN)
