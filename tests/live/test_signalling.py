import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.cast import IDS, World
from tests.consultations.test_admit import admitted
from tests.live.wire import Closed, Socket

D, P = "sid-of-the-doctor", "sid-of-the-patient"


async def token(world: World, name: str, visit: str) -> str:
    answer = await (await world.api(name)).post(f"{visit}/video-token")
    assert answer.status_code == 200, answer.text
    found: str = answer.json()["token"]
    return found


async def socket(world: World, name: str, visit: str, sid: str = "", **headers: str) -> Socket:
    query = {"token": await token(world, name, visit), "sid": sid or (D if name == "rao" else P)}
    return Socket(world.app, "/live/call", query, **headers)


async def log(world: World) -> list[tuple[str, str, str]]:
    return [tuple(line) for line in await world.sql("asha", "SELECT who, event, detail FROM call_log ORDER BY at, id")]


async def test_two_people_meet_and_what_one_sends_reaches_the_other(world: World) -> None:
    visit = await admitted(world)
    async with await socket(world, "rao", visit) as doctor:
        assert (await doctor.hear()) == {"t": "chats", "items": []}
        async with await socket(world, "ananya", visit) as patient:
            assert (await patient.hear())["t"] == "chats"
            assert await patient.hear() == {"t": "peer", "sid": D}
            assert await doctor.hear() == {"t": "peer", "sid": P}
            for kind in ("offer", "ice", "again", "media"):
                doctor.say(t=kind, to=P, d={"type": kind, "sdp": "v=0"}, call="1")
                heard = await patient.hear()
                assert heard == {"t": kind, "to": P, "from": D, "d": {"type": kind, "sdp": "v=0"}, "call": "1"}
            patient.say(t="answer", to=D, d=None)
            assert await doctor.hear() == {"t": "answer", "to": D, "from": P, "d": None}
            patient.say(t="ping")
            assert await patient.hear() == {"t": "pong"}
        assert await doctor.hear() == {"t": "gone", "sid": P}


async def test_only_what_is_meant_for_the_page_that_is_there_is_passed_on(world: World) -> None:
    visit = await admitted(world)
    async with await socket(world, "rao", visit) as doctor, await socket(world, "ananya", visit) as patient:
        await patient.until("peer")
        for message in (
            {"t": "offer", "to": "an-older-page-of-hers"},
            {"t": "offer"},
            {"t": "peer", "to": P, "sid": "forged-by-the-doctor"},
            {"t": "state", "to": P, "status": "completed"},
            {"t": "nonsense", "to": P},
        ):
            doctor.say(**message)
        doctor.say(**{"t": "ice", "to": P, "from": "forged", "c": 1})
        heard = [await patient.hear()]
        while heard[-1]["t"] != "ice":
            heard.append(await patient.hear())
        again = {"t": "peer", "sid": D}  # said once more by a hub that began to listen just then
        assert [one for one in heard if one != again] == [{"t": "ice", "to": P, "from": D, "c": 1}]


@pytest.mark.parametrize("wrong", ["", "x", "token of another time", "sid"])
async def test_who_has_no_token_is_not_let_in(world: World, wrong: str) -> None:
    visit = await admitted(world)
    given = await token(world, "ananya", visit)
    query = {"token": given, "sid": "short"} if wrong == "sid" else {"token": wrong, "sid": P}
    with pytest.raises(Closed):
        await Socket(world.app, "/live/call", query).__aenter__()
    async with Socket(world.app, "/live/call", {"token": given, "sid": P}) as patient:
        assert (await patient.hear())["t"] == "chats"


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        ("http://svastha.localhost", True),
        ("https://elsewhere.test", False),
        ("null", False),
        ("", False),
        ("http://[", False),
    ],
)
async def test_a_page_of_somebody_else_is_not_let_in(world: World, origin: str, welcome: bool) -> None:
    visit = await admitted(world)
    line = await socket(world, "ananya", visit, origin=origin)
    if welcome:
        async with line as patient:
            assert (await patient.hear())["t"] == "chats"
    else:
        with pytest.raises(Closed) as refused:
            await line.__aenter__()
        assert refused.value.code == 4401


async def test_the_newest_window_of_a_person_has_the_call(world: World) -> None:
    visit = await admitted(world)
    async with await socket(world, "rao", visit) as doctor, await socket(world, "ananya", visit, "first-window") as old:
        await old.until("peer")
        async with await socket(world, "ananya", visit, "second-window") as new:
            assert await old.closed() == 4001
            assert (await new.until("peer"))["sid"] == D
            assert [(await doctor.until("peer"))["sid"] for _ in range(2)] == ["first-window", "second-window"]
            doctor.say(t="offer", to="second-window")
            assert (await new.hear())["t"] == "offer"
    assert [line for line in await log(world) if line[0] == "patient"] == [
        ("patient", "joined", ""),
        ("patient", "joined", "again"),
        ("patient", "left", "lost"),
    ]


