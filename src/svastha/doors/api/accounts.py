from typing import Annotated

import msgspec
from litestar import get, patch, post
from litestar.params import JSONBody
from msgspec import Meta

from svastha.domain import accounts
from svastha.domain.accounts import Me, SignedIn
from svastha.domain.appointments import Appointment
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.refused import language_of
from svastha.doors.sign_in import sign_in
from svastha.doors.visit import Asked
from svastha.doors.visits_of import visits_of

Text = Annotated[str, Meta(max_length=1000)]


class Registration(msgspec.Struct, frozen=True):
    email: Text
    password: Text
    name: Text


class Registered(msgspec.Struct, frozen=True):
    """The same for an address that has an account: what happens next is in the mail."""

    status: str
    email: str


class Verification(msgspec.Struct, frozen=True):
    email: Text
    code: Text


class Verified(msgspec.Struct, frozen=True):
    status: str


class Credentials(msgspec.Struct, frozen=True):
    email: Text
    password: Text


class RefreshToken(msgspec.Struct, frozen=True):
    refresh_token: Text


class Profile(msgspec.Struct, frozen=True):
    """What is left out stays."""

    name: Text | None = None
    locale: Text | None = None
    zone: Text | None = None


class Appointments(msgspec.Struct, frozen=True):
    items: list[Appointment]


@post("/auth/register", status_code=201, responses=answers(422), tags=["Account"], security=[])
async def register(request: Asked, data: JSONBody[Registration]) -> Registered:
    """Open an account. A code goes to the address by mail."""
    wanted = await accounts.prepare_sign_up(
        email=data.email, password=data.password, name=data.name, locale=language_of(request)
    )
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.register(tx, wanted)
    return Registered("code_sent", data.email.strip())


@post("/auth/verify-email", status_code=200, responses=answers(409, 422), tags=["Account"], security=[])
async def verify_email(request: Asked, data: JSONBody[Verification]) -> Verified:
    """Confirm the address with the code from the mail."""
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.verify_email(tx, email=data.email, code=data.code)
    return Verified("verified")


@post("/auth/login", status_code=200, responses=answers(401, 403, 422, 429), tags=["Account"], security=[])
async def login(request: Asked, data: JSONBody[Credentials]) -> SignedIn:
    """Sign in: an access token for 15 minutes and a refresh token for 7 days."""
    agent = request.headers.get("user-agent", "")
    house = visit.house_of(request)
    return await sign_in(house, email=data.email, password=data.password, kind="api", user_agent=agent)


@post("/auth/refresh", status_code=200, responses=answers(401, 422), tags=["Account"], security=[])
async def refresh(request: Asked, data: JSONBody[RefreshToken]) -> SignedIn:
    """The next pair of tokens. A refresh token works once; used twice, it ends the session."""
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.refresh(tx, data.refresh_token)


@post("/auth/logout", status_code=204, responses=answers(401), tags=["Account"])
async def logout(request: Asked) -> None:
    """End this session. Its tokens are worth nothing from this moment."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.sign_out(tx, actor)


@get("/me", responses=answers(401), tags=["Account"])
async def me(request: Asked) -> Me:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.me(tx, actor)


@patch("/me", responses=answers(401, 422), tags=["Account"])
async def change_me(request: Asked, data: JSONBody[Profile]) -> Me:
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.change_profile(tx, actor, name=data.name, locale=data.locale, zone=data.zone)


@get("/me/appointments", responses=answers(401), tags=["Account"])
async def my_appointments(request: Asked) -> Appointments:
    """All visits of the person who asks, at every clinic, latest first."""
    return Appointments(await visits_of(request))


routes = [register, verify_email, login, refresh, logout, me, change_me, my_appointments]
