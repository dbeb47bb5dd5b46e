"""Mail, SMS and WhatsApp refusing, hanging, answering late and answering twice, while patients go on booking."""

import asyncio
import time
from datetime import timedelta
from mailbox import Maildir
from time import monotonic
from typing import Any
from uuid import UUID

import httpx

from chaos.ground import Ground
from chaos.load import Load
from chaos.stand import Stand
from chaos.told import Told, p95
from chaos.truths import all_kept
from svastha.adapters.sms_twin import SmsTwin
from svastha.adapters.twin import Answer, HttpTwin, Wrong
from svastha.adapters.whatsapp_twin import WhatsAppTwin
from svastha.domain import notifications
from svastha.domain.notifications import Recipient
from svastha.doors import visit
from svastha.kit.clock import now

SENT = 120.0  # seconds in which everything has left after healing
REST = 32.0  # seconds for which a channel that failed is left alone
MOODS = ("refuses", "hangs", "late")


class Moody(HttpTwin):
    """Mixed into a twin. ``late`` stays within the patience of a client, ``hangs`` does not."""

    mood = "well"

    def answer(self, path: str, headers: dict[str, str], body: Any) -> Answer:
        if self.mood == "refuses":
            raise Wrong(Answer(503, {}))
        if self.mood == "hangs":
            time.sleep(12)
            raise Wrong(Answer(503, {}))
        if self.mood == "late":
            time.sleep(3)
        return super().answer(path, headers, body)


class MoodySms(Moody, SmsTwin):
    pass


class MoodyWhatsApp(Moody, WhatsAppTwin):
    pass


async def run(ground: Ground, told: Told) -> None:
    sms, whatsapp = MoodySms(ground.folder / "phones"), MoodyWhatsApp(ground.folder / "phones")
    Maildir(ground.folder / "phones")
    for twin in (sms, whatsapp):
        twin.start()
    try:
        async with ground.stand(**sms.environ(), **whatsapp.environ()) as stand:
            await broken(ground, told, stand, sms, whatsapp)
    finally:
        for twin in (sms, whatsapp):
            await asyncio.to_thread(twin.stop)


async def broken(ground: Ground, told: Told, stand: Stand, sms: MoodySms, whatsapp: MoodyWhatsApp) -> None:
    server = await stand.server()
    stand.program("worker")
    sms.hook, whatsapp.hook = (f"http://127.0.0.1:{server.port}/hooks/{name}" for name in ("sms", "whatsapp"))
    load = Load(stand, server.port, ground.dice, pace=0.6)
    await load.prepare(8, days=20)
    load.begin()
    await asyncio.sleep(3)
    calm, codes = await send_codes(stand, 4), list[UUID]()
    await emptied(stand, None)
    before = load.seen.those("2")
    count = len(before)
    for mood in MOODS if not ground.short else ("refuses", "drops"):
        stand.mail.mood = mood  # type: ignore[assignment]
        sms.mood = whatsapp.mood = mood
        codes += await send_codes(stand, 4)
        await asyncio.sleep(6)
        told.did(f"mail, SMS and WhatsApp {mood} for 6 s")
    stand.mail.mood = "drops"
    await asyncio.sleep(3)
    told.did("mail taken without an answer for 3 s: a confirmation comes twice then, with the same Message-ID")
    stand.mail.mood = sms.mood = whatsapp.mood = "well"
    healed = monotonic()
    during = load.seen.those("2")[count:]
    told.measured("bookings and readings before", before)
    told.measured("bookings and readings meanwhile", during)
    told.holds("patients notice nothing", p95(during) < max(0.5, 4 * p95(before)))
    await load.end()
    left = await emptied(stand)
    told.well("all messages had left", monotonic() - healed, SENT)
    told.holds("none waits any more", not left, left)
    await asyncio.sleep(max(0, healed + REST - monotonic()))
    calm += await send_codes(stand, 4)
    await emptied(stand)
    await codes_arrive(told, stand, calm, codes)
    told.saw("clients", load.seen.counts)
    await reported_twice(told, stand, server.port, sms, whatsapp)
    await load.finish()
    await stand.drained(60, leases=False)
    await all_kept(told, stand, load)
    await load.close()


async def send_codes(stand: Stand, count: int) -> list[UUID]:
    """One-time codes by WhatsApp, else SMS, else mail."""
    found = []
    for _ in range(count):
        async with visit.to_control(stand.house) as tx:
            id = await notifications.send_secret(
                tx,
                Recipient(None, "en", "leela@cast.test", "+919876500001", ("whatsapp", "sms", "email")),
                "one_time_code",
                expires_at=now() + timedelta(minutes=10),
                code="481516",
                host="svastha.test",
            )
        assert id
        found.append(id)
    return found


async def emptied(stand: Stand, *places: str | None) -> list[tuple[Any, ...]]:
    """Waits until no message waits for its turn. Returns the jobs of those that still do: kind, attempts, error, how
    many."""
    began, left = monotonic(), list[tuple[Any, ...]]()
    while monotonic() - began < SENT:
        left = [tuple(row) for place in places or (None, "asha") for row in await stand.sql(place, WAITING)]
        if not left:
            break
        await asyncio.sleep(0.5)
    return left


WAITING = (
    "SELECT kind, attempts, last_error, count(*), min(run_at) - now() FROM jobs WHERE kind = 'notifications.deliver'"
    " GROUP BY 1, 2, 3 ORDER BY 4 DESC"
)


async def codes_arrive(told: Told, stand: Stand, calm: list[UUID], others: list[UUID]) -> None:
    """Waits for the receipts."""
    began = monotonic()
    while monotonic() - began < 15:
        rows = await stand.sql(None, ARRIVED, calm)
        if len(rows) == len(calm):
            break
        await asyncio.sleep(0.2)
    told.holds(
        f"{len(calm)} codes before and after: one message each, by the channel she prefers",
        [(row["n"], row["channel"]) for row in rows] == [(1, "whatsapp")] * len(calm),
        rows,
    )
    rows = await stand.sql(None, ARRIVED, others)
    told.holds(f"{len(others)} codes meanwhile: all left by some channel", len(rows) == len(others), len(rows))


ARRIVED = (
    "SELECT told_id, count(*) AS n, min(channel) AS channel FROM messages WHERE told_id = ANY($1)"
    " AND state IN ('sent', 'delivered') GROUP BY 1"
)


async def reported_twice(told: Told, stand: Stand, port: int, sms: HttpTwin, whatsapp: HttpTwin) -> None:
    """Every receipt is delivered twice, in no order."""
    before = await states(stand)
    twins = [(twin, report) for twin in (sms, whatsapp) for report in (*twin.reports, *reversed(twin.reports))]
    said = []
    async with httpx.AsyncClient(timeout=10) as client:
        for twin, report in twins:
            hook = "sms" if twin is sms else "whatsapp"
            answer = await client.post(
                f"http://127.0.0.1:{port}/hooks/{hook}", content=report.body, headers=report.headers
            )
            said.append(answer.status_code)
    after = await states(stand)
    told.did(f"{len(said)} receipts handed to the hooks, each twice")
    told.holds("every receipt is taken", set(said) == {200}, sorted(set(said)))
    gone = [row for row in before if row not in after and row[1] == "delivered"]
    told.holds("a receipt that comes twice changes nothing", not gone, gone[:3])


async def states(stand: Stand) -> list[tuple[Any, str]]:
    return [(row[0], row[1]) for row in await stand.sql(None, "SELECT id, state FROM messages ORDER BY id")]
