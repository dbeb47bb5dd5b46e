import asyncio

import pytest

from svastha.doors.live.sse import message
from tests.cast import IDS, World
from tests.live.wire import Stream

EVERYBODY = [
    ("rao", 200),
    ("ananya", 200),
    ("farida", 200),
    ("kavya", 404),
    ("iyer", 404),
    ("hari", 404),
    ("indu", 404),
    (None, 303),
]


async def follow(world: World, name: str | None, id: str, **headers: str) -> Stream:
    browser = await world.web(name)
    cookie = {"cookie": browser.headers["cookie"]} if name else {}
    return Stream(world.app, f"/c/asha/visits/{id}/live", **cookie, **headers)


@pytest.mark.parametrize(("name", "status"), EVERYBODY)
async def test_who_sees_a_visit_may_follow_it(world: World, name: str | None, status: int) -> None:
    booked = await world.booked()
    async with await follow(world, name, booked["id"]) as stream:
        assert stream.status == status
        if status == 200:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            assert 'data-status="confirmed"' in (await stream.hear())["data"]


async def test_every_step_is_told_as_it_happens_and_at_the_end_the_way_on(world: World) -> None:
    booked = await world.booked()
    visit = f"/clinics/asha/appointments/{booked['id']}"
    rao, ananya = await world.api("rao"), await world.api("ananya")
    async with await follow(world, "ananya", booked["id"]) as stream:
        seen = [(await stream.hear())["id"]]
        for client, step in ((ananya, "check-in"), (rao, "admit"), (rao, "complete")):
            await client.post(f"{visit}/{step}")
            event = await stream.hear()
            assert f'data-status="{event["id"]}"' in event["data"]
            seen.append(event["id"])
        assert seen == ["confirmed", "checked_in", "in_progress", "completed"]
        assert await stream.hear() == {"event": "go", "data": f"/c/asha/visits/{booked['id']}"}


async def test_who_was_away_at_the_end_is_sent_on_but_who_reads_later_is_not(world: World) -> None:
    booked, rao = await world.booked(), await world.api("rao")
    for step in ("admit", "complete"):
        await rao.post(f"/clinics/asha/appointments/{booked['id']}/{step}")
    async with await follow(world, "ananya", booked["id"], last_event_id="in_progress") as stream:
        assert [(await stream.hear()).get("event") for _ in range(2)] == [None, "go"]
    for known in ({}, {"last_event_id": "completed"}):
        async with await follow(world, "ananya", booked["id"], **known) as stream:
            assert (await stream.hear())["id"] == "completed"
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(stream.hear(), 0.3)


async def test_a_ring_that_was_lost_costs_only_a_moment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("svastha.doors.live.watch.LOOK_AGAIN", 0.1)
    booked = await world.booked()
    async with await follow(world, "ananya", booked["id"]) as stream:
        assert (await stream.hear())["id"] == "confirmed"
        await world.sql("asha", "UPDATE appointments SET status = 'checked_in'")
        assert (await stream.hear())["id"] == "checked_in"


async def test_a_lost_connection_of_the_listener_is_replaced(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    booked = await world.booked()
    async with await follow(world, "ananya", booked["id"]) as stream:
        assert (await stream.hear())["id"] == "confirmed"
        await world.sql(
            None,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query ILIKE 'LISTEN%' AND datname = current_database()",
        )
        await world.sql("asha", "UPDATE appointments SET status = 'checked_in'")
        assert (await stream.hear())["id"] == "checked_in"


async def test_sign_out_ends_the_stream(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("svastha.doors.live.watch.LOOK_AGAIN", 0.1)
    booked = await world.booked()
    async with await follow(world, "ananya", booked["id"]) as stream:
        await stream.hear()
        assert (await (await world.api("ananya")).delete("/me/sessions")).status_code == 204
        with pytest.raises(EOFError):
            await stream.hear()


@pytest.mark.parametrize("name", ["rao", "farida"])
async def test_who_may_no_longer_see_the_visit_hears_no_more_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("svastha.doors.live.watch.LOOK_AGAIN", 0.1)
    booked = await world.booked()
    async with await follow(world, name, booked["id"]) as stream:
        await stream.hear()
        traced = "SELECT count(*) FROM audit_entries WHERE action = 'read'"
        before = (await world.sql("asha", traced))[0][0]
        await asyncio.sleep(0.3)
        assert (await world.sql("asha", traced))[0][0] == before, "looking on is one reading"
        [grant] = await world.sql(None, "SELECT id FROM grants WHERE account_id = $1", IDS[name])
        ended = await (await world.api("gita")).delete(f"/clinics/asha/people/{IDS[name]}/roles/{grant['id']}")
        assert ended.status_code == 204
        with pytest.raises(EOFError):
            await stream.hear()


async def test_nobody_is_kept_waiting_when_the_server_stops(world: World) -> None:
    assert world.app
    booked = await world.booked()
    async with await follow(world, "ananya", booked["id"]) as stream:
        await stream.hear()
        world.app.state.watch.stop()
        with pytest.raises(EOFError):
            await stream.hear()


async def test_pages_draw_the_state_and_the_place_themselves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.app
    monkeypatch.setattr(
        world.app.state,
        "render_state",
        lambda request, seen: f"<b>\n{seen.appointment.status}, {seen.as_patient}</b>",
    )
    monkeypatch.setattr(world.app.state, "render_place", lambda request, place: f"<i>{place.number}</i>")
    booked = await world.booked()
    async with await follow(world, "ananya", booked["id"]) as stream:
        assert (await stream.hear())["data"] == "<b>\nconfirmed, True</b><i>None</i>"


def test_a_line_break_inside_a_message_does_not_end_it() -> None:
    assert message("a\r\nb\rc\n\nd", id="x") == b"id: x\ndata: a\ndata: b\ndata: c\ndata: \ndata: d\n\n"
    assert message("", event="go") == b"event: go\ndata: \n\n"
