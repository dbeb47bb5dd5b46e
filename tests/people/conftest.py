from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from svastha.doors import visit
from tests.cast import IDS, World


class Desk:
    """What these tests do again and again, as one of the cast."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def people(self, who: str = "gita", clinic: str = "asha") -> dict[str, Any]:
        """By account id: what the list of people says of each."""
        answer = await (await self.world.api(who)).get(f"/clinics/{clinic}/people")
        assert answer.status_code == 200, answer.text
        return {one["account_id"]: one for one in answer.json()["items"]}

    async def grant_of(self, name: str, role: str) -> UUID:
        [row] = await self.world.sql(None, "SELECT id FROM grants WHERE account_id = $1 AND role = $2", IDS[name], role)
        found: UUID = row["id"]
        return found

    async def put(self, name: str, role: str, clinic: str = "asha", until: Any = None) -> None:
        """As if somebody else had appointed her, long ago."""
        await self.world.sql(
            None,
            "INSERT INTO grants (id, account_id, role, clinic_id, valid_from, valid_until)"
            " SELECT gen_random_uuid(), $1, $2, id, now() - interval '1 day', $4 FROM clinics WHERE slug = $3",
            IDS[name],
            role,
            clinic,
            until,
        )

    async def appoint(self, client: httpx.AsyncClient, name: str, role: str, clinic: str = "asha", **more: Any) -> Any:
        return await client.post(f"/clinics/{clinic}/people/{IDS[name]}/roles", json={"role": role, **more})

    async def dismiss(self, client: httpx.AsyncClient, name: str, role: str, clinic: str = "asha") -> Any:
        return await client.delete(f"/clinics/{clinic}/people/{IDS[name]}/roles/{await self.grant_of(name, role)}")

    async def link_of(self, address: str) -> str:
        """The secret in the newest invitation that arrived there."""
        await self.world.settle()
        newest = self.world.mail(address)[0]
        return newest.text.split("/invitation/")[1].split()[0]

    async def two(self, name: str) -> httpx.AsyncClient:
        """A program of somebody who signed in with both factors, whatever she was when the cast was invented."""
        async with visit.to_control(self.world.house) as tx:
            signed = await _open(tx, IDS[name])
        client = await self.world.api()
        client.headers["authorization"] = f"Bearer {signed}"
        return client


async def _open(tx: Any, account_id: UUID) -> str:
    from svastha.domain import accounts

    signed = await accounts.open_session(tx, account_id, kind="api", second_factor=True)
    return signed.access_token


@pytest.fixture
async def desk(world: World) -> AsyncIterator[Desk]:
    yield Desk(world)
