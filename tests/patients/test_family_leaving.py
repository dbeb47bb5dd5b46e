"""What a guardian takes along, and that she does not leave a child waiting."""

import io
import zipfile

from tests.cast import IDS, World
from tests.patients.test_guardians import accepted, booking, registered, signed


async def test_what_a_mother_takes_along_has_her_childs_record_and_not_that_of_whom_she_only_helps(
    world: World,
) -> None:
    meera = await registered(world)
    await signed(world, (await booking(world, "ananya", meera["patient_id"])).json())
    await accepted(world, "ananya", "kavya", patient_id=meera["patient_id"])
    found = {}
    for name in ("ananya", "kavya"):
        answer = await (await world.api(name)).get("/me/export")
        found[name] = set(zipfile.ZipFile(io.BytesIO(answer.content)).namelist())
    hers = f"clinics/asha-{meera['patient_id']}.json"
    assert hers in found["ananya"] and any(name.endswith(".pdf") for name in found["ananya"])
    assert found["kavya"] == {"README.txt", "account.json"}
    noted = await world.sql("asha", "SELECT account_id, whose FROM audit_entries WHERE action = 'export'")
    assert [(row["account_id"], str(row["whose"])) for row in noted] == [(IDS["ananya"], meera["patient_id"])]


async def test_an_account_is_not_closed_while_a_child_has_a_visit_to_come(world: World) -> None:
    meera = await registered(world)
    visit = (await booking(world, "ananya", meera["patient_id"])).json()
    ananya = await world.api("ananya")
    assert (await ananya.post("/me/close")).json()["code"] == "visits_to_come"
    assert (await ananya.post(f"/clinics/asha/appointments/{visit['id']}/cancel")).status_code == 200
    assert (await ananya.post("/me/close")).status_code == 200
    [row] = await world.sql("asha", "SELECT email, phone FROM guardianships")
    assert (row["email"], row["phone"]) == ("", "")
