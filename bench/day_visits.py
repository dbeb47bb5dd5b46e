"""Consultations that arrive whether or not the house keeps up with them. A process of its own."""

import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import uvloop

from bench.morning_clinic import NOTE, RX, Person
from bench.morning_wire import Answer, Failed, Line, bearer

APART = 0.15  # seconds between two steps of a consultation
STEPS = 22
SAVES, DRAFTS = 4, 2
DRAIN = 5.0  # seconds for what has begun to end
LIMITS = {"read": 0.2, "write": 0.5}  # seconds; beyond them a house is too slow
SEARCHES = ("language=hi", "gender=female&mode=video", "q=kayachikitsa", "mode=in_person&language=en", "q=rao", "")


class Place(msgspec.Struct, frozen=True):
    clinic: str
    doctors: list[Person]


class Plan(msgspec.Struct, frozen=True):
    """``rungs``: consultations in a second, for how many seconds, and whether also after one that was too much."""

    ports: list[int]
    places: list[Place]
    patients: list[Person]
    rungs: list[tuple[float, float, bool]]


class Rung(msgspec.Struct, frozen=True):
    """Seconds of answers by step, and of all that read and all that write. ``errors``: what was not hoped for."""

    rate: float
    steps: dict[str, list[float]]
    read: list[float]
    write: list[float]
    errors: dict[str, int]
    asked: int
    cpu: float


class Rush:
    """One rung. Arrivals are a Poisson process. A step begins when it was meant to, or, where the answer before it was
    late, at that answer; what passes from then on counts, also the time until the load itself came round to it."""

    def __init__(self, day: "Day", rate: float, lasts: float) -> None:
        self.day, self.found = day, Rung(rate, {}, [], [], {}, 0, 0)
        self.asked, self.lasts = 0, lasts
        self.since = time.monotonic() + STEPS * APART
        self.until = self.since + lasts

    async def run(self) -> Rung:
        before, tasks, at = time.process_time(), [], time.monotonic()
        while at < self.until:
            at += self.day.chance.expovariate(self.found.rate)
            await asyncio.sleep(at - time.monotonic())
            tasks.append(asyncio.create_task(self._visit(at)))
        _, late = await asyncio.wait(tasks, timeout=STEPS * APART + DRAIN)
        for one in late:
            one.cancel()
        if late:
            await asyncio.wait(late)
            self._wrong("no answer in time")
        return msgspec.structs.replace(self.found, asked=self.asked, cpu=time.process_time() - before)

    async def _visit(self, at: float) -> None:
        try:
            await consult(self.day, Chain(self, at))
        except (Failed, OSError, EOFError) as wrong:
            self._wrong(str(wrong) or type(wrong).__name__)

    def _wrong(self, what: str) -> None:
        self.found.errors[what] = self.found.errors.get(what, 0) + 1


class Chain:
    def __init__(self, rush: Rush, at: float) -> None:
        self.rush, self.next, self.answered = rush, at, at

    async def read(self, name: str, who: str, path: str) -> Answer:
        return await self._step("read", name, lambda line: line.done("GET", path, who))

    async def write(self, name: str, who: str, way: str, path: str, body: bytes = b"", status: int = 200) -> Answer:
        return await self._step("write", name, lambda line: line.done(way, path, who, body, status=status))

    async def _step(self, kind: str, name: str, ask: Callable[[Line], Awaitable[Answer]]) -> Answer:
        meant = max(self.next, self.answered)
        self.next += APART
        await asyncio.sleep(meant - time.monotonic())
        line = self.rush.day.line()
        answer = await ask(line)
        self.answered = time.monotonic()
        took = self.answered - meant
        self.rush.day.idle.append(line)  # only one that has answered is used again
        self.rush.asked += 1
        if self.rush.since <= meant < self.rush.until:
            (self.rush.found.read if kind == "read" else self.rush.found.write).append(took)
            self.rush.found.steps.setdefault(f"{name} ({kind})", []).append(took)
        return answer


