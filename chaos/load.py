"""People who book, hold, cancel, read and write notes, and remember exactly what they were told."""

import asyncio
import math
import random
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import httpx

from chaos.stand import Stand
from chaos.told import Seen
from tests.cast import RAO

LONGEST = 30.0  # seconds a client waits for anything
DONE = ("200", "201", "204")
REFUSED = ("409 slot_taken", "409 already_booked", "409 visit_not_open", "412 note_changed")  # as it may be on any day
BUSY, IN_PROGRESS = "503", "409 idempotency_key_in_progress"
GONE = ("no connection", "cut off")
LEAST = {"visits": 10, "cancellations": 3, "notes": 3}  # acknowledged, or it was no load


class Wish:
    """One visit that somebody wants: a key, and every id she was told for it."""

    def __init__(self, token: str, body: dict[str, Any]) -> None:
        self.token, self.body, self.key = token, body, str(uuid4())
        self.told: set[str] = set()
        self.refused = False  # for good
        self.cancelling = False  # was asked for
        self.cancelled = False  # was acknowledged


class Notes:
    """The newest version of a note that was acknowledged, and whether a later one was tried."""

    def __init__(self) -> None:
        self.version, self.text, self.maybe_more = 0, "", False


class Load:
    """``pace``: seconds between two steps of a person, on average. ``transport``: to a house in this process."""

    def __init__(
        self,
        stand: Stand,
        port: int,
        dice: random.Random,
        *,
        pace: float = 0.4,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._stand, self._dice, self._pace = stand, dice, pace
        self.ports = [port]
        self.seen = Seen()
        self.wishes: list[Wish] = []
        self.notes: dict[str, Notes] = {}
        self._times: list[datetime] = []
        self._tokens: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        # Never used again at the moment in which the server closes it, after 5 seconds: that would be cut off.
        limits = httpx.Limits(max_connections=400, keepalive_expiry=3)
        self._client = httpx.AsyncClient(timeout=LONGEST, limits=limits, transport=transport)
        self._stopping = asyncio.Event()
        self._least = LEAST

    async def prepare(self, people: int, *, days: int) -> None:
        self._times = await self._stand.free(days)
        self._dice.shuffle(self._times)
        self._tokens = [token for _, token in await self._stand.crowd(people)]
        self._doctor = await self._stand.world.token("rao", "api")

    @property
    def good(self) -> int:
        """How many requests were answered as they should be."""
        return sum(count for said, count in self.seen.counts.items() if said.startswith("2"))

    @property
    def acknowledged(self) -> dict[str, int]:
        return {
            "visits": len(self.ids()),
            "cancellations": sum(wish.cancelled for wish in self.wishes),
            "notes": sum(known.version > 0 for known in self.notes.values()),
        }

    @property
    def enough(self) -> bool:
        """Whether so much was acknowledged that something can be said of it."""
        return all(self.acknowledged[what] >= least for what, least in self._least.items())

    @property
    def somebody(self) -> str:
        """A token of one of them."""
        return self._tokens[0]

    def take(self) -> datetime:
        """A time nobody else of the load will want."""
        return self._times.pop()

    def begin(self, *, notes: bool = True) -> None:
        self._stopping.clear()
        self._least = LEAST | ({} if notes else {"notes": 0})
        self._tasks = [asyncio.create_task(self._lives(token)) for token in self._tokens]
        if notes:
            self._tasks.append(asyncio.create_task(self._writes()))

    async def under_way(self, within: float = 60.0) -> None:
        """Until enough was acknowledged, or time is up."""
        until = monotonic() + within
        while not self.enough and monotonic() < until:
            await asyncio.sleep(0.1)

    async def end(self) -> None:
        """Everybody finishes what she has begun, which is bounded by the patience of her client."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        self._stopping.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    async def ask(self, method: str, path: str, token: str, **more: Any) -> tuple[str, httpx.Response | None]:
        """What came, in words, and the answer if there was one. 503 without Retry-After is told apart."""
        began, answer = monotonic(), None
        headers = ({"authorization": f"Bearer {token}"} if token else {}) | more.pop("headers", {})
        url = f"http://127.0.0.1:{self._dice.choice(self.ports)}/api/v1{path}"
        try:
            answer = await self._client.request(method, url, headers=headers, **more)
        except httpx.ConnectError:
            said = "no connection"
        except httpx.TimeoutException:
            said = "no answer"
        except httpx.TransportError:
            said = "cut off"
        else:
            said = str(answer.status_code)
            if answer.status_code >= 400 and answer.status_code != 503:
                json = answer.headers.get("content-type", "").endswith("json")
                said += f" {answer.json().get('code')}" if json else f" {answer.text[:200]}"
            if answer.status_code == 503 and "retry-after" not in answer.headers:
                said += " without Retry-After"
        self.seen.add(said, monotonic() - began)
        return said, answer

    async def _lives(self, token: str) -> None:
        dice = random.Random(self._dice.random())
        mine: list[Wish] = []
        while not self._stopping.is_set():
            step = dice.random()
            booked = [wish for wish in mine if wish.told and not wish.cancelling]
            if step < 0.35 and self._times:
                mine.append(await self._book(token, dice.random() < 0.3))
            elif step < 0.5 and self._times:
                await self._hold_only(token)
            elif step < 0.7 and booked:
                await self.cancel(dice.choice(booked))
            else:
                await self.ask("GET", "/clinics/asha/appointments", token)
            await asyncio.sleep(self._pace * (0.5 + dice.random()))  # a person thinks

    def _wish(self, token: str) -> Wish:
        contested = self.wishes and self._dice.random() < 0.1
        at = self._dice.choice(self.wishes).body["starts_at"] if contested else self._times.pop().isoformat()
        return Wish(token, {"doctor_id": str(RAO), "starts_at": at, "mode": "video"})

    async def _book(self, token: str, hold_first: bool) -> Wish:
        wish = self._wish(token)
        if hold_first:
            await self.ask("POST", "/clinics/asha/holds", token, json=wish.body)
        self.wishes.append(wish)
        await self.book(wish, tries=3)
        return wish

    async def _hold_only(self, token: str) -> None:
        _, answer = await self.ask("POST", "/clinics/asha/holds", token, json=self._wish(token).body)
        if answer is not None and answer.status_code == 201:
            await self.ask("DELETE", f"/clinics/asha/holds/{answer.json()['id']}", token)

    async def book(self, wish: Wish, *, tries: int = 1) -> str:
        said = ""
        for _ in range(tries):
            said, answer = await self.ask(
                "POST",
                "/clinics/asha/appointments",
                wish.token,
                json=wish.body,
                headers={"idempotency-key": wish.key},
            )
            if answer is not None and answer.status_code == 201:
                wish.told.add(answer.json()["id"])
            wish.refused = said in REFUSED
            if wish.told or wish.refused:
                break
            await asyncio.sleep(self._dice.uniform(0.1, 0.5))
        return said

    async def cancel(self, wish: Wish, *, tries: int = 1) -> None:
        wish.cancelling = True
        for _ in range(tries):
            said, _ = await self.ask("POST", f"/clinics/asha/appointments/{min(wish.told)}/cancel", wish.token)
            if said == "200":
                wish.cancelled = True
                break
            await asyncio.sleep(self._dice.uniform(0.1, 0.5))

    async def _writes(self) -> None:
        """The doctor prepares notes for visits to come."""
        count = 0
        while not self._stopping.is_set():
            open_ = [wish for wish in self.wishes[-40:] if wish.told and not wish.cancelling]
            if open_:
                count += 1
                await self._write(min(self._dice.choice(open_).told), f"version {count} as the doctor typed it")
            await asyncio.sleep(self._pace / 2)  # a person types

    async def _write(self, visit: str, text: str) -> None:
        known, path = self.notes.setdefault(visit, Notes()), f"/clinics/asha/appointments/{visit}/note"
        _, was = await self.ask("GET", path, self._doctor)
        if was is None or was.status_code != 200:
            return
        said, saved = await self.ask(
            "PUT", path, self._doctor, json={"plan": text}, headers={"if-match": was.headers["etag"]}
        )
        if saved is not None and said == "200":
            known.version, known.text, known.maybe_more = saved.json()["version"], text, False
        elif said not in REFUSED:
            known.maybe_more = True

    async def finish(self) -> None:
        """After healing: every wish that got no clear answer is repeated, every cancellation too. What still gets none
        stays open, which ``truths.all_ended`` sees."""
        gate = asyncio.Semaphore(8)

        async def one(wish: Wish) -> None:
            async with gate:
                if not wish.told and not wish.refused:
                    await self.book(wish, tries=5)
                if wish.cancelling and not wish.cancelled:
                    await self.cancel(wish, tries=5)

        await asyncio.gather(*map(one, self.wishes))

    async def well(self, since: float, within: float = 60.0) -> float:
        """Seconds from ``since`` until ten bookings and readings in a row were answered as they should be; infinite if
        they are not ``within`` so many from now."""
        until, good, wish = monotonic() + within, 0, self.wanted()
        while good < 10:
            if monotonic() > until:
                return math.inf
            if good % 2:
                said, _ = await self.ask("GET", "/clinics/asha/appointments", self.somebody)
            else:
                wish = self.wanted() if wish.told else wish
                said = await self.book(wish)
            good = good + 1 if said in DONE else 0
        return monotonic() - since

    def wanted(self) -> Wish:
        """A wish for a time nobody else of the load will want. To be fulfilled by whoever asked for it."""
        wish = Wish(self.somebody, {"doctor_id": str(RAO), "starts_at": self.take().isoformat(), "mode": "video"})
        self.wishes.append(wish)
        return wish

    def ids(self) -> dict[UUID, Wish]:
        return {UUID(id): wish for wish in self.wishes for id in wish.told}
