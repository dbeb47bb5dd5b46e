"""Users of a clinic's morning, each with a connection of her own: asks, thinks, asks. A process of its own."""

import asyncio
import json
import random
import re
import sys
import time
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import msgspec
import uvloop

from bench.morning_clinic import NOTE, RX, Person, name_of
from bench.morning_wire import Answer, Line, bearer, cookie

DESK = {"register": 40, "by number": 30, "by name": 20, "upload": 10}  # how often of a hundred
SAVES, DRAFTS = 4, 2  # of the note and of the prescription, in each consultation
SCAN = b"%PDF-1.4\n" + random.Random(5).randbytes(200_000) + b"\n%%EOF\n"
FREE = re.compile(r"No visit today.*?/walk-in\?patient=([0-9a-f-]{36})", re.DOTALL)  # in the article of one patient


class Plan(msgspec.Struct, frozen=True):
    """``thinks``: seconds between two steps, at the desk and of a doctor, on average. ``known``: how many patients."""

    clinic: str
    ports: list[int]
    desk: list[Person]
    doctors: list[Person]
    known: int
    waiting: int  # for each doctor, before it begins
    warm: float
    lasts: float
    thinks: tuple[float, float]


class Morning:
    def __init__(self, plan: Plan) -> None:
        self.plan, self.chance = plan, random.Random(7)
        self.steps: dict[str, list[float]] = {}
        self.chains: dict[str, list[float]] = {}
        self.since = self.until = 0.0
        self.seen: set[str] = set()  # patients who have come this morning
        self.numbers = iter(self.chance.sample(range(1, plan.known + 1), plan.known))
        self.new = self.asked = 0

    async def run(self) -> None:
        desk = [Desk(self, n, one) for n, one in enumerate(self.plan.desk)]
        doctors = [Doctor(self, n, one) for n, one in enumerate(self.plan.doctors)]
        await asyncio.gather(*(one.begin() for one in desk))
        for _ in range(self.plan.waiting):
            await asyncio.gather(*(user.register(one.who) for user, one in zip(desk, doctors, strict=True)))
        self.since = time.monotonic() + self.plan.warm
        self.until = self.since + self.plan.lasts
        everybody: list[Desk | Doctor] = [*desk, *doctors]
        await asyncio.gather(*(one.work() for one in everybody))

    def counts(self, began: float) -> bool:
        return 0 < self.since <= began < self.until

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.until


class User:
    """One person with one connection. ``chain`` adds up how long she waited for answers, without her own thinking."""

    thinks = 0.0

    def __init__(self, morning: Morning, number: int, who: Person) -> None:
        self.morning, self.who, self.chance = morning, who, random.Random(number)
        self.line = Line(morning.plan.ports[number % len(morning.plan.ports)])
        self.api, self.waited = bearer(who.api), 0.0

    async def step(
        self, name: str, method: str, path: str, headers: str, body: bytes = b"", status: int = 200
    ) -> Answer:
        began = time.monotonic()
        answer = await self.line.done(method, path, headers, body, status=status)
        took = time.monotonic() - began
        self.morning.asked += 1
        self.waited += took
        if self.morning.counts(began):
            self.morning.steps.setdefault(name, []).append(took)
        await asyncio.sleep(self.thinks * self.chance.uniform(0.5, 1.5) if self.morning.since else 0)
        return answer

    async def chain(self, name: str, of: Any) -> None:
        began, self.waited = time.monotonic(), 0.0
        await of
        if self.morning.counts(began):
            self.morning.chains.setdefault(name, []).append(self.waited)


