"""What must not come twice, by channels that report: silence repeats nothing, a certain no goes to the next channel."""

from datetime import timedelta

import pytest

from svastha.domain import notifications
from svastha.domain.notifications import Channel, Recipient
from svastha.doors import visit
from svastha.kit.clock import now
from tests.cast import World
from tests.notifications.conftest import HandOver, inbox

MAIL = "leela@cast.test"
WORDS = {"moment": "Sat 21 Nov, 5:30 pm", "site": "http://svastha.localhost", "link": "A" * 27}
BODY = {**WORDS, "name": "Leela", "doctor": "D", "clinic": "C", "zone": "Z", "url": "U", "actions": "A"}


async def told(world: World, phone: str, channel: Channel | None = None) -> None:
    async with visit.to_clinic(world.house, "asha") as tx:
        to = Recipient(None, "en", MAIL, phone)
        until = now() + timedelta(minutes=10)
        assert await notifications.send_once(tx, to, "visit_reminder", channel=channel, until=until, **BODY)
    await world.settle()


async def states(world: World) -> dict[str, str]:
    rows = await world.sql("asha", "SELECT channel, state FROM messages ORDER BY place")
    return {row["channel"]: row["state"] for row in rows}


async def test_by_the_channel_she_chose_with_one_short_link(world: World, hand_over: HandOver) -> None:
    await told(world, "+919876500001", "whatsapp")
    [message] = inbox(world, "+919876500001")
    assert message.channel == "whatsapp" and message.text.count(f"http://svastha.localhost/m/{'A' * 27}") == 1
    await hand_over()
    assert await states(world) == {"whatsapp": "delivered", "email": "stopped", "sms": "stopped"}


async def test_silence_is_no_certain_no(world: World, hand_over: HandOver) -> None:
    await told(world, "+919876599903", "sms")
    await hand_over()
    assert await states(world) == {"sms": "sent", "email": "waiting"}
    [row] = await world.sql("asha", "SELECT count(*) FROM jobs WHERE kind = 'notifications.fall_back'")
    assert row[0] == 0
    await world.sql("asha", "UPDATE jobs SET run_at = now() WHERE kind = 'notifications.expire'")
    await world.settle()
    assert await states(world) == {"sms": "sent", "email": "stopped"} and inbox(world, MAIL) == []


@pytest.mark.parametrize("trouble", ["1", "2", "4"], ids=["refused", "reported as failed", "down"])
async def test_a_certain_no_goes_to_the_next_channel(world: World, hand_over: HandOver, trouble: str) -> None:
    await told(world, f"+9198765999{trouble}0", "whatsapp")
    await hand_over()
    assert (await states(world))["whatsapp"] == "failed" and len(inbox(world, MAIL)) == 1


@pytest.mark.parametrize(("arrived", "became"), [(True, "delivered"), (False, "failed")])
async def test_a_report_settles_what_was_unknown(world: World, arrived: bool, became: str) -> None:
    await told(world, "+919876599903", "sms")
    await world.sql("asha", "UPDATE messages SET state = 'unknown' WHERE channel = 'sms'")
    [row] = await world.sql("asha", "SELECT id FROM messages WHERE channel = 'sms'")
    async with visit.to_clinic(world.house, "asha") as tx:
        await notifications.receive(tx, notifications.Receipt("sms", arrived, row["id"], reason="sms_2"))
    await world.settle()
    assert (await states(world))["sms"] == became
    assert len(inbox(world, MAIL)) == int(not arrived)
