import pytest

from tests.cast import World

EVERYBODY = [
    ("rao", 200),
    ("ananya", 404),
    ("kavya", 404),
    ("farida", 404),
    ("gita", 404),
    ("iyer", 404),
    ("hari", 404),
    ("indu", 404),
    ("jaya", 404),
    (None, 401),
]
# Of the visit. The desk knows it too, so to the desk it is not as if there were none.
THE_TWO = [(name, {"ananya": 200, "farida": 403, "gita": 403}.get(name or "", s)) for name, s in EVERYBODY]


@pytest.mark.parametrize(("name", "status"), EVERYBODY)
async def test_only_her_doctor_lets_a_patient_in(world: World, name: str | None, status: int) -> None:
    booked = await world.booked()
    answer = await (await world.api(name)).post(f"/clinics/asha/appointments/{booked['id']}/admit")
    assert answer.status_code == status
    [row] = await world.sql("asha", "SELECT status FROM appointments")
    assert row["status"] == ("in_progress" if status == 200 else "confirmed")


@pytest.mark.parametrize(("name", "status"), EVERYBODY)
async def test_only_her_doctor_ends_a_visit(world: World, name: str | None, status: int) -> None:
    visit = await admitted(world)
    answer = await (await world.api(name)).post(f"{visit}/complete")
    assert answer.status_code == status
    [row] = await world.sql("asha", "SELECT status FROM appointments")
    assert row["status"] == ("completed" if status == 200 else "in_progress")


async def test_admitting_and_completing_twice_is_done_once(world: World) -> None:
    rao = await world.api("rao")
    visit = await admitted(world)
    assert (await rao.post(f"{visit}/admit")).json()["status"] == "in_progress"
    assert (await rao.post(f"{visit}/complete")).json()["status"] == "completed"
    assert (await rao.post(f"{visit}/complete")).json()["status"] == "completed"
    steps = await world.sql("asha", "SELECT status FROM appointment_steps ORDER BY at, id")
    assert [step["status"] for step in steps] == ["confirmed", "in_progress", "completed"]
    log = await world.sql("asha", "SELECT who, event FROM call_log")
    assert [tuple(line) for line in log] == [("doctor", "admitted")]


async def test_no_step_is_left_out_or_taken_back(world: World) -> None:
    rao, booked = await world.api("rao"), await world.booked()
    visit = f"/clinics/asha/appointments/{booked['id']}"
    early = await rao.post(f"{visit}/complete")
    assert (early.status_code, early.json()["code"]) == (409, "not_possible_now")
    await rao.post(f"{visit}/admit")
    await rao.post(f"{visit}/complete")
    late = await rao.post(f"{visit}/admit")
    assert (late.status_code, late.json()["code"]) == (409, "not_possible_now")


async def admitted(world: World, *, mode: str = "video") -> str:
    """The path of a visit of Ananya with Dr Rao that is in progress."""
    booked = await world.booked(mode=mode)
    visit = f"/clinics/asha/appointments/{booked['id']}"
    answer = await (await world.api("rao")).post(f"{visit}/admit")
    assert answer.status_code == 200, answer.text
    return visit
