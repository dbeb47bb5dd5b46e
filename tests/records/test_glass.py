"""The whole record of a patient: for a doctor who cares for her, for others after breaking the glass."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from svastha.domain import accounts
from svastha.doors import visit
from tests.cast import IDS, World

REASON = {"reason": "She was brought in unconscious; I need to know what she takes."}


async def patient_of(world: World, name: str = "ananya") -> str:
    [row] = await world.sql("asha", "SELECT id FROM patients WHERE account_id = $1", IDS[name])
    return str(row["id"])


@pytest.fixture
async def cared(world: World) -> World:
    """Ananya had a visit with Dr Rao, with a signed note. Dr Iyer practises at Asha too, and knows her not."""
    now = datetime.now(UTC).replace(microsecond=0)
    booked = await world.booked("ananya")
    rao = await world.api("rao")
    note = {"subjective": "sleeps badly", "objective": "-", "assessment": "anidra", "plan": "milk at night"}
    path = f"/clinics/asha/appointments/{booked['id']}/note"
    assert (await rao.put(path, json=note, headers={"if-match": '"0"'})).status_code == 200
    assert (await rao.post(f"{path}/sign", headers={"if-match": '"1"'})).status_code in (200, 204)
    await world.sql(
        "asha",
        "UPDATE appointments SET status = 'completed', starts_at = $1, ends_at = $2",
        now - timedelta(days=2),
        now - timedelta(days=2) + timedelta(minutes=20),
    )
    async with visit.to_control(world.house) as tx:
        place, _ = await world.house.routing.find("asha")
        await accounts.grant(tx, IDS["iyer"], "doctor", clinic_id=place.id, by=None)
        accounts.forget(tx, IDS["iyer"])
    return world


async def test_who_cares_for_her_reads_the_whole_record(cared: World) -> None:
    id = await patient_of(cared)
    rao = await cared.api("rao")
    found = (await rao.get("/clinics/asha/patients", params={"q": "anan"})).json()["items"]
    assert [one["id"] for one in found] == [id]
    record = (await rao.get(f"/clinics/asha/patients/{id}/record")).json()
    assert record["entries"][0]["note"]["assessment"] == "anidra" and record["open_until"] is None
    for name in ("ananya", "kavya", "farida", "hari", "indu", "jaya"):
        stranger = await cared.api(name)
        assert (await stranger.get(f"/clinics/asha/patients/{id}/record")).status_code == 404, name
        assert (await stranger.get("/clinics/asha/patients", params={"q": "anan"})).status_code == 404, name


@pytest.mark.parametrize("name", ["iyer", "gita"])
async def test_others_break_the_glass_with_a_reason_and_it_is_told_and_reviewed(cared: World, name: str) -> None:
    id = await patient_of(cared)
    asking, rao = await cared.api(name), await cared.api("rao")
    path = f"/clinics/asha/patients/{id}"
    closed = await asking.get(f"{path}/record")
    assert closed.status_code == 403 and closed.json()["code"] == "record_closed"
    for reason in ("", "because", "x" * 1001, "why\x00ever not, my friend"):
        assert (await asking.post(f"{path}/break-glass", json={"reason": reason})).status_code == 422
    opened = await asking.post(f"{path}/break-glass", json=REASON)
    assert opened.status_code == 201, opened.text
    record = (await asking.get(f"{path}/record")).json()
    assert record["entries"][0]["note"]["plan"] == "milk at night" and record["open_until"]
    await cared.settle()
    [letter] = [m for m in cared.mail("gita") if "opened" in m.subject]
    assert "Ananya" not in letter.subject + letter.text, "whose record it is stays on the page"
    stored = await cared.sql("asha", "SELECT reason FROM openings")
    assert b"unconscious" not in stored[0]["reason"]
    [entry] = await cared.sql(
        "asha",
        "SELECT why FROM audit_entries WHERE action = 'read' AND subject_kind = 'record' AND account_id = $1",
        IDS[name],
    )
    assert entry["why"].startswith("glass broken")
    hers = (await (await cared.web("ananya")).get("/record/seen")).text
    assert "Opened outside the care relation" in hers and "glass broken" not in hers
    # It ends by itself.
    await cared.sql(
        "asha", "UPDATE openings SET opened_at = now() - interval '2 hours', open_until = now() - interval '1 hour'"
    )
    assert (await asking.get(f"{path}/record")).status_code == 403
    assert (await rao.get("/clinics/asha/openings")).status_code == 404


async def test_a_review_that_finds_it_not_in_order_closes_the_record_at_once(cared: World) -> None:
    id = await patient_of(cared)
    iyer, gita = await cared.api("iyer"), await cared.api("gita")
    for _ in range(2):  # a second one is no way around the verdict
        await iyer.post(f"/clinics/asha/patients/{id}/break-glass", json=REASON)
    await gita.post(f"/clinics/asha/patients/{id}/break-glass", json=REASON)
    listed = (await gita.get("/clinics/asha/openings")).json()["items"]
    his = next(one for one in listed if one["account_id"] == str(IDS["iyer"]))
    hers = next(one for one in listed if one["account_id"] == str(IDS["gita"]))
    assert his["reason"] == REASON["reason"]

    async def review(of: dict[str, Any], **said: str) -> httpx.Response:
        return await gita.post(f"/clinics/asha/openings/{of['id']}/review", json=said)

    assert (await review(hers, verdict="in_order")).json()["code"] == "own_opening"
    assert (await review(his, verdict="not_in_order")).status_code == 422
    assert (await review(his, verdict="perhaps")).status_code == 422
    assert (await review(his, verdict="not_in_order", remark="There was no emergency.")).status_code == 204
    assert (await review(his, verdict="in_order")).json()["code"] == "reviewed_already"
    assert (await iyer.get(f"/clinics/asha/patients/{id}/record")).status_code == 403


async def test_breaking_the_glass_needs_a_fresh_proof(cared: World) -> None:
    id = await patient_of(cared)
    iyer = await cared.api("iyer")
    await cared.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")
    refused = await iyer.post(f"/clinics/asha/patients/{id}/break-glass", json=REASON)
    assert refused.status_code == 403 and refused.json()["code"] == "step_up_required"


async def test_the_pages(cared: World) -> None:
    id = await patient_of(cared)
    iyer, gita = await cared.web("iyer"), await cared.web("gita")
    assert "Ananya Deshpande" in (await iyer.get("/c/asha/patients?q=ana")).text
    assert "at least three" in (await iyer.get("/c/asha/patients?q=a")).text
    closed = await iyer.get(f"/c/asha/patients/{id}")
    assert closed.status_code == 403 and "record is closed" in closed.text and "anidra" not in closed.text
    short = await iyer.post(f"/c/asha/patients/{id}", data={"reason": "short"})
    assert short.status_code == 422 and "short" in short.text
    opened = await iyer.post(f"/c/asha/patients/{id}", data=REASON)
    assert opened.status_code == 303
    assert "anidra" in (await iyer.get(opened.headers["location"])).text
    listed = await gita.get("/c/asha/openings")
    assert "unconscious" in listed.text
    [row] = await cared.sql("asha", "SELECT id FROM openings")
    refused = await gita.post(f"/c/asha/openings/{row['id']}", data={"verdict": "not_in_order"})
    assert refused.status_code == 422
    done = await gita.post(f"/c/asha/openings/{row['id']}", data={"verdict": "in_order"})
    assert done.status_code == 303
    assert "In order" in (await gita.get("/c/asha/openings")).text
