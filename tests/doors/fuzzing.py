"""Who comes to the door, and things that are really there, so that made-up requests get further than to a 404."""

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import requests
import schemathesis
from schemathesis import Case
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig

from svastha.domain import accounts
from svastha.doors import visit
from svastha.kit.ids import uuid7
from svastha.main import create_site
from tests.cast import IDS, PASSWORD, RAO, World, email
from tests.consultations.test_note import put as put_note
from tests.doctors.applying import applied, upload
from tests.prescriptions.test_sign import signed
from tests.prescriptions.test_write import RX
from tests.prescriptions.test_write import put as put_prescription
from tests.records.test_glass import REASON
from tests.test_doors import NOTE, prepared

HOST = "http://svastha.localhost"
ODD = "ODD"
CAST = {
    "patient": "ananya",
    "doctor": "rao",
    "receptionist": "farida",
    "clinic_admin": "gita",
    "support": "indu",
    "platform_admin": "jaya",
}


class Caller:
    """Somebody at the door, each time from another address, so that the limits of one do not hide everything else."""

    numbers = count(1)

    def __init__(
        self, world: World, name: str, account_id: UUID | None = None, *, kind: str = "api", key: str = ""
    ) -> None:
        assert world.app
        self.world, self.name, self.account_id, self.kind, self.token = world, name, account_id, kind, key
        self.transport = httpx.ASGITransport(app=create_site(world.app), raise_app_exceptions=False)  # type: ignore[arg-type]
        self.client = httpx.AsyncClient(transport=self.transport, base_url=HOST)

    async def send(
        self,
        made: requests.PreparedRequest,
        *,
        content: bytes | None = None,
        part: str = "",
        more: dict[str, bytes] | None = None,
    ) -> httpx.Response:
        """``content`` goes instead of the body, ``part`` as it is where the address says ODD, ``more`` as headers."""
        assert made.method and made.url
        sent = {name.lower(): value for name, value in made.headers.items()}
        sent |= {name.lower(): value for name, value in (more or {}).items()}
        sent.pop("content-length", None)
        return await self.ask(made.method, made.url.replace(ODD, part), made.body if content is None else content, sent)

    async def ask(self, method: str, url: str, content: Any, headers: dict[str, Any]) -> httpx.Response:
        """Signed in, also when what came before has ended her session."""
        answer = await self._ask(method, url, content, headers)
        if self.account_id and signed_out(answer):
            async with visit.to_control(self.world.house) as tx:
                opened = await accounts.open_session(tx, self.account_id, kind=self.kind, second_factor=True)
            self.token = opened.access_token
            answer = await self._ask(method, url, content, headers)
        return answer

    async def _ask(self, method: str, url: str, content: Any, headers: dict[str, Any]) -> httpx.Response:
        number = next(self.numbers)
        self.transport.client = (f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", 1234)
        self.client.cookies.clear()
        shown = {"origin": HOST} if self.kind == "browser" else {}
        if self.token and self.kind == "browser":
            shown["cookie"] = f"{visit.COOKIE}={self.token}"
        elif self.token:
            shown["authorization"] = f"Bearer {self.token}"
        try:
            return await self.client.request(method, url, content=content, headers=headers | shown)
        except httpx.RemoteProtocolError:  # a long wish leads to an address longer than this client reads
            return httpx.Response(303)


def written(case: Case) -> requests.PreparedRequest:
    headers = {"accept": "application/json"}  # else `/verify` shows people a page
    return requests.Request(**case.as_transport_kwargs(base_url=HOST, headers=headers)).prepare()


def signed_out(answer: httpx.Response) -> bool:
    away = answer.headers.get("location", "").startswith("/sign-in?next=")
    return away or (answer.status_code == 401 and '"not_signed_in"' in answer.text)


async def callers(world: World) -> dict[str, Caller]:
    """Nobody, one of each role, and another system by its key."""
    [place] = await world.sql(None, "SELECT id FROM clinics WHERE slug = 'asha'")
    found = {"nobody": Caller(world, "nobody")}
    for role in accounts.ROLES:
        id = IDS[CAST[role]] if role in CAST else uuid7()
        if role not in CAST:
            async with visit.to_control(world.house) as tx:
                await accounts.register_verified(
                    tx, account_id=id, email=f"{role}@cast.test", name=role, password_hash=None
                )
                if role != "guardian":  # is one by what the clinic wrote down
                    await accounts.grant(tx, id, role, clinic_id=place["id"], by=None)
        found[role] = Caller(world, role, id)
    wish = {"name": "lab", "scopes": sorted(accounts.FOR_KEYS)}
    made = await (await world.api("gita")).post("/clinics/asha/api-keys", json=wish)
    return found | {"another system": Caller(world, "another system", key=made.json()["key"])}


async def described(world: World) -> Any:
    """The OpenAPI document as Schemathesis reads it; who is asking is ours to say."""
    answer = await (await world.web()).get("/api/openapi.json")
    making = GenerationConfig(with_security_parameters=False)
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=making)))
    return schemathesis.openapi.from_dict(answer.json(), config=config)


