"""Second factors as every door handles them: where passkeys belong, how far a clock may be off, who may change what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from svastha.domain import accounts, factors
from svastha.domain.accounts import Actor, SignedIn, Visitor
from svastha.domain.factors import Factors, Options, Site
from svastha.doors import visit
from svastha.doors.guard import StepUpRequired
from svastha.doors.visit import Asked, House
from svastha.kit.db import ControlTx


def site_of(request: Asked) -> Site:
    """Passkeys belong to the host of ``base_url`` and are good at the clinics' sub-domains too.

    In development the site is reached by two names, ``localhost`` and ``svastha.localhost``; each has its own.
    """
    settings = visit.house_of(request).settings
    ours = urlsplit(settings.url)
    rp_id, here = ours.hostname or "", request.headers.get("host", "").lower()
    host = here.partition(":")[0]
    if not settings.production and rp_id == "localhost" and host.endswith(".localhost"):
        rp_id = ".".join(host.split(".")[-2:])
    origins = [settings.url]
    if host == rp_id or host.endswith(f".{rp_id}"):
        origins.append(f"{ours.scheme}://{here}")
    return Site(rp_id, tuple(dict.fromkeys(origins)))


def drift_of(house: House) -> int:
    """How many steps of 30 seconds an app's clock may be off. More in development: codes are handed out ahead."""
    return 1 if house.settings.production else 10


@asynccontextmanager
async def changing(request: Asked) -> AsyncIterator[tuple[ControlTx, Actor, Factors]]:
    """A transaction in which she may change what she proves herself with.

    Whoever has a second factor must have shown one in this session: else a stolen password could bring its own.
    """
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        had = await factors.factors_of(tx, actor.account_id)
        if had.any and not actor.second_factor:
            raise StepUpRequired
        yield tx, actor, had


async def raised(tx: ControlTx, actor: Actor) -> str | None:
    """The factor she has just added counts from here on: a browser's next token, None where nothing changes."""
    return None if actor.second_factor else await accounts.raise_session(tx, actor, second_factor=True)


async def sign_in_with_passkey(
    request: Asked, visitor: Visitor, ceremony: UUID, credential: dict[str, Any], *, kind: str
) -> SignedIn:
    """The device says whose passkey it is. Raises CeremonyOver, PasskeyRefused, WrongSignIn."""
    async with visit.to_control(visit.house_of(request)) as tx:
        account_id = await factors.finish_assertion(tx, None, site_of(request), ceremony=ceremony, answer=credential)
        return await accounts.sign_in_proven(tx, account_id, visitor, method="passkey", kind=kind, second_factor=True)


async def ask_second_passkey(request: Asked, challenge: str, *, kind: str) -> Options:
    """What to ask of the browser as second factor. Raises ChallengeOver."""
    async with visit.to_control(visit.house_of(request)) as tx:
        who = await accounts.challenged(tx, challenge, kind=kind, counts=False)
        return await factors.begin_assertion(tx, who.account_id, site_of(request))


async def second_factor_with_passkey(
    request: Asked, visitor: Visitor, challenge: str, ceremony: UUID, credential: dict[str, Any], *, kind: str
) -> SignedIn:
    """After a password or a code. Raises ChallengeOver, CeremonyOver, PasskeyRefused."""
    async with visit.to_control(visit.house_of(request)) as tx:
        who = await accounts.challenged(tx, challenge, kind=kind)
        await factors.finish_assertion(tx, who.account_id, site_of(request), ceremony=ceremony, answer=credential)
        return await accounts.second_factor_shown(tx, challenge, who, visitor, method="passkey")


async def ask_passkey_again(request: Asked) -> Options:
    """What to ask of the browser of somebody who is signed in."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        return await factors.begin_assertion(tx, actor.account_id, site_of(request), purpose="step_up")


async def step_up_with_passkey(request: Asked, ceremony: UUID, credential: dict[str, Any]) -> str:
    """A browser's next token. Raises CeremonyOver, PasskeyRefused."""
    actor = await visit.actor_of(request)
    async with visit.to_control(visit.house_of(request)) as tx:
        await factors.finish_assertion(
            tx, actor.account_id, site_of(request), ceremony=ceremony, answer=credential, purpose="step_up"
        )
        return await accounts.raise_session(tx, actor, second_factor=True)
