"""Whoever objects to a change of address has her account back, whatever else was set up by whoever made the change."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from svastha.adapters import mailbox
from svastha.adapters.sms_twin import SmsTwin
from svastha.domain import accounts
from tests.cast import IDS, PASSWORD, World, email
from tests.conftest import opened
from tests.ways_in import CODE, newest_link

THIEF, NUMBER = "thief.one@cast.test", "+919876543210"


@pytest.fixture
async def world(dsn: str, prefix: str, tmp_path: Path) -> AsyncIterator[World]:
    sms = SmsTwin(tmp_path / "mailbox")
    sms.start()
    async with opened(dsn, prefix, tmp_path, **sms.environ()) as world:
        yield world
    await asyncio.to_thread(sms.stop)


async def changed(world: World, client: httpx.AsyncClient, to: str) -> None:
    await world.settle()
    await world.sql(None, "DELETE FROM attempts")
    assert (await client.post("/me/contacts", json={"contact": to})).status_code == 202
    await world.settle()
    code = CODE.search(mailbox.read(world.house.settings.mailbox_dir, to=to)[0].text)
    assert code
    answer = await client.post("/me/contacts/verify", json={"code": code.group()})
    assert answer.status_code == 200, answer.text


async def addresses(world: World) -> list[str]:
    async with world.house.routing.reading_control() as tx:
        return [one.value for one in await accounts.contacts_of(tx, IDS["ananya"])]


async def test_nobody_undoes_the_undoing(world: World) -> None:
    """Who changes it twice gets a link to undo the second change, at an address that never was hers."""
    thief, web = await world.api("ananya"), await world.web()
    await changed(world, thief, THIEF)
    hers = await newest_link(world, "ananya")
    await changed(world, thief, "thief.two@cast.test")
    his = await newest_link(world, THIEF)
    assert (await web.post(hers)).status_code == 303
    assert (await web.get(his)).status_code == 409
    assert (await web.post(his)).status_code == 409
    assert await addresses(world) == [email("ananya")]


async def test_nor_has_another_account_with_an_address_in_between(world: World) -> None:
    """Also where somebody else has an address by now that was hers for a moment: it is not put back on the way."""
    thief, web = await world.api("ananya"), await world.web()
    await changed(world, thief, THIEF)
    hers = await newest_link(world, "ananya")
    await changed(world, thief, "thief.two@cast.test")
    await changed(world, await world.api("kavya"), THIEF)
    assert (await web.post(hers)).status_code == 303
    assert await addresses(world) == [email("ananya")]


async def test_what_was_set_up_with_it_ends_too(world: World) -> None:
    thief, web = await world.api("ananya"), await world.web()
    await world.sql(
        None,
        """
        WITH mine AS (SELECT $1::uuid AS id)
        , away AS (INSERT INTO identities (id, account_id, provider, issuer, subject, sealed, connected_at)
            SELECT gen_random_uuid(), id, 'x', 'x', which, 'x', at FROM mine,
            (VALUES ('thief', now()), ('owner', now() - interval '30 days')) AS two(which, at))
        INSERT INTO passkeys (id, account_id, credential_id, public_key, sign_count, name)
            SELECT gen_random_uuid(), id, 'x', 'x', 0, 'x' FROM mine
        """,
        IDS["ananya"],
    )
    await changed(world, thief, THIEF)
    await changed(world, thief, NUMBER)
    assert len(await addresses(world)) == 2
    await world.settle()
    hers = next(mail for mail in world.mail("ananya") if "/security/undo/" in mail.text)
    path = "/security/undo/" + hers.text.split("/security/undo/")[1].split()[0]
    assert (await web.post(path)).status_code == 303
    assert await addresses(world) == [email("ananya")]
    left = await world.sql(None, "SELECT subject FROM identities WHERE account_id = $1", IDS["ananya"])
    assert [row[0] for row in left] == ["owner"]
    assert not await world.sql(None, "SELECT 1 FROM passkeys WHERE account_id = $1", IDS["ananya"])


async def test_an_address_added_shortly_before_goes_with_it(world: World) -> None:
    """Added first, told to nobody, then the only other one removed: what comes back comes back alone."""
    thief, web = await world.api("ananya"), await world.web()
    await changed(world, thief, NUMBER)
    mine = next(one for one in (await thief.get("/me/contacts")).json()["items"] if one["kind"] == "email")
    assert (await thief.delete(f"/me/contacts/{mine['id']}")).status_code == 204
    assert (await web.post(await newest_link(world, "ananya"))).status_code == 303
    assert await addresses(world) == [email("ananya")]


async def test_a_sign_in_half_done_ends_with_the_password_it_began_with(world: World) -> None:
    rao, nobody = await world.api("rao"), await world.api()
    begun = await nobody.post("/auth/login", json={"contact": email("rao"), "password": PASSWORD})
    body = {"challenge": begun.json()["challenge"], "code": await world.code("rao")}
    assert (await rao.put("/me/password", json={"password": "three quiet rivers"})).status_code == 200
    refused = await nobody.post("/auth/login/second-factor", json=body)
    assert (refused.status_code, refused.json()["code"]) == (401, "challenge_over")