class Stage:
    """What is really there."""

    def __init__(self, world: World, values: dict[str, Any], times: list[Any]) -> None:
        self.world, self.values, self.times = world, values, iter(times * 100)
        self.turns = count()

    async def put_into(self, case: Case) -> None:
        """Real ones in the place of made-up ids, and in a body that is right also of what has to be known."""
        real = self.values | {"starts_at": next(self.times).isoformat()}
        real["appointment_id"] = await self.visit(case.path, case.method)
        if "documents" in case.path:
            real["doctor_id"] = str(IDS["ananya"])  # who has handed some in
        if case.path.endswith("{hold_id}"):
            real["hold_id"], real["starts_at"] = await self.hold()
        case.path_parameters.update({name: real[name] for name in case.path_parameters if name in real})
        if case.meta and not case.meta.generation.mode.is_positive:
            return
        if isinstance(case.body, dict):
            case.body.update({name: real[name] for name in case.body if name in real})
        if "from" in case.query or "to" in case.query:
            case.query.update({"from": real["starts_at"], "to": real["starts_at"][:10]})
        case.query.pop("cursor", None)
        declared = {header.name for header in case.operation.headers}
        if "Idempotency-Key" in declared:
            case.headers["Idempotency-Key"] = str(uuid7())
        if "If-Match" in declared and not case.path.endswith("/sign"):
            case.headers["If-Match"] = '"0"'

    async def visit(self, path: str, method: str) -> str:
        """One to read with all that belongs to it; else a new one in each state, with something to sign."""
        world = self.world
        if method == "GET" or not ("{appointment_id}" in path or "{visit_id}" in path):
            return str(self.values["appointment_id"])
        id = str(await prepared(world, UUID(self.values["patient_id"])))
        if next(self.turns) % 2 or path.endswith(("/sign", "/note", "/prescription")):
            await world.sql("asha", "UPDATE appointments SET status = 'in_progress' WHERE id = $1", UUID(id))
        if path.endswith("/sign"):
            rao, path = await world.api("rao"), f"/clinics/asha/appointments/{id}"
            await put_note(rao, path, NOTE, 0)
            await put_prescription(rao, path, RX, 0)
        return id

    async def hold(self) -> tuple[str, str]:
        """Of a time that may be free; and that time."""
        at = next(self.times).isoformat()
        wish = {"doctor_id": str(RAO), "starts_at": at, "mode": "video"}
        held = await (await self.world.api("ananya")).post("/clinics/asha/holds", json=wish)
        return str(held.json().get("id", uuid7())), at


async def staged(world: World) -> Stage:
    path, code = await signed(world)
    await applied(world, "ananya")
    document = await upload(await world.api("ananya"), "identity")
    gita = await world.api("gita")
    [patient] = await world.sql("asha", "SELECT id FROM patients WHERE account_id = $1", IDS["ananya"])
    bystander = uuid7()
    async with visit.to_control(world.house) as tx:
        place, _ = await world.house.routing.find("asha")
        await accounts.register_verified(
            tx, account_id=bystander, email="bystander@cast.test", name="Bystander", password_hash=None
        )
        await accounts.grant(tx, bystander, "therapist", clinic_id=place.id, by=IDS["gita"])
    [grant] = await world.sql(None, "SELECT id FROM grants WHERE account_id = $1", bystander)
    [contact] = await world.sql(None, "SELECT id FROM contacts WHERE account_id = $1", IDS["ananya"])
    [session] = await world.sql(None, "SELECT id FROM sessions WHERE account_id = $1 LIMIT 1", IDS["ananya"])
    key = await gita.post("/clinics/asha/api-keys", json={"name": "old", "scopes": ["visit.read"]})
    invited = await gita.post("/clinics/asha/invitations", json={"contact": "new@cast.test", "roles": ["therapist"]})
    await gita.post(f"/clinics/asha/patients/{patient['id']}/break-glass", json=REASON)
    [opening] = await world.sql("asha", "SELECT id FROM openings")
    values = {
        "clinic": "asha",
        "code": code,
        "patient_id": str(patient["id"]),
        "appointment_id": path.rsplit("/", 1)[1],
        "account_id": str(bystander),
        "grant_id": str(grant["id"]),
        "contact_id": str(contact["id"]),
        "session_id": str(session["id"]),
        "document_id": document.json()["id"],
        "key_id": key.json()["id"],
        "invitation_id": invited.json()["id"],
        "doctor_id": str(RAO),
        "contact": email("kavya"),
        "password": PASSWORD,
        "role": "receptionist",
        "roles": ["receptionist"],
        "scopes": ["visit.read"],
        "networks": ["203.0.113.0/24"],
        "locale": "hi",
        "zone": "Asia/Kolkata",
        "why": REASON["reason"],
        "reason": REASON["reason"],
        "verdict": "in_order",
        "opening_id": str(opening["id"]),
    }
    return Stage(world, values, await world.free(after=timedelta(days=4)))
