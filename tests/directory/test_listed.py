"""What the directory shows follows what a clinic has, by the worker's jobs."""

from datetime import datetime, timedelta

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
    waiting = await world.sql("asha", "SELECT run_at FROM jobs WHERE kind = 'doors.publish_times'")
    first = await next_free(world)
    assert first - timedelta(minutes=15) + timedelta(seconds=1) in {row["run_at"] for row in waiting}
