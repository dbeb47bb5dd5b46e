"""One visit of the house: who is asking, at which clinic, in which transaction. Committed here and nowhere else."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.connection import ASGIConnection

from svastha.domain import accounts
from svastha.domain.accounts import Actor
from svastha.domain.clinics import Routing
from svastha.domain.doctors import Scanner
from svastha.doors.address import address_of
from svastha.doors.bell import Bell, Ring
from svastha.kit import idempotency
from svastha.kit.connections import Connections
from svastha.kit.db import ClinicRef, ClinicTx, ControlTx, Tx, busy_when_lost, transaction
from svastha.kit.i18n import N_
from svastha.kit.outbox import Subscriptions, enqueue
from svastha.kit.refusals import Refusal, Unauthenticated
from svastha.kit.trust import Trust
from svastha.kit.wire import Wire
from svastha.settings import Settings

COOKIE = "__Host-session"

R = TypeVar("R")
Asked = Request[Any, Any, Any]


class House(msgspec.Struct, frozen=True):
    """What every door needs; built in ``wiring.py``."""

    settings: Settings
    connections: Connections
    routing: Routing
    subscriptions: Subscriptions
    bell: Bell
    calls: Wire  # between the two people of a call, who may have reached different processes
    trust: Trust[Actor]
    providers: Mapping[str, accounts.Provider] = {}  # by name: who may vouch for people
    scanner: Scanner | None = None  # of uploaded documents for malware; nothing is behind it unless wiring.py says so


class NotSignedIn(Unauthenticated):
    code = "not_signed_in"
    says = N_("Please sign in.")


def house_of(request: ASGIConnection[Any, Any, Any, Any]) -> House:
    house: House = request.app.state.house
    return house


async def clinic_of(request: ASGIConnection[Any, Any, Any, Any], slug: str) -> ClinicRef:
    """Raises NotFound for a clinic nobody has."""
    place, _ = await house_of(request).routing.find(slug)
    return place


async def asker(request: ASGIConnection[Any, Any, Any, Any]) -> Actor | None:
    """Who is asking: a program by its bearer token, a browser by its cookie. Looked up once a request."""
    if "asker" not in request.scope["state"]:
        request.scope["state"]["asker"] = await _look_up(request)
    actor: Actor | None = request.scope["state"]["asker"]
    return actor


async def _look_up(request: ASGIConnection[Any, Any, Any, Any]) -> Actor | None:
    if request.scope["path"].startswith("/api/"):
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        kind = "api"
    else:
        token, kind = request.cookies.get(COOKIE, ""), "browser"
    if not token:
        return None
    house, token = house_of(request), token.strip()
    if kind == "api" and token.startswith(accounts.PREFIX):
        return await _system(request, token)

    async def look_up() -> Actor | None:
        async with house.routing.reading_control() as tx:
            actor = await accounts.actor_of(tx, token, kind=kind)
            unknown_key = actor is None and tx.keys.stale
        if unknown_key:  # signed a moment ago, by a key this process has yet to read
            async with house.routing.reading_control() as tx:
                actor = await accounts.actor_of(tx, token, kind=kind)
        return actor

    return await house.trust.ask(kind, token, look_up)


async def _system(request: ASGIConnection[Any, Any, Any, Any], key: str) -> Actor | None:
    """Another system by its key. Where it comes from belongs to what is remembered: a key may be good there alone."""
    house, address = house_of(request), address_of(request)

    async def look_up() -> Actor | None:
        async with to_control(house) as tx:
            return await accounts.key_actor_of(tx, key, address)

    return await house.trust.ask(f"key from {address}", key, look_up)


async def actor_of(request: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    actor = await asker(request)
    if actor is None:
        raise NotSignedIn
    return actor


@asynccontextmanager
async def committed(house: House, connection: Any, tx: Tx, clinic: str | None) -> AsyncIterator[None]:
    """The one place that commits: what was announced is written with the fact, and afterwards the bell rings."""
    kept: Refusal | None = None
    async with transaction(connection):
        try:
            yield
        except Refusal as refusal:
            if not refusal.commits:
                raise
            kept = refusal
        visits, boards = _about(tx, "appointment_id"), _about(tx, "doctor_id")
        jobs = enqueue(tx, house.subscriptions)
        await tx.flush()
        if tx.forgotten:
            await house.trust.tell(connection, tx.forgotten)
    if tx.forgotten:  # before the answer goes out, so that the very next request is asked anew in every process
        async with busy_when_lost(connection):
            await house.trust.forget(connection, tx.forgotten)
    if jobs or visits or boards:
        house.bell.ring(Ring(clinic, jobs > 0, visits, boards))
    if kept:
        raise kept


def _about(tx: Tx, field: str) -> tuple[UUID, ...]:
    """Whom or what the announced is about, each once. What is only for later changes nothing now."""
    news = (told.what for told in tx.announced if told.run_at is None)
    return tuple(dict.fromkeys(getattr(what, field) for what in news if hasattr(what, field)))


@asynccontextmanager
async def to_control(house: House) -> AsyncIterator[ControlTx]:
    async with house.routing.control_connection() as (connection, tx), committed(house, connection, tx, None):
        yield tx


@asynccontextmanager
async def to_clinic(house: House, clinic: str) -> AsyncIterator[ClinicTx]:
    """Raises NotFound for a clinic nobody has."""
    ref, vault = await house.routing.find(clinic)
    async with house.connections.borrowed(ref.database) as connection:
        tx = ClinicTx(connection, ref, vault)
        async with committed(house, connection, tx, clinic):
            yield tx


@asynccontextmanager
async def reading_clinic(house: House, clinic: str) -> AsyncIterator[ClinicTx]:
    """For what only reads, each statement for itself: no BEGIN, no COMMIT. Raises NotFound for a clinic nobody has."""
    ref, vault = await house.routing.find(clinic)
    async with house.connections.borrowed(ref.database) as connection, busy_when_lost(connection):
        yield ClinicTx(connection, ref, vault)


async def once(
    request: Asked,
    clinic: str,
    status: int,
    verb: Callable[[ClinicTx, Actor], Awaitable[Any]],
    *,
    key: str | None = None,
) -> Response[Any]:
    """Do it once for each Idempotency-Key; a repetition gets the first answer again."""
    house, actor = house_of(request), await actor_of(request)
    async with to_clinic(house, clinic) as tx:
        begun = await idempotency.begin(
            tx,
            key=key if key is not None else request.headers.get("idempotency-key"),
            account_id=actor.account_id,
            method=request.method,
            route=request.url.path,
            body=await request.body(),
        )
        if not isinstance(begun, idempotency.Once):
            return Response(begun[1], status_code=begun[0], headers={"Idempotency-Replayed": "true"})
        answer = await verb(tx, actor)
        begun.remember(tx, status, answer)
    return Response(answer, status_code=status)
