"""Server, worker and twins as in earnest: over real HTTP, in both directions."""

import asyncio
from datetime import timedelta
from pathlib import Path

from svastha.adapters.sms_twin import SmsTwin
from svastha.adapters.whatsapp_twin import WhatsAppTwin
from svastha.domain import notifications
from svastha.domain.notifications import Recipient
from svastha.doors import visit
from svastha.kit.clock import now
from tests.cast import World
from tests.notifications.conftest import inbox
from tests.server import Process, running

CODE, PHONE = "481516", "+919876599910"  # no WhatsApp at this number


async def test_a_code_goes_round_and_leaves_nothing_in_the_logs(
    world: World, whatsapp: WhatsAppTwin, sms: SmsTwin, tmp_path: Path
) -> None:
    more = {**whatsapp.environ(), **sms.environ(), "SVASTHA_LOG_LEVEL": "debug"}
    server = Process("serve", world.house.settings, tmp_path / "server.log", **more)
    worker = Process("worker", world.house.settings, tmp_path / "worker.log", **more)
    whatsapp.hook, sms.hook = (f"http://127.0.0.1:{server.port}/hooks/{name}" for name in ("whatsapp", "sms"))
    with running(server, worker):
        async with visit.to_control(world.house) as tx:
            await notifications.send_secret(
                tx,
                Recipient(None, "en", "leela@cast.test", PHONE, ("whatsapp", "sms", "email")),
                "one_time_code",
                expires_at=now() + timedelta(minutes=10),
                code=CODE,
                host="svastha.test",
            )
        states: list[str] = []
        for _ in range(300):
            rows = await world.sql(None, "SELECT state FROM messages ORDER BY place")
            states = [row["state"] for row in rows]
            if "delivered" in states:
                break
            await asyncio.sleep(0.1)  # waits for processes, not for a fact of the house
    logs = server.log.read_text() + worker.log.read_text()
    assert states == ["failed", "delivered", "stopped"], logs
    assert [message.channel for message in inbox(world, PHONE)] == ["sms"]
    assert '"reason": "whatsapp_131026"' in logs and "/hooks/sms" in logs
    for personal in (CODE, PHONE[3:], "leela", whatsapp.token, sms.key):
        assert personal not in logs
