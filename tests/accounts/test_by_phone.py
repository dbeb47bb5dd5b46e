"""In with an Indian mobile number and no password at all; the codes go by SMS."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from svastha.adapters import mailbox
from svastha.adapters.sms_twin import SmsTwin
from tests.cast import World, email
from tests.conftest import opened
from tests.ways_in import browser_at, newest_link

NUMBER = "+919876543210"


@pytest.fixture
async def world(dsn: str, prefix: str, tmp_path: Path) -> AsyncIterator[World]:
    sms = SmsTwin(tmp_path / "mailbox")
    sms.start()
    async with opened(dsn, prefix, tmp_path, **sms.environ()) as world:
        yield world
    await asyncio.to_thread(sms.stop)


async def texted(world: World) -> str:
    await world.settle()
    return mailbox.read(world.house.settings.mailbox_dir, to=NUMBER)[0].text


async def code_of(world: World) -> str:
    found = re.search(r"\b\d{6}\b", await texted(world))
    assert found
    return found.group()


async def test_a_number_alone_opens_an_account_and_signs_in(world: World) -> None:
    web = await browser_at(world, "198.51.100.7")
    sent = await web.post("/sign-up", data={"name": "Lata Joshi", "contact": "098765 43210", "password": ""})
    assert sent.headers["location"] == "/confirm"
    text, code = await texted(world), await code_of(world)
    assert text.rstrip().endswith(f"@localhost #{code}"), "the form a browser reads"
    form = {"contact": "98765-43210", "code": code}
    assert (await web.post("/confirm", data=form)).headers["location"] == "/home"
    assert "Lata Joshi" in (await web.get("/home")).text
    await world.sql(None, "DELETE FROM attempts")
    nobody = await world.api()
    assert (await nobody.post("/auth/code", json={"phone": NUMBER})).status_code == 202
    body = {"phone": "9876543210", "code": await code_of(world)}
    assert (await nobody.post("/auth/code/verify", json=body)).status_code == 200
    refused = await nobody.post("/auth/login", json={"phone": NUMBER, "password": "not hers at all"})
    assert refused.status_code == 401, "there is no password"


async def test_a_number_is_added_and_the_mail_address_is_told(world: World) -> None:
    ananya = await world.api("ananya")
    assert (await ananya.post("/me/contacts", json={"contact": "98765 43210"})).status_code == 202
    assert (await ananya.post("/me/contacts/verify", json={"code": await code_of(world)})).status_code == 200
    hers = (await ananya.get("/me/contacts")).json()["items"]
    assert [one["value"] for one in hers] == [email("ananya"), NUMBER]
    path = await newest_link(world, "ananya")
    assert (await (await world.web()).post(path)).status_code == 303
    async with world.house.routing.reading_control() as tx:
        kinds = await tx.value(
            "SELECT array_agg(kind) FROM contacts c JOIN accounts a ON a.id = c.account_id"
            " WHERE a.name = 'Ananya Deshpande'"
        )
    assert kinds == ["email"], "the number is gone again"


async def test_an_address_is_removed_while_another_stays(world: World) -> None:
    ananya = await world.api("ananya")
    await ananya.post("/me/contacts", json={"contact": NUMBER})
    await ananya.post("/me/contacts/verify", json={"code": await code_of(world)})
    mail = (await ananya.get("/me/contacts")).json()["items"][0]
    assert (await ananya.delete(f"/me/contacts/{mail['id']}")).status_code == 204
    assert (await ananya.get("/me")).json()["email"] is None
    path = await newest_link(world, "ananya")
    assert (await (await world.web()).post(path)).status_code == 303, "and may be put back"
    nobody = await world.api()
    await world.sql(None, "DELETE FROM attempts")
    assert (await nobody.post("/auth/forgotten", json={"email": email("ananya")})).status_code == 202