class Day:
    def __init__(self, plan: Plan) -> None:
        self.plan, self.chance, self.idle = plan, random.Random(11), list[Line]()
        self.opened = self.booked = 0
        midnight = datetime.now(UTC).replace(hour=18, minute=30, second=0, microsecond=0)  # of India
        self.first = midnight + timedelta(days=1 if midnight > datetime.now(UTC) else 2)

    def line(self) -> Line:
        if self.idle:
            return self.idle.pop()
        self.opened += 1
        return Line(self.plan.ports[self.opened % len(self.plan.ports)])

    def wish(self) -> tuple[Place, Person, Person, datetime]:
        """A time nobody else has: with each doctor of each clinic in turn, then the next time."""
        number, self.booked = self.booked, self.booked + 1
        place = self.plan.places[number % len(self.plan.places)]
        each = number // len(self.plan.places)
        time_of_day, doctor = divmod(each, len(place.doctors))
        patient = self.plan.patients[number % len(self.plan.patients)]
        return place, place.doctors[doctor], patient, self.first + timedelta(minutes=20 * time_of_day)

    async def run(self) -> list[Rung]:
        found: list[Rung] = []
        for rate, lasts, always in self.plan.rungs:
            if always or not found or not too_slow(found[-1]):
                found.append(await Rush(self, rate, lasts).run())
        return found


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] if times else 0.0


def too_slow(rung: Rung) -> bool:
    return bool(rung.errors) or p95(rung.read) > LIMITS["read"] or p95(rung.write) > LIMITS["write"]


async def consult(day: Day, chain: Chain) -> None:
    """From the first look at the directory to the paper in the patient's hand."""
    place, doctor, patient, at = day.wish()
    she, her, here = bearer(patient.api), bearer(doctor.api), f"/api/v1/clinics/{place.clinic}"
    on = (at + timedelta(hours=5, minutes=30)).date()
    for _ in range(2):
        await chain.read("search", "", f"/api/v1/doctors?{day.chance.choice(SEARCHES)}")
    await chain.read("doctor", "", f"/api/v1/doctors/{doctor.id}")
    for to in (on, on + timedelta(days=6)):
        await chain.read("slots", "", f"{here}/doctors/{doctor.id}/slots?from={on}&to={to}&mode=video")
    wish = json.dumps({"doctor_id": str(doctor.id), "starts_at": at.isoformat(), "mode": "video", "reason": "Sleep"})
    key = f"Idempotency-Key: {uuid4()}\r\n"
    booked = await chain.write("book", she + key, "POST", f"{here}/appointments", wish.encode(), 201)
    id, who = booked.json["id"], booked.json["patient_id"]
    visit = f"{here}/appointments/{id}"
    await chain.write("check in", she, "POST", f"{here}/queue/join", json.dumps({"appointment_id": id}).encode())
    await chain.read("her place", she, f"{here}/queue/{id}")
    await chain.read("queue", her, f"{here}/queue?day={on}")
    await chain.read("open the visit", her, visit)
    await chain.read("history", her, f"{here}/patients/{who}/record")
    await chain.write("admit", her, "POST", f"{visit}/admit")
    etag = '"0"'
    for _ in range(SAVES):
        match, text = f"If-Match: {etag}\r\n", msgspec.json.encode(NOTE)
        etag = (await chain.write("save the note", her + match, "PUT", f"{visit}/note", text)).headers["etag"]
    match = ""
    for _ in range(DRAFTS):
        path, text = f"{visit}/prescription", msgspec.json.encode(RX)
        match = f"If-Match: {(await chain.write('prescribe', her + match, 'PUT', path, text)).headers['etag']}\r\n"
    await chain.write("sign", her + match, "POST", f"{visit}/prescription/sign")
    await chain.write("finish", her, "POST", f"{visit}/complete")
    await chain.read("prescription", she, f"{visit}/prescription")
    await chain.read("its paper", she, f"{visit}/prescription.pdf")


async def main() -> None:
    day = Day(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan))
    sys.stdout.buffer.write(msgspec.json.encode(await day.run()))


if __name__ == "__main__":
    uvloop.run(main())
