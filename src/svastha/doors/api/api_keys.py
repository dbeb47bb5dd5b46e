"""Keys by which other systems act for a clinic."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from svastha.domain import accounts
from svastha.domain.accounts import FOR_KEYS, ApiKey, NewApiKey
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked

Text = Annotated[str, Meta(max_length=100)]
Scope = Annotated[str, Meta(max_length=100, extra_json_schema={"enum": sorted(FOR_KEYS)})]


class ApiKeys(msgspec.Struct, frozen=True):
    items: list[ApiKey]


class Wish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``scopes`` are permissions such as `visit.read`. ``days``: how long it is good, 90 unless said, 365 at most.
    ``networks``, such as `203.0.113.0/24`: from where alone it is good."""

    name: Text
    scopes: Annotated[list[Scope], Meta(max_length=50)]
    days: Annotated[int, Meta(ge=1, le=365)] = 90
    networks: Annotated[list[Text], Meta(max_length=20)] = []


@get("/clinics/{clinic:str}/api-keys", needs="keys.manage", responses=answers(401, 403, 404), tags=["API keys"])
async def api_keys(request: Asked, clinic: FromPath[str]) -> ApiKeys:
    """Those that are neither revoked nor expired. What they are made of is never shown again."""
    clinic_id = (await visit.clinic_of(request, clinic)).id
    async with visit.house_of(request).routing.reading_control() as tx:
        return ApiKeys(await accounts.keys_of(tx, clinic_id))


@post(
    "/clinics/{clinic:str}/api-keys",
    needs="keys.manage",
    fresh=True,
    responses=answers(401, 403, 404, 409, 422),
    tags=["API keys"],
)
async def make(request: Asked, clinic: FromPath[str], data: JSONBody[Wish]) -> NewApiKey:
    """The key is in this answer and nowhere else. It is sent as `Authorization: Bearer svk_…`, is never above what its
    maker may, and ends when she no longer runs the clinic."""
    actor, clinic_id = await visit.actor_of(request), (await visit.clinic_of(request, clinic)).id
    async with visit.to_control(visit.house_of(request)) as tx:
        return await accounts.make_key(
            tx, actor, clinic_id, name=data.name, scopes=data.scopes, days=data.days, networks=data.networks
        )


@delete(
    "/clinics/{clinic:str}/api-keys/{key_id:uuid}",
    needs="keys.manage",
    responses=answers(401, 403, 404),
    tags=["API keys"],
)
async def revoke(request: Asked, clinic: FromPath[str], key_id: FromPath[UUID]) -> None:
    """It opens nothing from this moment."""
    actor, clinic_id = await visit.actor_of(request), (await visit.clinic_of(request, clinic)).id
    async with visit.to_control(visit.house_of(request)) as tx:
        await accounts.revoke_key(tx, actor, clinic_id, key_id)


routes = [api_keys, make, revoke]
