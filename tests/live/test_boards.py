"""Boards, lists and the screen on the wall change by themselves, for whoever may see them and as long as she may."""

import asyncio

import pytest

from tests.cast import IDS, IYER, RAO, World
from tests.live.wire import Stream
from tests.queue.test_queue import booked, second_doctor, somebody

BOARD, SCREEN = "/c/asha/queue/live", "/c/asha/screen/live"


async def follow(world: World, name: str | None, path: str) -> Stream:
    cookie = {"cookie": (await world.web(name)).headers["cookie"]} if name else {}
    return Stream(world.app, path, **cookie)


async def until(stream: Stream, *words: str) -> str:
    """The first drawing that says all of it."""
    while True:
        drawn = (await stream.hear())["data"]
        if all(word in drawn for word in words):
            return drawn


@pytest.mark.parametrize(
    ("name", "status"),
    [("farida", 200), ("gita", 200), ("rao", 200), ("ananya", 404), ("iyer", 404), ("hari", 404), (None, 303)],
)
async def test_who_runs_a_queue_may_follow_it(world: World, name: str | None, status: int) -> None:
    async with await follow(world, name, BOARD) as stream:
        assert stream.status == status
        if status == 200:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            assert '<div id="board"' in (await stream.hear())["data"]


async def test_the_board_follows_every_turn(world: World) -> None:
    visit, farida = await booked(world, at=5, patient=await somebody(world, "Mohan Lal")), await world.api("farida")
    at = "/clinics/asha"
    async with await follow(world, "gita", BOARD) as stream:
        assert "Mohan Lal" in await until(stream, "Has arrived")
        await farida.post(f"{at}/queue/join", json={"appointment_id": visit})
        await until(stream, "1 waiting", "</span>1</span>")
        await farida.post(f"{at}/queue/call-next", json={"doctor_id": str(RAO)}, headers={"idempotency-key": "c"})
        await until(stream, "Call again")
        await (await world.api("rao")).post(f"{at}/appointments/{visit}/admit")
        await until(stream, "In progress")
        await farida.post(f"{at}/queue/late", json={"doctor_id": str(RAO), "minutes": 15})
        await until(stream, "15 min late")


async def test_a_doctor_hears_of_her_own_queue_alone(world: World) -> None:
    await second_doctor(world)
    await booked(world, at=5, doctor=IYER, patient=await somebody(world, "Mohan Lal"))
    async with await follow(world, "rao", BOARD) as stream:
        drawn = (await stream.hear())["data"]
        assert "Dr Meera Rao" in drawn and "Arvind" not in drawn and "Mohan" not in drawn


async def test_the_screen_on_the_wall_shows_numbers_and_no_names(world: World) -> None:
    visits = [await booked(world, at=5 + k, patient=await somebody(world, f"Mohan Lal {k}")) for k in range(3)]
    farida, at = await world.api("farida"), "/clinics/asha/queue"
    async with await follow(world, None, SCREEN) as stream:
        assert stream.status == 200
        drawings = [await until(stream, "Nobody is called at the moment")]
        for visit in visits:
            await farida.post(f"{at}/join", json={"appointment_id": visit})
        drawings.append(await until(stream, "1 · 2 · 3"))
        await farida.post(f"{at}/call-next", json={"doctor_id": str(RAO)}, headers={"idempotency-key": "c"})
        drawings.append(await until(stream, ">1<", "2 · 3"))
        await (await world.api("rao")).post(f"/clinics/asha/appointments/{visits[0]}/admit")
        drawings.append(await until(stream, "With the doctor", ">1<", ">–<"))
    page = (await (await world.web()).get("/c/asha/screen")).text
    for drawn in (*drawings, page):
        assert "Mohan" not in drawn and not any(visit in drawn for visit in visits)


async def test_the_screen_of_no_clinic_does_not_exist(world: World) -> None:
    async with await follow(world, None, "/c/none/screen/live") as stream:
        assert stream.status == 404


@pytest.mark.parametrize("name", ["farida", "rao"])
async def test_who_may_no_longer_run_the_queue_hears_no_more_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("svastha.doors.live.watch.LOOK_AGAIN", 0.1)
    async with await follow(world, name, BOARD) as stream:
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


async def test_sign_out_ends_the_board(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("svastha.doors.live.watch.LOOK_AGAIN", 0.1)
    async with await follow(world, "farida", BOARD) as stream:
        await stream.hear()
        assert (await (await world.api("farida")).delete("/me/sessions")).status_code == 204
        with pytest.raises(EOFError):
            await stream.hear()


async def test_a_patient_follows_her_place(world: World) -> None:
    """Somebody before her is called and let in: her page says so by itself."""
    mine = await world.booked("ananya", mode="in_person")
    await world.sql(
        "asha",
        "UPDATE appointments SET starts_at = now() + interval '5 min', ends_at = now() + interval '35 min'"
        " WHERE id = $1",
        mine["id"],
    )
    before, farida = await booked(world, at=0), await world.api("farida")
    for visit in (before, mine["id"]):
        await farida.post("/clinics/asha/queue/join", json={"appointment_id": visit})
    async with await follow(world, "ananya", f"/c/asha/visits/{mine['id']}/live") as stream:
        await until(stream, "1 person is before you.", "</span>2</p>")
        await farida.post(f"/clinics/asha/appointments/{before}/cancel", json={"why": "went home"})
        await until(stream, "Nobody is before you.")
        await farida.post(
            "/clinics/asha/queue/call-next", json={"doctor_id": str(RAO)}, headers={"idempotency-key": "c"}
        )
        await until(stream, "It is your turn. Please come in.")