async def test_a_socket_that_comes_back_is_introduced_again(world: World) -> None:
    visit = await admitted(world)
    async with await socket(world, "rao", visit) as doctor:
        async with await socket(world, "ananya", visit):
            assert (await doctor.until("peer"))["sid"] == P
        assert (await doctor.until("gone"))["sid"] == P
        async with await socket(world, "ananya", visit):
            assert (await doctor.until("peer"))["sid"] == P


async def test_when_the_visit_ends_both_are_told_and_let_go(world: World) -> None:
    visit = await admitted(world)
    async with await socket(world, "rao", visit) as doctor, await socket(world, "ananya", visit) as patient:
        late = await socket(world, "ananya", visit, "another-window")
        await patient.until("peer")
        await (await world.api("rao")).post(f"{visit}/complete")
        assert await patient.until("state") == {"t": "state", "status": "completed"}
        assert (await patient.closed(), await doctor.closed()) == (4003, 4003)
        async with late:
            assert await late.closed() == 4003


async def test_joined_admitted_left_and_mode_are_in_the_log(world: World) -> None:
    visit = await admitted(world)
    async with await socket(world, "ananya", visit) as patient:
        for audio, video in ((True, True), (True, True), (True, False), (False, False)):
            patient.say(t="media", audio=audio, video=video)
        patient.say(t="ping")
        await patient.until("pong")
        patient.say(t="bye")
        assert await patient.closed() == 1000
    assert await log(world) == [
        ("doctor", "admitted", ""),
        ("patient", "joined", ""),
        ("patient", "mode", "video"),
        ("patient", "mode", "audio only"),
        ("patient", "mode", "neither audio nor video"),
        ("patient", "left", "hung up"),
    ]


async def test_chat_reaches_both_is_kept_sealed_and_comes_once(world: World) -> None:
    visit = await admitted(world)
    id = str(uuid4())
    async with await socket(world, "rao", visit) as doctor:
        async with await socket(world, "ananya", visit) as patient:
            await doctor.until("peer")
            patient.say(t="chat", id=id, text="  मुझे आवाज़ नहीं आ रही ")
            patient.say(t="chat", id=id, text="the same again")
            heard = [await line.until("chat") for line in (doctor, patient, doctor, patient)]
            assert {(m["id"], m["from"], m["name"], m["text"]) for m in heard} == {
                (id, "patient", "Ananya Deshpande", "मुझे आवाज़ नहीं आ रही")
            }
        doctor.say(t="chat", id=str(uuid4()), text="Please unmute")
        await doctor.until("chat")
    async with await socket(world, "ananya", visit) as again:
        chats = await again.until("chats")
        assert [(line["from"], line["text"]) for line in chats["items"]] == [
            ("patient", "मुझे आवाज़ नहीं आ रही"),
            ("doctor", "Please unmute"),
        ]
    rows = await world.sql("asha", "SELECT content FROM chat_lines")
    assert len(rows) == 2
    assert not any(b"unmute" in row["content"] for row in rows)


async def test_a_line_in_somebody_elses_name_is_refused(world: World) -> None:
    visit = await admitted(world)
    id = str(uuid4())
    async with await socket(world, "rao", visit) as doctor, await socket(world, "ananya", visit) as patient:
        await patient.until("peer")
        doctor.say(t="chat", id=id, text="from the doctor")
        await patient.until("chat")
        patient.say(t="chat", id=id, text="the same id")
        assert await patient.until("refused") == {"t": "refused", "id": id, "code": "not_found"}
        for text in ("", "  ", "x" * 2001, "a\x00"):
            patient.say(t="chat", id=str(uuid4()), text=text)
            assert (await patient.until("refused"))["code"] == "invalid"
    assert len(await world.sql("asha", "SELECT 1 FROM chat_lines")) == 1


NOISE: list[Any] = [
    {"t": "chat"},
    {"t": "chat", "id": 7, "text": "x"},
    {"t": "chat", "id": "not a uuid", "text": "x"},
    {"t": "chat", "id": "0" * 32, "text": ["x"]},
    {"t": "media", "audio": "yes", "video": {}},
    {"t": "offer", "to": {"a": []}},
    {"t": "offer", "to": None, "self": 1, "message": 2},
    {"t": "", "to": P},
]


