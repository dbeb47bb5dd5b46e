"""Days on which the clinic, or a branch of it, is closed; and the rules of the house."""

from datetime import UTC, datetime, time, timedelta

import pytest

from tests.cast import World
from tests.schedule.test_resources import branch
from tests.schedule.weekly import INDIA, hours, monday, once, set_week

RULES = {
    "booking": "requested",
    "answer_within_minutes": 240,
    "late_after_minutes": 15,
    "late_rule": "end",
    "late_places": 3,
    "remind_before_minutes": [60, 1440],
    "quiet_from": "22:00",
    "quiet_until": "06:30",
    "offer_minutes": 20,
}


async def test_a_holiday_closes_the_clinic_and_cancels_nothing(world: World) -> None:
    gita, rao, day = await world.api("gita"), await world.api("rao"), monday(2)
    assert (await set_week(rao, hours("09:00-10:00", modes=["video"]))).status_code == 200
    booked = await world.booked(at=datetime.combine(day, time(9), INDIA).astimezone(UTC))
    wish = {"day": day.isoformat(), "name": "Holi"}
    preview = await gita.post("/clinics/asha/holidays/preview", json=wish)
    assert preview.status_code == 200, preview.text
    assert [(one["day"], one["gained"], one["lost"]) for one in preview.json()["days"]] == [(day.isoformat(), 0, 2)]
    assert [one["id"] for one in preview.json()["visits"]] == [booked["id"]]
    made = await gita.post("/clinics/asha/holidays", json=wish, headers=once())
    assert made.status_code == 201, made.text
    midnight = datetime.combine(day, time(), INDIA)
    assert await world.free(after=midnight - datetime.now(UTC)) == []
    twice = await gita.post("/clinics/asha/holidays", json=wish, headers=once())
    assert (twice.status_code, twice.json()["code"]) == (409, "holiday_known")
    read = await rao.get("/clinics/asha/holidays")
    assert [(one["name"], one["branch_id"]) for one in read.json()["items"]] == [("Holi", None)]
    assert (await gita.delete(f"/clinics/asha/holidays/{made.json()['id']}")).status_code == 204
    assert len(await world.free(after=midnight - datetime.now(UTC))) == 2
    assert (await gita.delete(f"/clinics/asha/holidays/{made.json()['id']}")).status_code == 404


async def test_a_branch_that_is_closed_closes_what_is_there(world: World) -> None:
    gita, day = await world.api("gita"), monday(2)
    here = await branch(gita, "Camp")
    rows = hours("09:00-10:00", modes=["video"], branch_id=here["id"]) + hours("15:00-16:00", modes=["video"])
    assert (await set_week(await world.api("rao"), rows)).status_code == 200
    wish = {"day": day.isoformat(), "name": "Painting", "branch_id": here["id"]}
    assert (await gita.post("/clinics/asha/holidays", json=wish, headers=once())).status_code == 201
    midnight = datetime.combine(day, time(), INDIA)
    free = await world.free(after=midnight - datetime.now(UTC))
    assert {one.astimezone(INDIA).hour for one in free} == {15}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"day": "2020-01-26", "name": "Republic Day"}, "day"),
        ({"day": "9999-12-31", "name": "x"}, "day"),
        ({"day": "0001-01-01", "name": "x"}, "day"),
        ({"day": monday().isoformat(), "name": "  "}, "name"),
        (
            {"day": monday().isoformat(), "name": "x", "branch_id": "01900000-0000-7000-8000-000000000001"},
            "branch_id",
        ),
    ],
)
async def test_what_no_holiday_may_be(world: World, wish: dict[str, str], field: str) -> None:
    gita = await world.api("gita")
    for path, headers in (("", once()), ("/preview", {})):
        answer = await gita.post(f"/clinics/asha/holidays{path}", json=wish, headers=headers)
        assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [field]), answer.text


async def test_the_rules_of_the_house(world: World) -> None:
    gita, farida = await world.api("gita"), await world.api("farida")
    saved = await gita.put("/clinics/asha/rules", json=RULES)
    assert saved.status_code == 200, saved.text
    assert (await farida.get("/clinics/asha/rules")).json() == RULES | {"remind_before_minutes": [1440, 60]}
    assert (await farida.put("/clinics/asha/rules", json=RULES)).status_code == 404
    assert (await (await world.api("hari")).put("/clinics/asha/rules", json=RULES)).status_code == 404
    for wrong, field in (
        ({"answer_within_minutes": 5}, "answer_within"),
        ({"late_after_minutes": 121}, "late_after"),
        ({"late_places": 21}, "late_places"),
        ({"remind_before_minutes": [1]}, "remind_before"),
        ({"remind_before_minutes": [10, 20, 30, 40, 50, 60]}, "remind_before"),
        ({"offer_minutes": 4}, "offer_minutes"),
    ):
        answer = await gita.put("/clinics/asha/rules", json=RULES | wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text
    assert (await gita.put("/clinics/asha/rules", json=RULES | {"quiet_from": "25:00"})).status_code == 422


async def test_who_sets_what_is_the_clinics(world: World) -> None:
    wish = {"day": (monday() + timedelta(days=1)).isoformat(), "name": "x"}
    for name in ("rao", "farida", "hari", "ananya", "indu"):
        api = await world.api(name)
        assert (await api.post("/clinics/asha/holidays", json=wish, headers=once())).status_code == 404, name
        assert (await api.post("/clinics/asha/branches", json={"name": "x"}, headers=once())).status_code == 404, name
