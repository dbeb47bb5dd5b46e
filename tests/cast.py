"""The same people in every test, and the house they come to.

Ananya is a patient and Kavya her sister, a patient too. Dr Rao practises at Asha, Dr Iyer at Nadi. Farida sits at
Asha's desk, Gita runs Asha, Hari runs Nadi, Indu is support, Jaya runs the platform. Nobody has not signed in.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from svastha.adapters import mailbox
from svastha.domain import accounts, clinics, doctors, factors, schedule
from svastha.domain.accounts import sessions
from svastha.doors import visit
from svastha.doors.cli.databases import ensure
from svastha.doors.jobs.worker import Worker
from svastha.doors.second_factors import drift_of
from svastha.doors.visit import House
from svastha.kit.connections import Connections
from svastha.main import create_site

MASTER_KEY = "dGhpcnR5LXR3byBieXRlcyBmb3IgdGVzdHMgYWxvbmU"
PASSWORD = "correct horse battery"
CLINICS = ("asha", "nadi")


def person(number: int) -> UUID:
    return UUID(f"01900000-0000-7000-8000-{number:012}")


NAMES = {
    "ananya": "Ananya Deshpande",
    "kavya": "Kavya Deshpande",
    "rao": "Dr Meera Rao",
    "iyer": "Dr Arvind Iyer",
    "farida": "Farida Sheikh",
    "gita": "Gita Menon",
    "hari": "Hari Prasad",
    "indu": "Indu Bose",
    "jaya": "Jaya Krishnan",
}
IDS = {name: person(number) for number, name in enumerate(NAMES, 1)}
RAO, IYER = IDS["rao"], IDS["iyer"]

# (role, clinic) of each
ROLES: dict[str, tuple[str, str | None]] = {
    "rao": ("doctor", "asha"),
    "iyer": ("doctor", "nadi"),
    "farida": ("receptionist", "asha"),
    "gita": ("clinic_admin", "asha"),
    "hari": ("clinic_admin", "nadi"),
    "indu": ("support", None),
    "jaya": ("platform_admin", None),
}

# Whoever works here with more than a password has an authenticator app.
ENROLLED = ("rao", "iyer", "gita", "hari", "indu", "jaya")


def email(name: str) -> str:
    return f"{name}@cast.test"


async def invent(house: House) -> None:
    """Fill freshly made databases with the cast; they become the templates."""
    await ensure(house, house.routing.control, "control")
    password = await accounts.hash_password(PASSWORD)
    places: dict[str | None, UUID | None] = {None: None}
    async with visit.to_control(house) as tx:
        for name, id in IDS.items():
            await accounts.register_verified(
                tx, account_id=id, email=email(name), name=NAMES[name], password_hash=password
            )
        for slug in CLINICS:
            places[slug] = await clinics.provision(
                tx,
                slug=slug,
                name=f"{slug.title()} Ayurveda",
                address="1 Test Road",
                city="Pune" if slug == "asha" else "Bengaluru",
                state="Maharashtra" if slug == "asha" else "Karnataka",
                phone="+91 00000 00000",
                zone="Asia/Kolkata",
                database=f"{house.settings.database_prefix}_clinic_{slug}",
                locksmith=house.routing.locksmith,
            )
        for name, (role, clinic) in ROLES.items():
            await accounts.grant(tx, IDS[name], role, clinic_id=places[clinic], by=None)
        for name in ENROLLED:
            await factors.enrol_totp(tx, IDS[name])
        for name, gender, languages in (("rao", "female", ["en", "hi"]), ("iyer", "male", ["en", "ta"])):
            await doctors.register(
                tx,
                doctors.Doctor(
                    IDS[name],
                    NAMES[name],
                    gender,
                    "BAMS, MD (Kayachikitsa)",
                    "Test Council",
                    f"T-{name}",
                    2010,
                    languages,
                    ["kayachikitsa"],
                    "",
                    None,
                    None,
                ),
            )
            await doctors.verify(tx, IDS[name])
    for slug, doctor in zip(CLINICS, ("rao", "iyer"), strict=True):
        await ensure(house, f"{house.settings.database_prefix}_clinic_{slug}", "clinic")
        async with visit.to_control(house) as tx:
            clinic_id = places[slug]
            assert clinic_id
            await clinics.open_doors(tx, clinic_id)
        async with visit.to_clinic(house, slug) as clinic_tx:
            # Open day and night, so that no test depends on the hour it is run at.
            await schedule.practise(
                clinic_tx,
                doctor_id=IDS[doctor],
                name=NAMES[doctor],
                zone="Asia/Kolkata",
                offers=[schedule.Offer("video", 20, 50000), schedule.Offer("in_person", 30, 40000)],
            )
            await schedule.set_weekly_hours(
                clinic_tx,
                IDS[doctor],
                [schedule.Hours(day, time(0), time(0), ("video", "in_person")) for day in range(1, 8)],
            )
    world = World(house, None)
    await world.settle()
    await house.bell.close()
    await house.connections.close()


class World:
    """The house under test and its doors. ``api('ananya')`` is a signed-in program, ``web('ananya')`` a browser."""

    def __init__(self, house: House, app: Litestar | None) -> None:
        self.house, self.app = house, app
        self._clients: list[httpx.AsyncClient] = []
        self._lifespan: Any = None
        self._behind = Connections(house.connections.dsn)
        self._behind.closed = app is None  # keeps none, for nobody closes this world

    async def open(self) -> None:
        assert self.app
        self._lifespan = self.app.lifespan()
        await self._lifespan.__aenter__()

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()
        await self._behind.close()
        await self._lifespan.__aexit__(None, None, None)

    def _client(self, **more: Any) -> httpx.AsyncClient:
        assert self.app
        transport = httpx.ASGITransport(app=create_site(self.app), raise_app_exceptions=False)  # type: ignore[arg-type]
        client = httpx.AsyncClient(transport=transport, base_url="http://svastha.localhost", **more)
        self._clients.append(client)
        return client

    async def token(self, name: str, kind: str, *, second_factor: bool = True) -> str:
        """As if she had just signed in, whoever works here with both factors."""
        async with visit.to_control(self.house) as tx:
            signed = await sessions.open_session(
                tx, IDS[name], kind=kind, user_agent="test", second_factor=second_factor and name in ROLES
            )
        return signed.access_token

    async def api(self, name: str | None = None) -> httpx.AsyncClient:
        """Base is ``/api/v1``. None is nobody."""
        headers = {"authorization": f"Bearer {await self.token(name, 'api')}"} if name else {}
        client = self._client(headers=headers)
        client.base_url = httpx.URL("http://svastha.localhost/api/v1")
        return client

    async def web(self, name: str | None = None) -> httpx.AsyncClient:
        client = self._client(headers={"sec-fetch-site": "same-origin", "origin": "http://svastha.localhost"})
        if name:
            client.headers["cookie"] = f"{visit.COOKIE}={await self.token(name, 'browser')}"
        return client

    async def code(self, name: str) -> str:
        """What her authenticator app would show: the earliest code that counts for half a minute more."""
        async with self.house.routing.reading_control() as tx:
            found = await factors.current_code(tx, IDS[name], drift=drift_of(self.house))
        assert found, f"{name} has no app"
        return found

    async def settle(self) -> None:
        """Do all work that is due, as the worker would."""
        worker = Worker(self.house)
        while sum([await worker.drain(None), *[await worker.drain(slug) for slug in CLINICS]]):
            pass

    def mail(self, name: str) -> list[mailbox.Message]:
        """What arrived for one of the cast, newest first."""
        return mailbox.read(self.house.settings.mailbox_dir, to=email(name) if "@" not in name else name)

    async def sql(self, place: str | None, text: str, *values: Any) -> list[Any]:
        """Straight at the database, behind the house's back. None is the control database."""
        database = (
            self.house.routing.control if place is None else f"{self.house.settings.database_prefix}_clinic_{place}"
        )
        async with self._behind.borrowed(database) as connection:
            rows: list[Any] = await connection.fetch(text, *values)
            return rows

    async def free(
        self, *, doctor: UUID = RAO, clinic: str = "asha", mode: str = "video", after: timedelta = timedelta(days=2)
    ) -> list[datetime]:
        """Starts of free times, in order."""
        start = datetime.now(UTC) + after
        async with visit.to_clinic(self.house, clinic) as tx:
            found = await schedule.free_times(tx, [doctor], from_at=start, to_at=start + timedelta(days=1), mode=mode)  # type: ignore[arg-type]
        return [time.starts_at for time in found]

    async def booked(
        self, name: str = "ananya", *, at: datetime | None = None, mode: str = "video", reason: str | None = None
    ) -> dict[str, Any]:
        """A confirmed visit with Dr Rao at Asha."""
        starts = at or (await self.free(mode=mode))[0]
        client = await self.api(name)
        answer = await client.post(
            "/clinics/asha/appointments",
            json={"doctor_id": str(RAO), "starts_at": starts.isoformat(), "mode": mode, "reason": reason},
            headers={"idempotency-key": f"{name}-{starts.isoformat()}-{mode}"},
        )
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found
