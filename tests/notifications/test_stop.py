"""She chooses her channels on a page or by a program; STOP and START, answered to a message, act on her number."""

import json
from typing import Any

import pytest

from svastha.adapters.sms_twin import SmsTwin
from svastha.adapters.whatsapp_twin import WhatsAppTwin
from svastha.domain import accounts, notifications
from svastha.doors import visit
from tests.cast import IDS, World, email
from tests.notifications.conftest import inbox

PHONE = "+919876500001"


async def with_number(world: World, phone: str = PHONE, name: str = "ananya") -> None:
    async with visit.to_control(world.house) as tx:
        for old in await accounts.contacts_of(tx, IDS[name]):
            if old.kind == "phone":
                await accounts.drop_contact(tx, IDS[name], old.id)
        await accounts.put_contact(tx, IDS[name], accounts.address_of(phone))


async def code_comes_by(world: World, **more: Any) -> list[str]:
    """Channels by which a code arrived that was asked for just now."""
    before = len(inbox(world, PHONE)), len(inbox(world, email("ananya")))
    await world.sql(None, "DELETE FROM attempts")
    asked = await (await world.api()).post("/auth/code", json={"contact": email("ananya"), **more})
    assert asked.status_code == 202
    await world.settle()
    fresh = [
        *inbox(world, PHONE)[: len(inbox(world, PHONE)) - before[0]],
        *inbox(world, email("ananya"))[: len(inbox(world, email("ananya"))) - before[1]],
    ]
    return sorted(message.channel for message in fresh)


def on_whatsapp(text: str, sender: str = PHONE) -> bytes:
    said = {"from": sender.lstrip("+"), "id": "wamid.x", "type": "text", "text": {"body": text}}
    return json.dumps({"entry": [{"changes": [{"value": {"messages": [said]}}]}]}).encode()


def by_sms(text: str, sender: str = PHONE) -> bytes:
    return json.dumps({"sender": sender.lstrip("+"), "message": text}).encode()


async def answered(world: World, path: str, body: bytes, headers: dict[str, str]) -> int:
    client = await world.web()
    answer = await client.post(f"/hooks/{path}", content=body, headers=headers)
    await world.settle()
    return answer.status_code


async def test_chosen_by_a_program(world: World) -> None:
    await with_number(world)
    ananya = await world.api("ananya")
    usual = {"channels": ["sms", "email"], "all_at_once": False, "stopped": []}
    assert (await ananya.get("/me/channels")).json() == usual
    assert await code_comes_by(world) == ["sms"]
    wanted = {"channels": ["whatsapp", "email"], "all_at_once": False}
    assert (await ananya.put("/me/channels", json=wanted)).json() == wanted | {"stopped": []}
    assert await code_comes_by(world) == ["whatsapp"]
    assert await code_comes_by(world, all_at_once=True) == ["email", "whatsapp"]
    every = {"channels": ["email", "sms", "whatsapp"], "all_at_once": True}
    assert (await ananya.put("/me/channels", json=every)).status_code == 200
    assert await code_comes_by(world) == ["email", "sms", "whatsapp"]
    for wrong in ([], ["pigeon"], ["sms", "sms"], ["sms", "\x00"], [None], "sms"):
        assert (await ananya.put("/me/channels", json={"channels": wrong})).status_code == 422
    assert (await ananya.get("/me/channels")).json()["channels"] == every["channels"]
    assert (await (await world.api()).get("/me/channels")).status_code == 401


