"""A code finds its way: by the channel she prefers, by the next one when that fails, by no more once it has arrived."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from svastha.adapters.sms_twin import SmsTwin
from svastha.adapters.whatsapp_twin import WhatsAppTwin
from svastha.domain import notifications
from svastha.domain.notifications import Channel, Deliver, Recipient
from svastha.doors import visit
from svastha.kit.clock import now
from tests.cast import World
from tests.notifications.conftest import HandOver, inbox

CODE = "481516"
MAIL = "leela@cast.test"
ALL: tuple[Channel, ...] = ("whatsapp", "sms", "email")
PLAIN = "+919876500001"


async def told(
    world: World, phone: str = PLAIN, *, prefers: tuple[Channel, ...] = ALL, email: str = MAIL, **more: Any
) -> UUID:
    async with visit.to_control(world.house) as tx:
        id = await notifications.send_secret(
            tx,
            Recipient(None, "en", email, phone, prefers),
            "one_time_code",
            expires_at=now() + timedelta(minutes=10),
            code=CODE,
            host="svastha.test",
            **more,
        )
    await world.settle()
    assert id
    return id


def arrived(world: World, phone: str = PLAIN) -> list[str]:
    """Channels, in the order in which she got it."""
    messages = [*inbox(world, phone), *inbox(world, MAIL)]
    assert all(CODE in message.text for message in messages)
    return [message.channel for message in sorted(messages, key=lambda message: message.sent_at)]


async def states(world: World) -> dict[str, str]:
    rows = await world.sql(None, "SELECT channel, state FROM messages ORDER BY place")
    return {row["channel"]: row["state"] for row in rows}


async def patience_ends(world: World) -> None:
    await world.sql(None, "UPDATE jobs SET run_at = now() WHERE kind = 'notifications.fall_back'")
    await world.settle()


async def left_behind(world: World) -> int:
    [row] = await world.sql(None, "SELECT count(*) FROM messages WHERE sealed IS NOT NULL OR unsealed IS NOT NULL")
    count: int = row[0]
    return count


async def test_by_the_first_channel_she_prefers_and_no_other_once_it_arrived(world: World, hand_over: HandOver) -> None:
    await told(world)
    assert arrived(world) == ["whatsapp"]
    assert await hand_over() == [200, 200]
    assert await states(world) == {"whatsapp": "delivered", "sms": "stopped", "email": "stopped"}
    await patience_ends(world)
    assert arrived(world) == ["whatsapp"]
    assert await left_behind(world) == 0


async def test_her_order_counts_and_an_address_she_has_not_is_passed_over(world: World) -> None:
    await told(world, prefers=("sms", "email"))
    assert arrived(world) == ["sms"]
    await told(world, phone="", prefers=ALL)
    assert arrived(world) == ["sms", "email"]


@pytest.mark.parametrize("trouble", ["1", "4"], ids=["refused", "down"])
async def test_a_channel_that_fails_hands_over_at_once(world: World, trouble: str) -> None:
    phone = f"+9198765999{trouble}0"
    await told(world, phone)
    assert arrived(world, phone) == ["sms"]
    assert await states(world) == {"whatsapp": "failed", "sms": "sent", "email": "waiting"}


async def test_a_channel_that_reports_failure_later_hands_over_then(world: World, hand_over: HandOver) -> None:
    phone = "+919876599920"
    await told(world, phone)
    assert arrived(world, phone) == []
    await hand_over()
    assert arrived(world, phone) == ["sms"]
    assert (await states(world))["whatsapp"] == "failed"


async def test_not_delivered_in_time_goes_by_the_next_with_growing_patience(world: World, hand_over: HandOver) -> None:
    phone = "+919876599933"  # neither WhatsApp nor SMS is ever heard of again
    await told(world, phone)
    waits = []
    for _ in range(2):
        await hand_over()
        [job] = await world.sql(
            None, "SELECT run_at - made_at AS wait FROM jobs WHERE kind = 'notifications.fall_back'"
        )
        waits.append(round(job["wait"].total_seconds()))
        await patience_ends(world)
    assert waits == [15, 30]
    assert arrived(world, phone) == ["email"]
    assert await states(world) == {"whatsapp": "sent", "sms": "sent", "email": "sent"}
    assert await left_behind(world) == 0


async def test_a_receipt_that_comes_late_stops_what_has_not_gone_yet(
    world: World, hand_over: HandOver, whatsapp: WhatsAppTwin
) -> None:
    await told(world)
    await patience_ends(world)
    assert arrived(world) == ["whatsapp", "sms"]
    await hand_over()
    await patience_ends(world)
    assert await states(world) == {"whatsapp": "delivered", "sms": "delivered", "email": "stopped"}


async def test_all_at_once_when_asked(world: World) -> None:
    await told(world, all_at_once=True)
    assert sorted(arrived(world)) == ["email", "sms", "whatsapp"]
    assert await left_behind(world) == 0


async def test_a_code_that_was_used_goes_nowhere_else(world: World) -> None:
    told_id = await told(world, "+919876599930")
    async with visit.to_control(world.house) as tx:
        await notifications.stop(tx, told_id)
    await patience_ends(world)
    assert await states(world) == {"whatsapp": "sent", "sms": "stopped", "email": "stopped"}
    assert await left_behind(world) == 0


async def test_a_code_that_expired_goes_nowhere_and_nothing_of_it_stays(world: World) -> None:
    await told(world, "+919876599930")
    await world.sql(None, "UPDATE messages SET expires_at = now()")
    await patience_ends(world)
    assert await states(world) == {"whatsapp": "sent", "sms": "stopped", "email": "stopped"}
    await told(world, "+919876599930")
    assert await left_behind(world) == 2
    await world.sql(None, "UPDATE jobs SET run_at = now() WHERE kind = 'notifications.expire'")
    await world.settle()
    assert await left_behind(world) == 0


async def test_nothing_in_the_clear_in_the_database(world: World) -> None:
    await told(world, "+919876599933")
    for table in ("messages", "jobs", "audit_entries"):
        rows = await world.sql(None, f"SELECT t::text AS row FROM {table} t")
        for secret in (CODE, "9876599933", MAIL):
            assert not any(secret in row["row"] or secret.encode().hex() in row["row"] for row in rows), table
    assert await left_behind(world) == 2, "those of the channels that may yet be needed"


async def test_a_message_that_is_no_secret_goes_by_mail_or_else_by_her_channels(world: World) -> None:
    words = {"name": "Leela", "url": "https://svastha.test/sign-in"}
    for to in (Recipient(None, "en", MAIL, PLAIN, ALL), Recipient(None, "en", "", PLAIN, ALL)):
        async with visit.to_control(world.house) as tx:
            await notifications.send(tx, to, "already_registered", **words)
        await world.settle()
    assert [message.channel for message in [*inbox(world, MAIL), *inbox(world, PLAIN)]] == ["email", "whatsapp"]


async def test_a_channel_without_a_template_or_switched_off_is_passed_over(world: World) -> None:
    """One-time codes go by WhatsApp only as a template of theirs, by SMS only as one that is registered."""
    async with visit.to_control(world.house) as tx:
        id = await notifications.send_secret(
            tx,
            Recipient(None, "en", MAIL, PLAIN, ALL),
            "one_time_code",
            expires_at=now() + timedelta(minutes=10),
            code=CODE,
            host="svastha.test",
        )
        tx.announced.clear()
        first = await tx.value("SELECT id FROM messages WHERE told_id = :id AND place = 0", id=id)
        await notifications.deliver(tx, Deliver(first), ways={})
    await world.settle()
    [row] = await world.sql(None, "SELECT state, reason FROM messages WHERE channel = 'whatsapp'")
    assert tuple(row) == ("failed", "channel_off")
    assert arrived(world) == ["sms"]


async def test_the_last_channel_is_tried_again(world: World, sms: SmsTwin) -> None:
    await told(world, "+919876599904", prefers=("sms",))
    [job] = await world.sql(None, "SELECT attempts, last_error FROM jobs WHERE kind = 'notifications.deliver'")
    assert tuple(job) == (1, "TryAgain")
    assert await states(world) == {"sms": "queued"}


async def test_whatsapp_only_for_whoever_asked_for_it(world: World) -> None:
    assert Recipient(None, "en", phone=PLAIN).prefers == ("sms", "email")
