"""Passkeys: made and used as WebAuthn says, and refused wherever anything about them is not as it was asked for."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from svastha.domain import factors
from svastha.domain.factors import Options, Site
from svastha.doors import visit
from tests.cast import IDS, World
from tests.factors.authenticator import ORIGIN, Authenticator

SITE = Site("svastha.localhost", (ORIGIN,))


async def made(api: httpx.AsyncClient, name: str = "Phone", device: Authenticator | None = None) -> Authenticator:
    device = device or Authenticator()
    answer = await tried(api, name, device)
    assert answer.status_code == 201, answer.text
    return device


async def tried(api: httpx.AsyncClient, name: str, device: Authenticator) -> httpx.Response:
    options = (await api.post("/me/passkeys/options")).json()
    return await api.post(
        "/me/passkeys", json={"ceremony": options["ceremony"], "credential": device.make(options), "name": name}
    )


async def asked(world: World, name: str | None) -> dict[str, Any]:
    async with visit.to_control(world.house) as tx:
        options = await factors.begin_assertion(tx, IDS[name] if name else None, SITE)
        found: dict[str, Any] = msgspec.to_builtins(options)
        return found


async def finished(
    world: World, name: str | None, options: dict[str, Any], answer: dict[str, Any], purpose: Any = "sign_in"
) -> UUID:
    async with visit.to_control(world.house) as tx:
        return await factors.finish_assertion(
            tx,
            IDS[name] if name else None,
            SITE,
            ceremony=UUID(options["ceremony"]),
            answer=answer,
            purpose=purpose,
        )


async def test_made_listed_used_renamed_removed(world: World) -> None:
    api = await world.api("rao")
    device = await made(api, "  Dr Rao's   phone ")
    [listed] = (await api.get("/me/factors")).json()["passkeys"]
    assert listed["name"] == "Dr Rao's phone" and listed["last_used_at"] is None
    assert set(listed) == {"id", "name", "backed_up", "made_at", "last_used_at"}

    options = await asked(world, "rao")
    assert await finished(world, "rao", options, device.answer(options)) == IDS["rao"]
    options = await asked(world, None)
    assert options["public_key"].get("allowCredentials", []) == []
    assert await finished(world, None, options, device.answer(options)) == IDS["rao"], "without typing anything"

    path = f"/me/passkeys/{listed['id']}"
    assert (await api.patch(path, json={"name": "Key"})).status_code == 204
    assert (await api.patch(path, json={"name": " "})).status_code == 422
    [listed] = (await api.get("/me/factors")).json()["passkeys"]
    assert listed["name"] == "Key" and listed["last_used_at"]
    assert (await api.delete(path)).status_code == 204
    options = await asked(world, None)
    with pytest.raises(factors.PasskeyRefused):
        await finished(world, None, options, device.answer(options))


async def test_others_passkeys_do_not_exist(world: World) -> None:
    api = await world.api("rao")
    await made(api)
    [listed] = (await api.get("/me/factors")).json()["passkeys"]
    stranger = await world.api("iyer")
    assert (await stranger.delete(f"/me/passkeys/{listed['id']}")).status_code == 404
    assert (await stranger.patch(f"/me/passkeys/{listed['id']}", json={"name": "x"})).status_code == 404
    web = await world.web("iyer")
    assert (await web.get(f"/security/passkeys/{listed['id']}")).status_code == 404
    assert (await web.post(f"/security/passkeys/{listed['id']}/remove")).status_code == 404
    assert len((await api.get("/me/factors")).json()["passkeys"]) == 1


async def test_a_challenge_is_answered_once_by_whom_and_for_what_it_was_meant(world: World) -> None:
    api = await world.api("rao")
    device = await made(api)
    options = await asked(world, "rao")
    answer = device.answer(options)
    assert await finished(world, "rao", options, answer) == IDS["rao"]
    with pytest.raises(factors.CeremonyOver):
        await finished(world, "rao", options, answer)
    for name, purpose in (("iyer", "sign_in"), (None, "sign_in"), ("rao", "step_up")):
        options = await asked(world, "rao")
        with pytest.raises(factors.CeremonyOver):
            await finished(world, name, options, device.answer(options), purpose)
    options = await asked(world, "iyer")
    with pytest.raises(factors.PasskeyRefused):
        await finished(world, "iyer", options, device.answer(options))
    with pytest.raises(factors.CeremonyOver):  # a refused answer spends the challenge too
        await finished(world, "iyer", options, device.answer(options))
    options = await asked(world, "rao")
    await world.sql(None, "UPDATE ceremonies SET expires_at = now() - interval '1 second'")
    with pytest.raises(factors.CeremonyOver):
        await finished(world, "rao", options, device.answer(options))


async def test_another_site_an_unverified_person_or_a_changed_byte_is_refused(world: World) -> None:
    api = await world.api("rao")
    for wrong in (Authenticator("http://svastha.localhost.evil.test"), Authenticator(verifies=False)):
        refused = await tried(api, "Phone", wrong)
        assert refused.status_code == 403 and refused.json()["code"] == "passkey_refused"
    device = await made(api)

    device.origin = "https://evil.test"
    options = await asked(world, "rao")
    with pytest.raises(factors.PasskeyRefused):
        await finished(world, "rao", options, device.answer(options))
    device.origin, device.verifies = ORIGIN, False
    options = await asked(world, "rao")
    with pytest.raises(factors.PasskeyRefused):
        await finished(world, "rao", options, device.answer(options))
    device.verifies = True
    options = await asked(world, "rao")
    with pytest.raises(factors.PasskeyRefused):
        await finished(world, "rao", options, device.answer(options, rp_id="evil.test"))
    options, other = await asked(world, "rao"), await asked(world, "rao")
    with pytest.raises(factors.PasskeyRefused):
        await finished(world, "rao", options, device.answer(other))
    options = await asked(world, "rao")
    broken = device.answer(options)
    broken["response"]["signature"] = broken["response"]["signature"][:-4] + "AAAA"
    with pytest.raises(factors.PasskeyRefused):
        await finished(world, "rao", options, broken)
    device.handle = IDS["iyer"].bytes
    options = await asked(world, None)
    with pytest.raises(factors.PasskeyRefused):
        await finished(world, None, options, device.answer(options))


@pytest.mark.parametrize(
    "answer",
    [{}, {"id": 7}, {"id": "\x00"}, {"id": "AAAA", "response": []}, {"id": "é", "rawId": None, "response": {"a": 1}}],
)
async def test_whatever_is_sent_instead_of_a_credential_is_refused_in_words(
    world: World, answer: dict[str, Any]
) -> None:
    api = await world.api("rao")
    options = (await api.post("/me/passkeys/options")).json()
    refused = await api.post("/me/passkeys", json={"ceremony": options["ceremony"], "credential": answer, "name": "x"})
    assert refused.status_code == 403 and refused.json()["code"] == "passkey_refused"
    options = await asked(world, "rao")
    with pytest.raises(factors.PasskeyRefused):
        await finished(world, "rao", options, answer)


async def test_a_copied_passkey_is_refused_and_noted(world: World) -> None:
    device = await made(await world.api("rao"))
    options = await asked(world, "rao")
    await finished(world, "rao", options, device.answer(options))
    device.counts -= 1
    options = await asked(world, "rao")
    with pytest.raises(factors.PasskeyRefused):
        await finished(world, "rao", options, device.answer(options))
    noted = await world.sql(None, "SELECT why FROM audit_entries WHERE action = 'passkey_refused'")
    assert [row["why"] for row in noted] == ["it counted backwards"]

    device.counts += 10
    first, second = await asked(world, "rao"), await asked(world, "rao")
    answers = [device.answer(first)]
    device.counts -= 1
    answers.append(device.answer(second))
    both = await asyncio.gather(
        *[finished(world, "rao", o, a) for o, a in zip((first, second), answers, strict=True)], return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["PasskeyRefused", "UUID"], "two with one count: one of them"


async def test_one_credential_belongs_to_one_account(world: World) -> None:
    device = await made(await world.api("rao"))
    again = await tried(await world.api("iyer"), "Mine now", device)
    assert again.status_code == 409 and again.json()["code"] == "passkey_known"


async def test_of_two_factors_removed_at_once_one_stays(world: World) -> None:
    api = await world.api("rao")
    await made(api)
    [listed] = (await api.get("/me/factors")).json()["passkeys"]
    answers = await asyncio.gather(api.delete("/me/totp"), api.delete(f"/me/passkeys/{listed['id']}"))
    assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_a_passkey_alone_signs_in_through_both_doors(world: World) -> None:
    device = await made(await world.api("rao"))
    api, web = await world.api(), await world.web()
    options = (await api.post("/auth/passkey/options")).json()
    shown = {"ceremony": options["ceremony"], "credential": device.answer(options)}
    tokens = await api.post("/auth/passkey", json=shown)
    assert tokens.status_code == 200, tokens.text
    api.headers["authorization"] = f"Bearer {tokens.json()['access_token']}"
    assert (await api.get("/me/sessions")).json()["items"][0]["second_factor"] is True
    again = await (await world.api()).post("/auth/passkey", json=shown)
    assert again.status_code == 409 and again.json()["code"] == "ceremony_over"

    script = {"accept": "application/json", "x-fragment": "passkey"}
    options = (await web.post("/sign-in/passkey/begin", headers=script)).json()
    shown = {"ceremony": options["ceremony"], "credential": device.answer(options), "next": "//evil.test"}
    done = await web.post("/sign-in/passkey/finish", json=shown, headers=script)
    assert done.status_code == 200 and done.headers["x-location"] == "/doctor"
    foreign = {"origin": "https://evil.test", "sec-fetch-site": "cross-site"}
    assert (await web.post("/sign-in/passkey/finish", json=shown, headers=foreign)).status_code == 403

    await world.sql(None, "UPDATE accounts SET suspended_at = now() WHERE id = $1", IDS["rao"])
    options = (await web.post("/sign-in/passkey/begin", headers=script)).json()
    shown = {"ceremony": options["ceremony"], "credential": device.answer(options)}
    refused = await web.post("/sign-in/passkey/finish", json=shown, headers=script)
    assert refused.status_code == 401 and refused.json()["code"] == "wrong_sign_in"


def test_options_carry_what_webauthn_names() -> None:
    assert Options.__struct_fields__ == ("ceremony", "public_key")