async def test_chosen_on_a_page(world: World) -> None:
    page = await world.web("ananya")
    for linked in ("/settings", "/security"):
        assert "/security/channels" in (await page.get(linked)).text
    assert "You have not given one yet" in (await page.get("/security/channels")).text
    await with_number(world)
    twice = {"channels": "sms", "second": "sms", "third": "", "all_at_once": "1"}
    wrong = await page.post("/security/channels", data=twice)
    assert wrong.status_code == 422 and "each once" in wrong.text and "checked" in wrong.text
    chosen = {"channels": "whatsapp", "second": "", "third": "email", "all_at_once": "1"}
    assert (await page.post("/security/channels", data=chosen)).status_code == 303
    assert await code_comes_by(world) == ["email", "whatsapp"]
    said = (await page.get("/security/channels")).text
    assert said.index('value="whatsapp" selected') < said.index('value="email" selected') and "checked" in said


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
async def test_stop_turns_this_channel_off_and_start_on(
    world: World, whatsapp: WhatsAppTwin, sms: SmsTwin, channel: str
) -> None:
    await with_number(world)
    ananya, page = await world.api("ananya"), await world.web("ananya")
    order = [channel, "email"]
    await ananya.put("/me/channels", json={"channels": order})
    assert await code_comes_by(world) == [channel]
    path, say, twin = {
        "whatsapp": ("whatsapp", on_whatsapp, whatsapp),
        "sms": ("sms/reply", by_sms, sms),
    }[channel]
    for word in (" Stop. ", "STOP", "बंद करें"):  # twice says nothing new
        assert await answered(world, path, say(word), twin.signed(say(word))) == 200
    kept = (await ananya.get("/me/channels")).json()
    assert kept == {"channels": ["email"], "all_at_once": False, "stopped": [channel]}
    assert "You have answered STOP" in (await page.get("/security/channels")).text
    assert await code_comes_by(world) == ["email"]
    notices = [one for one in world.mail("ananya") if one.subject.startswith("No more messages by")]
    assert len(notices) == 1 and "/security/channels" in notices[0].text
    assert await answered(world, path, say("start"), twin.signed(say("start"))) == 200
    assert (await ananya.get("/me/channels")).json() == {"channels": order, "all_at_once": False, "stopped": []}
    assert await code_comes_by(world) == [channel]
    notes = await world.sql(None, "SELECT action, whose FROM audit_entries WHERE action LIKE 'channel_%'")
    assert {(row["action"], row["whose"]) for row in notes} == {
        ("channel_stopped", IDS["ananya"]),
        ("channel_started", IDS["ananya"]),
    }
    assert PHONE[1:] not in str(await world.sql(None, "SELECT * FROM stopped_channels"))


async def test_choosing_it_again_turns_it_on_and_a_new_number_was_never_stopped(world: World, sms: SmsTwin) -> None:
    await with_number(world)
    ananya = await world.api("ananya")
    for again in (False, True):
        assert await answered(world, "sms/reply", by_sms("STOP"), sms.signed(b"")) == 200
        assert (await ananya.get("/me/channels")).json()["stopped"] == ["sms"]
        if again:
            await with_number(world, "+919876500002")
        else:
            await ananya.put("/me/channels", json={"channels": ["sms", "email"]})
        assert (await ananya.get("/me/channels")).json()["stopped"] == []


async def test_start_on_whatsapp_is_asking_for_it(world: World, whatsapp: WhatsAppTwin) -> None:
    await with_number(world)
    body = on_whatsapp("START")
    assert await answered(world, "whatsapp", body, whatsapp.signed(body)) == 200
    ananya = await world.api("ananya")
    assert (await ananya.get("/me/channels")).json()["channels"] == ["sms", "email", "whatsapp"]


async def test_a_clinic_heeds_it_too(world: World, sms: SmsTwin) -> None:
    await with_number(world)
    for stopped in (False, True):
        if stopped:
            await answered(world, "sms/reply", by_sms("STOP"), sms.signed(b""))
        async with visit.to_clinic(world.house, "asha") as tx:
            to = notifications.Recipient(None, "en", phone=PHONE)
            await notifications.send(tx, to, "visit_cancelled", moment="Sat 21 Nov, 5:30 pm")
        await world.settle()
        assert len(inbox(world, PHONE)) == 1
    rows = await world.sql("asha", "SELECT state, reason FROM messages ORDER BY made_at")
    assert [tuple(row) for row in rows] == [("sent", None), ("failed", "stopped_by_reply")]


async def test_what_is_not_signed_not_known_or_not_a_word_of_ours_changes_nothing(
    world: World, whatsapp: WhatsAppTwin, sms: SmsTwin
) -> None:
    await with_number(world)
    assert await answered(world, "sms/reply", by_sms("STOP"), {}) == 403
    assert await answered(world, "sms/reply", by_sms("STOP"), {"authorization": "Bearer guess"}) == 403
    assert await answered(world, "whatsapp", on_whatsapp("STOP"), whatsapp.signed(b"another")) == 403
    for text, sender in (
        ("please stop by tomorrow", PHONE),
        ("STOP", "+919876500099"),
        ("STOP", "\x00"),
        ("STOP", email("ananya")),
        ("STOP\x00", PHONE),
        ("x" * 50_000, "9" * 5000),
        ("", ""),
    ):
        assert await answered(world, "sms/reply", by_sms(text, sender), sms.signed(b"")) == 200
        body = on_whatsapp(text, sender)
        assert await answered(world, "whatsapp", body, whatsapp.signed(body)) == 200
    for raw in (b"", b"[]", b"7", b'{"sender": [], "message": {}}', b"\xff"):
        assert await answered(world, "sms/reply", raw, sms.signed(raw)) == 200
    assert await world.sql(None, "SELECT 1 FROM stopped_channels") == []