async def test_noise_is_passed_over(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    visit = await admitted(world)
    async with await socket(world, "rao", visit) as doctor, await socket(world, "ananya", visit) as patient:
        await doctor.until("peer")
        for message in NOISE:
            doctor.say(**message)
        doctor.say(t="offer", to=P, self=1, message=2, kind="x")
        assert (await patient.until("offer"))["self"] == 1
        doctor.say(t="ping")
        assert (await doctor.until("pong"))["t"] == "pong"
    assert capfd.readouterr().err == ""


DEEP = '{"t":"offer","to":"sid-of-the-doctor","d":' + "[" * 500 + "]" * 500 + "}"


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "7", '"t"', "{}", '{"t":7}', '{"t":["chat"]}', "[" * 60_000, '{"t":"\\ud800"}', "é" * 40_000, DEEP],
)
async def test_who_speaks_another_language_is_let_go(
    world: World, capfd: pytest.CaptureFixture[str], text: str
) -> None:
    async with await socket(world, "ananya", await admitted(world)) as patient:
        patient.text(text)
        assert await patient.closed() == 4400
    assert capfd.readouterr().err == ""


async def test_binary_messages_are_no_language_of_ours(world: World) -> None:
    async with await socket(world, "ananya", await admitted(world)) as patient:
        patient.bytes(b"{}")
        assert await patient.closed() == 4400


@pytest.mark.parametrize(("kind", "few", "many"), [("ice", 90, 400), ("chat", 15, 60)])
async def test_a_flood_is_stopped(world: World, kind: str, few: int, many: int) -> None:
    visit = await admitted(world)
    async with await socket(world, "ananya", visit) as patient:
        for _ in range(few):
            patient.say(t=kind)
        patient.say(t="ping")
        await patient.until("pong")
    async with await socket(world, "ananya", visit) as patient:
        for _ in range(many):
            patient.say(t=kind)
        assert await patient.closed() == 4008


async def test_who_signs_out_is_let_go(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("svastha.doors.live.watch.LOOK_AGAIN", 0.05)
    visit, browser = await admitted(world), await world.web("ananya")
    line = await socket(world, "ananya", visit, origin="http://svastha.localhost", cookie=browser.headers["cookie"])
    async with line as patient:
        await patient.until("chats")
        await asyncio.sleep(0.2)
        patient.say(t="ping")
        assert (await patient.until("pong"))["t"] == "pong"
        assert (await browser.post("/sign-out")).status_code == 303
        assert await patient.closed() == 4401


@pytest.mark.parametrize(
    ("name", "change", "code"),
    [
        ("ananya", "UPDATE sessions SET ended_at = now() WHERE account_id = $1", 4401),
        ("ananya", "UPDATE accounts SET suspended_at = now() WHERE id = $1", 4401),
        ("rao", "UPDATE accounts SET suspended_at = now() WHERE id = $1", 4401),
        ("rao", "UPDATE grants SET valid_until = now() WHERE account_id = $1", 4401),
        ("ananya", "UPDATE sessions SET token_expires_at = now() WHERE account_id = $1", None),
    ],
)
async def test_who_may_no_longer_be_in_the_call_is_let_go_without_a_cookie_too(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str, change: str, code: int | None
) -> None:
    monkeypatch.setattr("svastha.doors.live.watch.LOOK_AGAIN", 0.05)
    visit = await admitted(world)
    early = await socket(world, name, visit, "another-window")
    async with await socket(world, name, visit) as line:
        await line.until("chats")
        await world.sql(None, change, IDS[name])
        if code:
            assert await line.closed() == code
            async with early:
                assert await early.closed() == code, "a pass that was given before opens nothing"
        else:
            await asyncio.sleep(0.2)
            line.say(t="ping")
            assert (await line.until("pong"))["t"] == "pong"


async def test_who_comes_into_a_call_reads_its_chat_and_leaves_a_trace(world: World) -> None:
    visit = await admitted(world)
    async with await socket(world, "rao", visit) as doctor, await socket(world, "ananya", visit) as patient:
        for line in (doctor, patient):
            await line.until("chats")
    rows = await world.sql("asha", "SELECT account_id FROM audit_entries WHERE subject_kind = 'chat'")
    assert {row["account_id"] for row in rows} == {IDS["rao"], IDS["ananya"]}


async def test_a_call_ends_with_the_session_that_asked_for_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while she is signed in elsewhere: else whoever has stolen one would stay in it after she has ended it."""
    monkeypatch.setattr("svastha.doors.live.watch.LOOK_AGAIN", 0.05)
    visit, ananya = await admitted(world), await world.api("ananya")
    before = {one["id"] for one in (await ananya.get("/me/sessions")).json()["items"]}
    async with await socket(world, "ananya", visit) as patient:
        await patient.until("chats")
        now = {one["id"] for one in (await ananya.get("/me/sessions")).json()["items"]}
        for stolen in now - before:
            assert (await ananya.delete(f"/me/sessions/{stolen}")).status_code == 204
        assert await patient.closed() == 4401
    assert (await ananya.get("/me")).status_code == 200
