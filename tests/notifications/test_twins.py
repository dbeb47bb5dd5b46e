"""The twins take what the vendors document, and refuse what those would refuse."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from svastha.adapters import mailbox
from svastha.adapters import sms as sms_way
from svastha.adapters import whatsapp as whatsapp_way
from svastha.adapters.circuit import REST, TROUBLES, ChannelDown, Circuit
from svastha.adapters.messaging import TryAgain
from svastha.adapters.sms_twin import SmsTwin, template_id
from svastha.adapters.whatsapp_twin import VERSION, WhatsAppTwin
from svastha.domain.notifications import Letter, NotTaken, Unreachable
from svastha.kit.ids import uuid7
from svastha.settings import Settings, load

PLAIN = "+919876500001"

WORDS = ("Sat 21 Nov, 5:30 pm", "https://svastha.test", "A" * 27)  # of a message about a visit


def letter(to: str = PLAIN, template: str = "one_time_code", **more: Any) -> Letter:
    values = ("481516", "svastha.test", "481516") if template == "one_time_code" else WORDS
    given = {"values": values, "code": "481516" if template == "one_time_code" else ""} | more
    return Letter(uuid7(), to, "", "", template, "en", **given)


def settings(twin: WhatsAppTwin | SmsTwin, **more: str) -> Settings:
    return load({"SVASTHA_MODE": "test", **twin.environ(), **more})


async def test_a_code_by_whatsapp_as_documented(whatsapp: WhatsAppTwin) -> None:
    way = whatsapp_way.WhatsApp(settings(whatsapp))
    assert (await way.send(letter())).startswith("wamid.")
    [message] = mailbox.read(whatsapp.folder, to=PLAIN)
    assert (message.channel, message.text.strip()) == (
        "whatsapp",
        "481516 is your verification code. For your security, do not share this code.",
    )
    await way.send(letter(template="visit_reminder"))
    assert "Sat 21 Nov, 5:30 pm" in mailbox.read(whatsapp.folder, to=PLAIN)[0].text


async def test_an_sms_ends_in_the_form_a_browser_reads(sms: SmsTwin) -> None:
    assert len(await sms_way.Msg91(settings(sms)).send(letter())) == 24
    [message] = mailbox.read(sms.folder, to=PLAIN)
    assert message.channel == "sms"
    assert message.text.strip().splitlines()[-1] == "@svastha.test #481516"


@pytest.mark.parametrize(
    "wrong",
    [
        {"messaging_product": "telegram"},
        {"to": "+919876500001"},
        {"to": "0"},
        {"type": "text"},
        {"surprise": 1},
        {"biz_opaque_callback_data": "x" * 513},
        {"template": {"name": "svastha_unknown", "language": {"code": "en"}}},
        {"template": {"name": "svastha_one_time_code", "language": {"code": "xx"}}},
        {"template": {"name": "svastha_one_time_code", "language": {"code": "en"}, "components": []}},
    ],
    ids=str,
)
async def test_what_whatsapp_would_refuse(whatsapp: WhatsAppTwin, wrong: dict[str, Any]) -> None:
    body = whatsapp_way.payload(letter(), "svastha_one_time_code") | wrong
    async with httpx.AsyncClient(base_url=whatsapp.url, trust_env=False) as client:
        path, key = f"/{VERSION}/{whatsapp.phone_id}/messages", {"authorization": f"Bearer {whatsapp.token}"}
        answer = await client.post(path, json=body, headers=key)
        assert answer.status_code in (400, 404)
        assert answer.json()["error"]["code"] >= 100
        assert (await client.post(path, json=body, headers={"authorization": "Bearer other"})).status_code == 401
    assert mailbox.read(whatsapp.folder) == [] and whatsapp.reports == []


async def test_a_code_without_its_button_or_too_long(whatsapp: WhatsAppTwin) -> None:
    way = whatsapp_way.WhatsApp(settings(whatsapp))
    for wrong in (letter(code="4" * 16), letter(code="", values=("481516",))):
        with pytest.raises(Unreachable):
            await way.send(wrong)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"template_id": "0" * 24}, "211"),
        ({"sender": "OTHER"}, "203"),
        ({"recipients": []}, "400"),
        ({"recipients": [{"mobiles": "12"}]}, "202"),
        ({"message": "free text"}, "400"),
    ],
    ids=str,
)
async def test_what_the_gateway_would_refuse(sms: SmsTwin, wrong: dict[str, Any], code: str) -> None:
    body = sms_way.payload(letter(), template_id("one_time_code", "en"), "SVASTH") | wrong
    async with httpx.AsyncClient(base_url=sms.url, trust_env=False) as client:
        answer = await client.post("/api/v5/flow", json=body, headers={"authkey": sms.key})
        assert answer.json()["code"] == code
        assert (await client.post("/api/v5/flow", json=body, headers={"authkey": "other"})).status_code == 401
    assert mailbox.read(sms.folder) == []


async def test_a_text_that_is_not_as_registered_is_dropped_by_the_operator(sms: SmsTwin) -> None:
    way = sms_way.Msg91(settings(sms))
    await way.send(letter(values=("481516",)))
    assert b'"2"' in sms.reports.pop().body
    await way.send(letter(values=("4" * 99, "svastha.test", "481516")))
    assert mailbox.read(sms.folder, to=PLAIN)[0].text.startswith("4" * 30 + " "), "cut to what operators let through"


@pytest.mark.parametrize(
    ("digit", "expected"), [("1", Unreachable), ("4", TryAgain), ("2", None), ("3", None)], ids="1423"
)
async def test_numbers_that_stand_for_trouble(
    whatsapp: WhatsAppTwin, sms: SmsTwin, digit: str, expected: type[Exception] | None
) -> None:
    ways = (
        (whatsapp_way.WhatsApp(settings(whatsapp)), f"+9198765999{digit}0"),
        (sms_way.Msg91(settings(sms)), f"+9198765999 {digit}".replace(" ", "0")),
    )
    for way, number in ways:
        if expected:
            with pytest.raises(expected):
                await way.send(letter(number))
        else:
            assert await way.send(letter(number))
    assert mailbox.read(whatsapp.folder) == []


async def test_errors_of_whatsapp_are_told_apart(whatsapp: WhatsAppTwin) -> None:
    """Our own mistakes and people without WhatsApp are final; being too fast is not."""
    assert whatsapp_way.NOT_THERE not in whatsapp_way.PASSING
    with pytest.raises(Unreachable, match="whatsapp_190"):
        await whatsapp_way.WhatsApp(settings(whatsapp, SVASTHA_WHATSAPP_TOKEN="expired")).send(letter())
    with pytest.raises(Unreachable, match="whatsapp_131026"):
        await whatsapp_way.WhatsApp(settings(whatsapp)).send(letter("+919876599910"))
    with pytest.raises(Unreachable, match="no_template"):
        await whatsapp_way.WhatsApp(settings(whatsapp, SVASTHA_WHATSAPP_TEMPLATES="")).send(letter())


async def test_a_slow_or_absent_provider_does_not_hold_the_worker(
    sms: SmsTwin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("svastha.adapters.messaging.WHOLE", 0.3)
    way = sms_way.Msg91(settings(sms))
    with pytest.raises(httpx.ReadTimeout):
        await way.send(letter("+919876599905"))
    gone = sms_way.Msg91(settings(sms, SVASTHA_SMS_URL="http://127.0.0.1:1/api/v5/flow"))
    with pytest.raises(NotTaken):
        await gone.send(letter())


async def test_a_channel_that_is_down_is_left_alone_for_a_while(sms: SmsTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    way = Circuit("sms", sms_way.Msg91(settings(sms)))
    for _ in range(TROUBLES):
        with pytest.raises(TryAgain):
            await way.send(letter("+919876599904"))
    with pytest.raises(ChannelDown):
        await way.send(letter())
    assert sms.asked == TROUBLES
    from time import monotonic

    monkeypatch.setattr("svastha.adapters.circuit.monotonic", lambda: monotonic() + REST + 1)
    assert await way.send(letter())


async def test_a_refused_person_is_no_trouble_of_the_channel(sms: SmsTwin) -> None:
    way = Circuit("sms", sms_way.Msg91(settings(sms)))
    for _ in range(TROUBLES + 1):
        with pytest.raises(Unreachable):
            await way.send(letter("+919876599901"))
    assert await way.send(letter())
