"""Joining and leaving a waiting list, and who sees it."""

from svastha.kit.ids import uuid7
from tests.cast import IYER, RAO, World
from tests.waiting_list.waiting import LIST, day, entry, full, joins, wish


async def test_whoever_joins_sees_her_place_and_leaves_when_she_likes(world: World) -> None:
    await full(world)
    ananya, kavya = await world.api("ananya"), await world.api("kavya")
    first, second = await joins(ananya), await joins(kavya, doctor_id=None)
    assert (first["place"], first["people"], first["state"]) == (1, 1, "waiting")
    assert (second["place"], second["people"]) == (2, 2), "who waits for anybody stands in line with who waits for her"
    assert (await entry(ananya, first["id"]))["people"] == 2

    assert (await ananya.delete(f"{LIST}/{first['id']}")).status_code == 204
    assert (await ananya.delete(f"{LIST}/{first['id']}")).status_code == 204, "leaving twice changes nothing"
    assert (await entry(kavya, second["id"]))["place"] == 1
    assert [one["state"] for one in (await ananya.get(LIST)).json()["items"]] == ["left"]


async def test_what_cannot_be_waited_for(world: World) -> None:
    await full(world)
    ananya = await world.api("ananya")

    async def asks(**more: object) -> tuple[int, object]:
        answer = await ananya.post(LIST, json=wish(**more), headers={"idempotency-key": str(more)})
        found = answer.json()
        return answer.status_code, [one["field"] for one in found.get("errors", ())] or found.get("code")

    assert await asks(first_day=day(-1)) == (422, ["first_day"])
    assert await asks(first_day=day(3)) == (422, ["last_day"])
    assert await asks(last_day=day(200)) == (422, ["last_day"])
    assert await asks(last_day="9999-12-31") == (422, ["last_day"])
    assert await asks(mode="home_visit") == (422, ["mode"])
    for area in ("411001", ""):
        assert await asks(area=area) == (422, ["area"])
    assert await asks(doctor_id=None, specialty="astrology") == (422, ["specialty"])
    assert await asks(specialty="kayachikitsa") == (422, ["specialty"])
    assert await asks(doctor_id=str(IYER)) == (404, "not_found")
    assert (await asks(weekdays=[]))[0] == (await asks(parts=["noon"]))[0] == (await asks(weekdays=[8]))[0] == 422
    assert (await asks(doctor_id=None, specialty="a\x00b"))[0] == 400
    assert (await asks())[0] == 201
    assert await asks(weekdays=[7, 6, 5, 4, 3, 2, 1]) == (409, "waiting_already"), "the same in other words"
    for n in range(4):
        assert (await asks(last_day=day(3 + n)))[0] == 201
    assert await asks(last_day=day(9)) == (409, "too_many_waits")
    listed = (await ananya.get(LIST)).json()["items"]
    assert (await ananya.delete(f"{LIST}/{listed[0]['id']}")).status_code == 204
    assert (await asks(last_day=day(10)))[0] == 201, "whoever leaves one may join another"


async def test_strangers_find_nothing(world: World) -> None:
    await full(world)
    ananya = await world.api("ananya")
    mine = await joins(ananya)
    one = f"{LIST}/{mine['id']}"
    for name in ("kavya", "rao", "iyer", "hari", "indu", "jaya"):
        client = await world.api(name)
        answers = [
            await client.get(one),
            await client.delete(one),
            await client.post(f"{one}/accept", headers={"idempotency-key": "k"}),
            await client.post(f"{one}/decline"),
        ]
        assert {answer.status_code for answer in answers} == {404}, name
        assert mine["id"] not in (await client.get(LIST)).text
        assert (await client.get(f"{LIST}/desk")).status_code == 404, name
    assert (await (await world.api()).get(one)).status_code == 401
    assert (await ananya.get(f"/clinics/nadi/waitlist/{mine['id']}")).status_code == 404


async def test_the_desk_sees_everybody_and_puts_a_patient_on_the_list(world: World) -> None:
    await full(world)
    ananya, farida = await world.api("ananya"), await world.api("farida")
    mine = await joins(ananya)
    patient = uuid7()
    await world.sql("asha", "INSERT INTO patients (id, name, email) VALUES ($1, 'Old Mr Patil', '')", patient)
    hers = await joins(farida, patient_id=str(patient))
    assert (hers["patient_name"], hers["place"], hers["as_guardian"]) == ("Old Mr Patil", 2, False)

    first = await farida.get(f"{LIST}/desk?limit=1&doctor_id={RAO}")
    second = await farida.get(f"{LIST}/desk?limit=1&doctor_id={RAO}&cursor={first.json()['next_cursor']}")
    assert [one["id"] for answer in (first, second) for one in answer.json()["items"]] == [mine["id"], hers["id"]]
    assert 'rel="next"' in first.headers["link"] and second.json()["next_cursor"] is None
    assert (await farida.get(f"{LIST}/desk?cursor=odd")).status_code == 400
    assert (await farida.delete(f"{LIST}/{hers['id']}")).status_code == 204
    stranger = await (await world.api("kavya")).post(
        LIST, json=wish(patient_id=str(patient)), headers={"idempotency-key": "k"}
    )
    assert stranger.status_code == 404


async def test_a_guardian_waits_for_her_child(world: World) -> None:
    await full(world)
    ananya = await world.api("ananya")
    child = await ananya.post(
        "/clinics/asha/me/dependants",
        json={"name": "Mira", "birth_date": "2019-04-01", "sex": "female", "relation": "mother"},
    )
    hers = await joins(ananya, patient_id=child.json()["patient_id"])
    assert (hers["patient_name"], hers["as_guardian"]) == ("Mira", True)
    await joins(ananya)  # and for herself the same
    assert len((await ananya.get(LIST)).json()["items"]) == 2


async def test_a_wish_sent_twice_joins_once(world: World) -> None:
    await full(world)
    ananya = await world.api("ananya")
    first, again = [await ananya.post(LIST, json=wish(), headers={"idempotency-key": "one"}) for _ in range(2)]
    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    assert (await ananya.post(LIST, json=wish())).status_code == 400


async def test_a_wait_ends_with_its_days(world: World) -> None:
    await full(world)
    ananya = await world.api("ananya")
    mine = await joins(ananya)
    await world.sql("asha", "UPDATE waiting_list SET first_day = now()::date - 9, last_day = now()::date - 2")
    assert (await entry(ananya, mine["id"]))["state"] == "over", "before anybody has written it down"
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'waiting_list.end_wait'")
    await world.settle()
    rows = await world.sql("asha", "SELECT ended FROM waiting_list")
    assert [row["ended"] for row in rows] == ["over"]
