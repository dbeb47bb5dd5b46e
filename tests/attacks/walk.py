"""Every route of the house, asked by everybody, with bodies that get as far in as they can."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
from litestar.routes import HTTPRoute

from svastha.domain import accounts, consultations
from svastha.domain.accounts import PUBLIC
from svastha.doors import visit
from tests.cast import IDS, RAO, World, email
from tests.doctors.applying import applied

PEOPLE = [*IDS, None]
# Streams that never end are opened by tests/live.
ENDLESS = {f"/c/{{clinic}}/{one}/live" for one in ("visits/{appointment_id}", "queue", "screen")}
# Before each write to it the visit is under way again, so that one door does not close the others.
VISIT = re.compile(r"\{(appointment|visit)_id\}")
VISIT_AS_IT_WAS = (
    "UPDATE appointments SET status = 'in_progress', hold_expires_at = NULL WHERE id = $1 AND status <> 'in_progress'"
)
TYPED = "what-was-typed-as-a-password-3141"
SOON = (datetime.now(UTC) + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)

# What goes into a form or a JSON member of this name.
KNOWN: dict[str, Any] = {
    "contact": "walker@cast.test",
    "email": "walker@cast.test",
    "password": TYPED,
    "name": "Walker",
    "locale": "en",
    "zone": "Asia/Kolkata",
    "code": "000000",
    "doctor_id": str(RAO),
    "starts_at": SOON.isoformat(),
    "mode": "video",
    "reason": "Because somebody has to look at this with care",
    "why": "Because somebody has to look at this with care",
    "role": "receptionist",
    "relation": "sister",
    "sex": "female",
    "birth_date": "2015-06-01",
    "may_act": True,
    "scopes": ["visit.read"],
    "days": 30,
    "networks": [],
    "decision": "verify",
    "verdict": "in_order",
    "roles": ["receptionist"],
    "channels": ["email"],
    "items": [{"medicine": "Triphala", "days": 7}],
    "token": "none",
    "key": "none",
}


class Door(NamedTuple):
    method: str
    path: str
    needs: str
    fresh: bool

    @property
    def for_programs(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def ends_things(self) -> int:
        """What ends sessions or accounts comes last."""
        return sum(word in self.path for word in ("close", "sign-out", "logout", "sessions", "suspend", "reset"))


class Answer(NamedTuple):
    who: str
    door: Door
    response: httpx.Response

    def __str__(self) -> str:
        return f"{self.door.method} {self.door.path} as {self.who}: {self.response.status_code}"

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    @property
    def is_signed_out(self) -> bool:
        return self.response.status_code == 401 or self.response.headers.get("location", "").startswith("/sign-in")

    @property
    def did_something(self) -> bool:
        """Neither refused, nor shown as a form with an error, nor sent to prove who one is."""
        away = self.response.headers.get("location", "")
        return self.response.is_success or (
            self.response.status_code == 303 and not away.startswith(("/sign-in", "/step-up", "/security/enrol"))
        )


def doors(world: World) -> list[Door]:
    assert world.app
    found = [
        Door(str(method), route.path_format, handler.opt["needs"], bool(handler.opt.get("fresh")))
        for route in world.app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method != "OPTIONS" and route.path_format not in ENDLESS
    ]
    return sorted(found, key=lambda door: (door.method != "GET", door.ends_things, door))


def filled(door: Door, ids: dict[str, Any]) -> str:
    """The path with these parameters; whatever is not among them is an id or a word that nobody has."""
    given = {"clinic": "asha", "lang": "en", "version": "0", "name": "style.css", "step": "you", "provider": "none"}
    path = door.path
    while "{" in path:
        name = path.split("{", 1)[1].split("}", 1)[0]
        word = name in ("code", "path", "secret", "token")
        value = ids.get(name) or given.get(name) or ("none" if word else uuid4())
        path = path.replace(f"{{{name}}}", str(value))
    return path


class Walker:
    """Asks every door. Each request comes from another address, so that no limit hides what is behind it."""

    def __init__(self, world: World, ids: dict[str, Any], *, second_factor: bool = True, **typed: Any) -> None:
        self.world, self.ids, self.typed, self.second_factor = world, ids, KNOWN | typed, second_factor
        self._schema: dict[str, Any] = {}
        self._clients: dict[tuple[str | None, bool], httpx.AsyncClient] = {}
        self._numbers = count(1)

    @property
    def clients(self) -> list[httpx.AsyncClient]:
        return list(self._clients.values())

    async def walk(self, asked: list[Door], people: Sequence[str | None] = PEOPLE) -> list[Answer]:
        """At a public door it does not matter who one is: nobody asks, and one who is signed in."""
        return [
            await self.ask(who, door)
            for door in asked
            for who in people
            if door.needs != PUBLIC or who in (None, "kavya")
        ]

    async def ask(self, who: str | None, door: Door) -> Answer:
        if door.method != "GET" and "appointment_id" in self.ids and VISIT.search(door.path):
            await self.world.sql("asha", VISIT_AS_IT_WAS, UUID(self.ids["appointment_id"]))
        answer = await self._ask(who, door)
        if who and door.needs != PUBLIC and answer.is_signed_out:  # by what was asked before
            del self._clients[who, door.for_programs]
            await self.world.sql(None, "UPDATE accounts SET suspended_at = NULL, closed_at = NULL")
            answer = await self._ask(who, door)
        return answer

    async def _ask(self, who: str | None, door: Door) -> Answer:
        client = await self._client(who, for_programs=door.for_programs)
        more: dict[str, Any] = {}
        if door.method in ("POST", "PUT", "PATCH") and door.for_programs:
            body = await self._body(door)
            more = {} if body is None else {"json": body}
        elif door.method in ("POST", "PUT", "PATCH"):
            more["data"] = {name: value for name, value in self.typed.items() if not isinstance(value, list)}
        elif door.path.endswith("/hold"):
            more["params"] = {name: self.typed[name] for name in ("doctor_id", "starts_at", "mode")}
        number = next(self._numbers)
        client._transport.client = (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1)  # type: ignore[attr-defined]
        headers = {"idempotency-key": str(uuid4()), "if-match": '"0"'}
        answer = await client.request(door.method, filled(door, self.ids), headers=headers, **more)
        client.cookies.clear()  # what a page set for itself would outlive who is signed in
        return Answer(who or "nobody", door, answer)

    async def _client(self, who: str | None, *, for_programs: bool) -> httpx.AsyncClient:
        if (who, for_programs) not in self._clients:
            client = await (self.world.api() if for_programs else self.world.web())
            client.base_url = httpx.URL("http://svastha.localhost")
            if who and for_programs:
                token = await self.world.token(who, "api", second_factor=self.second_factor)
                client.headers["authorization"] = f"Bearer {token}"
            elif who:
                token = await self.world.token(who, "browser", second_factor=self.second_factor)
                client.headers["cookie"] = f"{visit.COOKIE}={token}"
            self._clients[who, for_programs] = client
        return self._clients[who, for_programs]

    async def _body(self, door: Door) -> Any:
        if not self._schema:
            self._schema = (await (await self.world.web()).get("/api/openapi.json")).json()
        described = self._schema["paths"].get(door.path, {}).get(door.method.lower(), {})
        content = described.get("requestBody", {}).get("content", {}).get("application/json")
        return self._example(content["schema"], "") if content else None

    def _example(self, schema: dict[str, Any], name: str) -> Any:
        """Something of this kind: by its name what we know, else the least the schema allows."""
        if name in self.typed:
            return self.typed[name]
        if "$ref" in schema:
            return self._example(self._schema["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], name)
        for union in ("oneOf", "anyOf", "allOf"):
            if union in schema:
                return self._example(next(one for one in schema[union] if one.get("type") != "null"), name)
        match schema.get("type"):
            case "object":
                return {key: self._example(kind, key) for key, kind in schema.get("properties", {}).items()}
            case "array":
                return [self._example(schema.get("items", {}), name)]
            case "integer" | "number":
                return 1
            case "boolean":
                return False
        if "enum" in schema:
            return schema["enum"][0]
        known = {"uuid": str(self.ids.get(name) or uuid4()), "date": "2015-06-01", "date-time": SOON.isoformat()}
        return known.get(schema.get("format", ""), "Something that was written")


def members(value: Any) -> Iterator[str]:
    """Every key anywhere in a JSON value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from members(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from members(inner)


# What of Ananya's only she, her doctor and those who open her record may read.
PRIVATE = (
    "burning-after-the-evening-meal",
    "sleeps-badly",
    "wakes-at-three",
    "milk-at-night",
    "Brahmi-Vati",
    "no-chilli",
)
PRIVATE += ("rest-early", "can-you-hear-me")


async def lived_in(world: World) -> dict[str, Any]:
    """A house in which much was done once, so that every route has something to show. Returns ids by parameter."""
    booked = await world.booked("ananya", reason="burning-after-the-evening-meal")
    path = f"/clinics/asha/appointments/{booked['id']}"
    rao, gita, ananya = [await world.api(name) for name in ("rao", "gita", "ananya")]
    note = {"subjective": "sleeps-badly", "objective": "o", "assessment": "wakes-at-three", "plan": "milk-at-night"}
    assert (await rao.put(f"{path}/note", json=note, headers={"if-match": '"0"'})).status_code == 200
    prescription = {"items": [{"medicine": "Brahmi-Vati", "days": 7}], "diet": "no-chilli", "advice": "rest-early"}
    written = await rao.put(f"{path}/prescription", json=prescription, headers={"if-match": '"0"'})
    assert written.status_code == 200, written.text
    await world.sql("asha", VISIT_AS_IT_WAS, UUID(booked["id"]))
    async with visit.to_control(world.house) as control:
        doctor = await accounts.actor_of(control, rao.headers["authorization"].split()[1], kind="api")
    assert doctor
    async with visit.to_clinic(world.house, "asha") as tx:
        admission = await consultations.admission(tx, doctor, UUID(booked["id"]))
        await consultations.say(tx, admission, uuid4(), "can-you-hear-me")
    child = {"name": "Meera", "birth_date": "2019-03-02", "sex": "female", "relation": "mother"}
    assert (await ananya.post("/clinics/asha/me/dependants", json=child)).status_code == 201
    key = await gita.post("/clinics/asha/api-keys", json={"name": "Ledger", "scopes": ["visit.read"], "days": 30})
    assert key.status_code == 201, key.text
    invited = await gita.post(
        "/clinics/asha/invitations", json={"contact": "invited@cast.test", "roles": ["receptionist"]}
    )
    assert invited.status_code == 201, invited.text
    codes = (await rao.post("/me/recovery-codes")).json()["codes"]
    applicant = await applied(world)
    [document] = await world.sql(None, "SELECT id FROM doctor_documents WHERE kind = 'degree'")
    [patient] = await world.sql("asha", "SELECT id FROM patients WHERE account_id = $1", IDS["ananya"])
    why = {"reason": "Her chart has to be compared with that of her sister"}
    glass = await gita.post(f"/clinics/asha/patients/{patient['id']}/break-glass", json=why)
    assert glass.status_code in (200, 201), glass.text
    [opening] = await world.sql("asha", "SELECT id FROM openings")
    [session] = await world.sql(None, "SELECT id FROM sessions WHERE account_id = $1 LIMIT 1", IDS["rao"])
    [grant] = await world.sql(None, "SELECT id FROM grants WHERE account_id = $1", IDS["farida"])
    nobody = await world.api()
    for name, way in (("ananya", "/auth/code"), ("kavya", "/auth/magic-link"), ("gita", "/auth/forgotten")):
        assert (await nobody.post(way, json={"contact": email(name)})).status_code == 202
    await world.settle()
    return {
        "appointment_id": booked["id"],
        "visit_id": booked["id"],
        "hold_id": booked["id"],
        "patient_id": patient["id"],
        "doctor_id": applicant,
        "document_id": document["id"],
        "account_id": IDS["farida"],
        "grant_id": grant["id"],
        "key_id": key.json()["id"],
        "invitation_id": invited.json()["id"],
        "opening_id": opening["id"],
        "session_id": session["id"],
        "contact_id": (await ananya.get("/me/contacts")).json()["items"][0]["id"],
        "_key": key.json()["key"],
        "_recovery": codes,
    }
