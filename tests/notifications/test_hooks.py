"""What a provider reports is believed when it is signed, once, and only about what we sent."""

import json
from typing import Any

import httpx
import pytest

from svastha.adapters.sms_twin import SmsTwin
from svastha.adapters.whatsapp_twin import WhatsAppTwin
from svastha.domain import notifications
from svastha.doors import visit
from svastha.kit.ids import uuid7
from tests.cast import World
from tests.notifications.conftest import HandOver, inbox
from tests.notifications.test_channels import arrived, patience_ends, states, told


async def post(world: World, name: str, body: bytes, headers: dict[str, str]) -> httpx.Response:
    client = await world.web()
    return await client.post(f"/hooks/{name}", content=body, headers={"content-type": "application/json", **headers})


async def test_a_forged_report_changes_nothing(world: World, whatsapp: WhatsAppTwin) -> None:
    await told(world)
    sent, delivered = whatsapp.reports
    stranger = WhatsAppTwin(whatsapp.folder)
    for headers in (
        {},
        {"x-hub-signature-256": ""},
        {"x-hub-signature-256": "sha256="},
        {"x-hub-signature-256": "sha256=" + "0" * 64},
        {"x-hub-signature-256": sent.headers["x-hub-signature-256"]},  # of another report
        {"x-hub-signature-256": delivered.headers["x-hub-signature-256"].removeprefix("sha256=")},
        stranger.signed(delivered.body),
    ):
        answer = await post(world, "whatsapp", delivered.body, headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "hook_not_signed"), headers
    changed = delivered.body.replace(b'"delivered"', b'"failed"')
    assert (await post(world, "whatsapp", changed, delivered.headers)).status_code == 403
    assert (await states(world))["whatsapp"] == "sent"
    assert (await post(world, "whatsapp", delivered.body, delivered.headers)).status_code == 200
    assert (await states(world))["whatsapp"] == "delivered"


async def test_a_forged_delivery_report_of_an_sms(world: World, sms: SmsTwin) -> None:
    await told(world, prefers=("sms", "email"))
    [delivered] = sms.reports
    for given in ("", "Bearer ", "Bearer wrong", sms.hook_secret, "bearer é"):
        headers = {"authorization": given.encode("latin-1").decode("latin-1")}
        answer = await post(world, "sms", delivered.body, headers if given.isascii() else {})
        assert answer.status_code == 403
    assert (await states(world))["sms"] == "sent"
    assert (await post(world, "sms", delivered.body, delivered.headers)).status_code == 200
    assert (await states(world))["sms"] == "delivered"


async def test_a_replayed_report_changes_nothing(world: World, whatsapp: WhatsAppTwin, hand_over: HandOver) -> None:
    phone = "+919876599923"  # WhatsApp fails, SMS is never heard of again
    await told(world, phone)
    [failed] = whatsapp.reports
    for _ in range(3):
        assert (await post(world, "whatsapp", failed.body, failed.headers)).status_code == 200
        await world.settle()
    assert await states(world) == {"whatsapp": "failed", "sms": "sent", "email": "waiting"}
    await patience_ends(world)
    assert arrived(world, phone) == ["email"]


async def test_failed_after_delivered_is_too_late(world: World, whatsapp: WhatsAppTwin) -> None:
    await told(world)
    _, delivered = whatsapp.reports
    body = delivered.body.replace(b'"delivered"', b'"failed"')
    await post(world, "whatsapp", delivered.body, delivered.headers)
    assert (await post(world, "whatsapp", body, whatsapp.signed(body))).status_code == 200
    await world.settle()
    assert await states(world) == {"whatsapp": "delivered", "sms": "stopped", "email": "stopped"}


def status(reference: Any, **more: Any) -> dict[str, Any]:
    told = {"id": "wamid.x", "status": "delivered", "biz_opaque_callback_data": reference, **more}
    return {"object": "whatsapp_business_account", "entry": [{"changes": [{"value": {"statuses": [told]}}]}]}


@pytest.mark.parametrize(
    "body",
    [
        status(f"/{uuid7()}"),
        status(f"asha/{uuid7()}"),
        status(f"nowhere/{uuid7()}"),
        status("../../etc/passwd"),
        status("\x00"),
        status("x" * 100_000),
        status(None),
        status(["/"]),
        {"entry": [{"changes": [{"value": {"messages": [{"from": "919876500001", "text": {"body": "STOP"}}]}}]}]},
        {"entry": None},
        [],
        None,
        7,
    ],
    ids=lambda body: json.dumps(body)[:70],
)
async def test_what_we_never_sent_is_taken_and_dropped(world: World, whatsapp: WhatsAppTwin, body: Any) -> None:
    raw = json.dumps(body).encode()
    assert (await post(world, "whatsapp", raw, whatsapp.signed(raw))).status_code == 200


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b'"\xff"', b"[" * 5000])
async def test_what_is_no_json_is_no_fault_of_ours(
    world: World, whatsapp: WhatsAppTwin, sms: SmsTwin, raw: bytes
) -> None:
    for name, twin in (("whatsapp", whatsapp), ("sms", sms)):
        assert (await post(world, name, raw, twin.signed(raw))).status_code == 200  # type: ignore[attr-defined]


async def test_an_sms_is_known_by_the_gateways_own_id_too(world: World, sms: SmsTwin) -> None:
    await told(world, prefers=("sms", "email"))
    report = json.loads(sms.reports[0].body)
    for mine in ({**report, "CRQID": "0", "requestId": "unknown"}, {**report, "CRQID": 0}):
        raw = json.dumps(mine).encode()
        assert (await post(world, "sms", raw, sms.signed(raw))).status_code == 200
    assert (await states(world))["sms"] == "delivered"


async def test_a_report_that_is_too_large(world: World, whatsapp: WhatsAppTwin, sms: SmsTwin) -> None:
    for name, size in (("whatsapp", 3 * 2**20 + 1), ("sms", 256 * 2**10 + 1)):
        assert (await post(world, name, b" " * size, sms.signed(b""))).status_code == 413


async def test_the_handshake(world: World, whatsapp: WhatsAppTwin) -> None:
    client = await world.web()
    asked = {"hub.mode": "subscribe", "hub.verify_token": whatsapp.app_secret, "hub.challenge": "1158201444"}
    answer = await client.get("/hooks/whatsapp", params=asked)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    for wrong in (
        {"hub.verify_token": "guess"},
        {"hub.verify_token": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": "<script>"},
    ):
        assert (await client.get("/hooks/whatsapp", params=asked | wrong)).status_code == 403
    assert (await client.get("/hooks/whatsapp")).status_code == 403


async def test_a_message_of_a_clinic_is_known_there(world: World, sms: SmsTwin, hand_over: HandOver) -> None:
    async with visit.to_clinic(world.house, "asha") as tx:
        to = notifications.Recipient(None, "en", phone="+919876500001")
        await notifications.send(tx, to, "visit_reminder", moment="Sat 21 Nov, 5:30 pm", site="x", link="y")
    await world.settle()
    await hand_over()
    [row] = await world.sql("asha", "SELECT channel, state, provider_id IS NOT NULL FROM messages")
    assert tuple(row) == ("sms", "delivered", True)
    assert "Sat 21 Nov, 5:30 pm" in inbox(world, "+919876500001")[0].text