class Desk(User):
    def __init__(self, morning: Morning, number: int, who: Person) -> None:
        super().__init__(morning, number, who)
        self.thinks, self.web = morning.plan.thinks[0], cookie(who.web)
        self.c = f"/c/{morning.plan.clinic}"

    async def begin(self) -> None:
        await self.line.done("PUT", "/api/v1/me/doctor", self.api, b"{}")

    async def work(self) -> None:
        await asyncio.sleep(self.chance.uniform(0, self.thinks * 3))
        while self.morning.goes_on:
            what = self.chance.choices(list(DESK), list(DESK.values()))[0]
            doctor = self.chance.choice(self.morning.plan.doctors)
            if what == "register":
                await self.chain(what, self.register(doctor))
            elif what == "by number":
                await self.chain(what, self.find(str(7_000_000_000 + next(self.morning.numbers))[1:], "number", doctor))
            elif what == "by name":
                await self.chain(
                    what, self.find(name_of(self.chance.randrange(self.morning.plan.known)), "name", doctor)
                )
            else:
                await self.chain(what, self.upload())

    async def register(self, doctor: Person) -> None:
        """Somebody nobody knows."""
        self.morning.new += 1
        number = self.morning.new
        await self.step("walk-in form", "GET", f"{self.c}/walk-in", self.web)
        name, phone = f"{name_of(number)} {chr(65 + number % 26)}", f"+916{number:09}"
        await self._number("register, give a number", {"name": name, "phone": phone}, doctor)

    async def find(self, words: str, how: str, doctor: Person) -> None:
        """The page searches while she types: once after four letters, and for the whole."""
        if how == "name":
            await self.step("find by four letters", "GET", f"{self.c}/find?q={words[:4]}", self.web)
        found = await self.step(f"find by {how}", "GET", f"{self.c}/find?q={quote(words)}", self.web)
        people = [hit[1] for one in found.body.decode().split("<article")[1:] if (hit := FREE.search(one))]
        one = next((one for one in people if one not in self.morning.seen), None)
        if one:
            self.morning.seen.add(one)
            await self.step("walk-in form", "GET", f"{self.c}/walk-in?patient={one}", self.web)
            await self._number("give a number", {"patient_id": one}, doctor)
        elif how == "number":
            raise LookupError("a patient whom the clinic knows was not found")

    async def _number(self, name: str, who: dict[str, str], doctor: Person) -> None:
        """A number in the queue, and the day of the clinic as it is then."""
        form = urlencode({**who, "doctor_id": str(doctor.id), "key": str(uuid4())}).encode()
        given = await self.step(name, "POST", f"{self.c}/walk-in", self.web, form, status=303)
        await self.step("day of the clinic", "GET", given.headers["location"], self.web)

    async def upload(self) -> None:
        edge = uuid4().hex
        body = (
            f'--{edge}\r\nContent-Disposition: form-data; name="kind"\r\n\r\ndegree\r\n--{edge}\r\nContent-Disposition:'
            f' form-data; name="file"; filename="scan.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
        ).encode()
        headers = self.api.replace("application/json", f"multipart/form-data; boundary={edge}")
        body += SCAN + f"\r\n--{edge}--\r\n".encode()
        await self.step("upload", "POST", "/api/v1/me/doctor/documents", headers, body, status=201)


class Doctor(User):
    def __init__(self, morning: Morning, number: int, who: Person) -> None:
        super().__init__(morning, number, who)
        self.thinks = morning.plan.thinks[1]
        self.clinic = f"/api/v1/clinics/{morning.plan.clinic}"

    async def work(self) -> None:
        await asyncio.sleep(self.chance.uniform(0, self.thinks * 12))
        while self.morning.goes_on:
            await self.chain("consultation", self.consult())

    async def consult(self) -> None:
        call = json.dumps({"doctor_id": str(self.who.id)}).encode()
        await self.step("her queue", "GET", f"{self.clinic}/queue", self.api)
        key = f"Idempotency-Key: {uuid4()}\r\n"
        called = await self.step("call next", "POST", f"{self.clinic}/queue/call-next", self.api + key, call)
        visit = f"{self.clinic}/appointments/{called.json['appointment_id']}"
        patient = (await self.step("open the visit", "GET", visit, self.api)).json["patient_id"]
        await self.step("history", "GET", f"{self.clinic}/patients/{patient}/record", self.api)
        await self.step("admit", "POST", f"{visit}/admit", self.api)
        note = await self.step("read the note", "GET", f"{visit}/note", self.api)
        for _ in range(SAVES):
            match = f"If-Match: {note.headers['etag']}\r\n"
            note = await self.step("save the note", "PUT", f"{visit}/note", self.api + match, msgspec.json.encode(NOTE))
        match = ""
        for _ in range(DRAFTS):
            written = await self.step(
                "prescribe", "PUT", f"{visit}/prescription", self.api + match, msgspec.json.encode(RX)
            )
            match = f"If-Match: {written.headers['etag']}\r\n"
        await self.step("sign", "POST", f"{visit}/prescription/sign", self.api + match)
        await self.step("finish", "POST", f"{visit}/complete", self.api)


async def main() -> None:
    morning = Morning(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan))
    before = time.process_time()
    await morning.run()
    cpu = time.process_time() - before
    found = {"steps": morning.steps, "chains": morning.chains, "asked": morning.asked, "cpu": cpu}
    sys.stdout.buffer.write(msgspec.json.encode(found))


if __name__ == "__main__":
    uvloop.run(main())
