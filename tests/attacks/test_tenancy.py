"""Who reaches what, at which clinic: attacks 22 to 25."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from svastha.domain.accounts import PUBLIC
from svastha.doors import media
from svastha.main import create_app
from svastha.settings import load
from svastha.wiring import build
from tests.appointments.test_race import crowd
from tests.attacks.walk import doors
from tests.cast import IDS, IYER, MASTER_KEY, RAO, World
from tests.consultations.test_admit import admitted
from tests.doctors.applying import applied, decided
from tests.doctors.test_from_that_moment import UNVERIFIED, gone
from tests.live.wire import Closed, Socket, Stream
from tests.test_settings import FIT

PUBLIC_DOORS = Path(__file__).parent / "public.txt"


async def test_attack_22_nobody_acts_on_what_is_not_hers(world: World) -> None:
    """Ids from the body or the address that nobody compares with who asks, and at which clinic."""
    booked = await world.booked("ananya")
    visit = f"/clinics/asha/appointments/{booked['id']}"
    ananya, kavya, iyer = [await world.api(name) for name in ("ananya", "kavya", "iyer")]
    [patient] = await world.sql("asha", "SELECT id FROM patients")
    wish = {"doctor_id": str(RAO), "starts_at": (await world.free())[9].isoformat(), "mode": "video"}
    for mine in ({"patient_id": str(patient["id"])}, {"patient_id": str(IDS["ananya"])}):
        answer = await kavya.post(
            "/clinics/asha/appointments", json=wish | mine, headers={"idempotency-key": str(uuid4())}
        )
        assert answer.status_code == 404, "in the name of another patient"
    for done in ("complete", "admit", "no-show", "note/sign"):
        assert (await ananya.post(f"{visit}/{done}")).status_code in (403, 404), "a patient is no doctor"
    draft = {"items": [{"medicine": "Triphala", "days": 7}], "diet": "", "advice": "", "patient_id": str(uuid4())}
    for client, status in ((iyer, (404,)), (kavya, (404,)), (ananya, (403, 404))):
        written = await client.put(f"{visit}/prescription", json=draft, headers={"if-match": '"0"'})
        assert written.status_code in status
    for elsewhere in (visit.replace("asha", "nadi"), visit.replace("asha", "none"), visit.replace("/asha", "")):
        assert (await ananya.get(elsewhere)).status_code == 404, "at another clinic, or at none"
    [row] = await world.sql("asha", "SELECT status, patient_id FROM appointments")
    assert (row["status"], row["patient_id"]) == ("confirmed", patient["id"])
    assert not await world.sql("asha", "SELECT FROM prescriptions")


async def test_attack_23_two_hundred_interleaved_requests_of_two_clinics_never_meet(world: World) -> None:
    """The clinic kept in one place for the whole process: whoever comes in between changes it for the other."""
    world.house.connections._patience = 60  # two hundred at once are served one after the other
    people = {"asha": ("ananya", "rao", "farida", RAO), "nadi": ("kavya", "iyer", "hari", IYER)}
    free = {"asha": await world.free(), "nadi": await world.free(doctor=IYER, clinic="nadi")}
    clients = {name: await world.api(name) for three in people.values() for name in three[:3]}
    pages = {name: await world.web(name) for name in ("farida", "hari")}
    # The same visit id and the same key at both clinics: only the clinic tells them apart.
    shared = uuid4()
    for slug, (patient, *_, doctor) in people.items():
        first = await clients[patient].post(
            f"/clinics/{slug}/appointments", json=wish(free[slug][0], doctor), headers=KEY
        )
        assert first.status_code == 201, first.text
        await world.sql(
            slug,
            "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, mode, status, fee_paise, made_by)"
            " SELECT $1, doctor_id, patient_id, starts_at + interval '20 hours', ends_at + interval '20 hours', mode,"
            " status, fee_paise, made_by FROM appointments LIMIT 1",
            shared,
        )

    async def at(slug: str, turn: int) -> tuple[str, int, httpx.Response]:
        patient, doctor, desk, of = people[slug]
        path = f"/clinics/{slug}/appointments"
        match turn % 5:
            case 0:
                key = {"idempotency-key": f"turn-{turn}"}
                body = wish(free[slug][1 + turn // 5], of) | {"reason": f"said at {slug}"}
                return slug, 201, await clients[patient].post(path, json=body, headers=key)
            case 1:
                return slug, 200, await clients[doctor].get(f"{path}/{shared}")
            case 2:
                return slug, 200, await clients[desk].get(f"{path}?all=true")
            case 3:
                return slug, 200, await pages[desk].get(f"/desk?day={free[slug][0].date()}")
            case _:
                other = "nadi" if slug == "asha" else "asha"
                return slug, 404, await clients[doctor].get(f"/clinics/{other}/appointments/{shared}")

    answers = await asyncio.gather(*(at(slug, turn) for turn in range(100) for slug in ("asha", "nadi")))
    assert len(answers) == 200
    for slug, status, answer in answers:
        others = ("kavya", "iyer", "nadi") if slug == "asha" else ("ananya", "rao", "asha")
        assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text[:200]}"
        if status != 404:
            assert others[0] not in answer.text.lower(), f"{answer.request.url} tells of {others[0]}"
            assert answer.text.count(f"said at {others[2]}") == 0
    for slug, (patient, *_, doctor) in people.items():
        rows = await world.sql(
            slug, "SELECT a.doctor_id, p.account_id FROM appointments a JOIN patients p ON p.id = a.patient_id"
        )
        assert {tuple(row) for row in rows} == {(doctor, IDS[patient])} and len(rows) == 22


KEY = {"idempotency-key": "the same at both"}


def wish(at: Any, doctor: UUID) -> dict[str, Any]:
    return {"doctor_id": str(doctor), "starts_at": at.isoformat(), "mode": "video"}


async def test_attack_24_a_room_lets_in_only_the_two_whose_visit_it_is(world: World) -> None:
    """Sockets that join whichever room they name, and streams that ask nobody who she is."""
    visit = await admitted(world)
    for name, status in (("kavya", 404), ("iyer", 404), ("farida", 403), ("jaya", 404), (None, 401)):
        assert (await (await world.api(name)).post(f"{visit}/video-token")).status_code == status, name
    id, settings = UUID(visit.rsplit("/", 1)[1]), world.house.settings
    other = load(FIT)  # another house, with another secret
    forged = [media.mint(other, "asha", id, "patient", IDS["ananya"])[0], "", "room-1", str(id)]
    for token in forged:
        with pytest.raises(Closed):
            await Socket(world.app, "/live/call", {"token": token, "sid": "sid-of-a-stranger"}).__aenter__()
    for name, slug, which in (
        ("kavya", "asha", id),
        ("iyer", "asha", id),
        ("ananya", "nadi", id),
        ("ananya", "asha", uuid4()),
    ):
        role = "doctor" if name == "iyer" else "patient"
        token, _ = media.mint(settings, slug, which, role, IDS[name])  # as if one had been handed out by mistake
        async with Socket(world.app, "/live/call", {"token": token, "sid": "sid-of-a-stranger"}) as line:
            with pytest.raises(Closed) as end:
                await line.hear()
            assert end.value.code in (4003, 4401), name
    for name in ("kavya", "hari", None):
        headers = {"cookie": (await world.web(name)).headers["cookie"]} if name else {}
        async with Stream(world.app, f"/c/asha/visits/{id}/live", **headers) as stream:
            assert stream.status in (303, 404), name


async def test_attack_24_what_is_public_is_so_door_by_door(world: World, dsn: str, prefix: str) -> None:
    """Log, cache and mail-test doors without a lock, and paths that are public because of how they begin."""
    public = sorted(f"{door.method} {door.path}" for door in doors(world) if door.needs == PUBLIC)
    assert public == PUBLIC_DOORS.read_text().splitlines(), "a new one is written down on purpose"
    nobody = await world.web()
    shut = [
        door.path for door in doors(world) if door.needs != PUBLIC and door.method == "GET" and "{" not in door.path
    ]
    for path in shut:
        for way in (
            path,
            f"/health/..{path}",
            f"/static/0/..{path}",
            f"/{path}",
            f"{path}/",
            f"{path.upper()}",
            f"{path};x",
        ):
            answer = await nobody.get(f"http://svastha.localhost{way}")
            assert answer.status_code in (301, 303, 307, 308, 401, 404), f"{way}: {answer.status_code}"
            assert "Ananya" not in answer.text
    for path in ("/logger", "/cache", "/email/test", "/email/test-custom", "/api/v1/logs", "/debug", "/.env", "/admin"):
        assert (await nobody.get(path)).status_code == (await nobody.post(path)).status_code == 404, path
    found = load(
        FIT | {"SVASTHA_DATABASE_URL": dsn, "SVASTHA_DATABASE_PREFIX": prefix, "SVASTHA_MASTER_KEY": MASTER_KEY}
    )
    production = World(build(found), None)
    production.app = create_app(production.house)
    paths = {door.path for door in doors(production)}
    assert not [path for path in paths if path.startswith("/dev")] and "/home" in paths
    assert (await (await production.web()).get("/metrics")).status_code == 404, "without its token there is none"


async def test_attack_25_unverified_and_suspended_doctors_are_neither_found_nor_booked(world: World) -> None:
    """Whoever calls herself a doctor at sign-up is in the search, and takes bookings."""
    [token] = await crowd(world, 1)
    wanted = wish((await world.free())[3], RAO)
    nobody, herself = await world.api(), await applied(world)
    assert str(herself) not in (await nobody.get("/doctors", params={"limit": 50})).text
    assert (await nobody.get(f"/doctors/{herself}")).status_code == 404
    assert str(RAO) in (await nobody.get("/doctors")).text
    assert (await decided(world, RAO, "suspend", "A complaint is looked into")).status_code == 200
    await gone(nobody, token, wanted)
    assert (await decided(world, RAO, "reinstate")).status_code == 200
    assert (await nobody.get(f"/doctors/{RAO}")).status_code == 200
    await world.sql(None, UNVERIFIED, RAO)
    nobody.headers["cache-control"] = "no-cache"  # behind the house's back: nothing has told it to forget
    await gone(nobody, token, wanted)
    assert not await world.sql("asha", "SELECT FROM appointments")
