"""Google and others vouch for people who use our mobile apps."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import accounts
from svastha.domain.accounts import Identity, SignedIn
from svastha.doors import federated, visit
from svastha.doors.api.problems import answers
from svastha.doors.second_factors import changing
from svastha.doors.visit import Asked

Name = Annotated[str, Meta(max_length=40)]


class VouchedFor(msgspec.Struct, frozen=True):
    """``id_token``: what the provider's library gave the app, and ``nonce``: what the app asked it to put in."""

    id_token: Annotated[str, Meta(min_length=1, max_length=16384)]
    nonce: Annotated[str, Meta(min_length=16, max_length=255)]


class Identities(msgspec.Struct, frozen=True):
    items: list[Identity]


@post(
    "/auth/oidc/{provider:str}",
    needs="public",
    status_code=200,
    responses=answers(401, 404, 409, 422, 429),
    tags=["Account"],
    security=[],
)
async def sign_in_by_token(request: Asked, provider: FromPath[Name], data: JSONBody[VouchedFor]) -> SignedIn:
    """Sign in with an ID token of a provider, made for one of our apps; opens an account where there is none.

    An ID token works once. `sign_in_first`: her e-mail address has an account that is not connected to this provider.
    """
    vouched = await federated.provider_of(visit.house_of(request), provider).vouch(data.id_token, data.nonce)
    return await federated.sign_in(request, vouched, kind="api")


@get("/me/identities", needs="self", responses=answers(401), tags=["Account"])
async def my_identities(request: Asked) -> Identities:
    """Who vouches for the person who asks."""
    actor = await visit.actor_of(request)
    async with visit.house_of(request).routing.reading_control() as tx:
        return Identities(await accounts.identities_of(tx, actor.account_id))


@post(
    "/me/identities/{provider:str}",
    needs="self",
    fresh=True,
    status_code=200,
    responses=answers(401, 403, 404, 409, 422),
    tags=["Account"],
)
async def connect(request: Asked, provider: FromPath[Name], data: JSONBody[VouchedFor]) -> Identities:
    """Connect an identity to the account, so that it signs in."""
    vouched = await federated.provider_of(visit.house_of(request), provider).vouch(data.id_token, data.nonce)
    async with changing(request) as (tx, actor, _):
        await accounts.connect(tx, actor.account_id, vouched)
        return Identities(await accounts.identities_of(tx, actor.account_id))


@delete(
    "/me/identities/{identity_id:uuid}",
    needs="self",
    fresh=True,
    responses=answers(401, 403, 404, 409),
    tags=["Account"],
)
async def disconnect(request: Asked, identity_id: FromPath[UUID]) -> None:
    """Disconnect it. Refused with `last_way_in` if nothing else would open the account."""
    async with changing(request) as (tx, actor, _):
        await accounts.disconnect(tx, actor.account_id, identity_id)


routes = [sign_in_by_token, my_identities, connect, disconnect]
