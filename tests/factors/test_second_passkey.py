"""A passkey as second factor and as fresh proof, over the API and through pages; who has changed factors is told."""

from typing import Any

import httpx

from tests.cast import IDS, PASSWORD, World, email
from tests.factors.authenticator import Authenticator
from tests.factors.test_passkeys import made

SCRIPT = {"accept": "application/json", "x-fragment": "passkey"}


async def challenged(api: httpx.AsyncClient, name: str = "rao") -> str:
    first = await api.post("/auth/login", json={"contact": email(name), "password": PASSWORD})
    assert first.json()["code"] == "second_factor_required" and "passkey" in first.json()["methods"]
    challenge: str = first.json()["challenge"]
    return challenge


async def shown(api: httpx.AsyncClient, path: str, device: Authenticator, **more: Any) -> httpx.Response:
    options = (await api.post(f"{path}/options", json=more or None)).json()
    wanted = {"ceremony": options["ceremony"], "credential": device.answer(options), **more}
    return await api.post(path, json=wanted)


async def test_password_and_passkey_over_the_api(world: World) -> None:
    device, others = await made(await world.api("rao")), await made(await world.api("iyer"))
    api = await world.api()
    path, challenge = "/auth/login/second-factor/passkey", await challenged(api)
    asked = (await api.post(f"{path}/options", json={"challenge": challenge})).json()
    assert len(asked["public_key"]["allowCredentials"]) == 1
    refused = await shown(api, path, others, challenge=challenge)
    assert (refused.status_code, refused.json()["code"]) == (403, "passkey_refused")
    done = await shown(api, path, device, challenge=challenge)
    assert done.status_code == 200, done.text
    again = await api.post(f"{path}/options", json={"challenge": challenge})
    assert (again.status_code, again.json()["code"]) == (401, "challenge_over")
    api.headers["authorization"] = f"Bearer {done.json()['access_token']}"
    assert (await api.get("/me/sessions")).json()["items"][0]["second_factor"] is True
    assert (await api.get("/clinics/asha/appointments")).status_code == 200


async def test_five_passkeys_that_are_not_hers_and_the_challenge_is_over(world: World) -> None:
    device, others = await made(await world.api("rao")), await made(await world.api("iyer"))
    api = await world.api()
    challenge = await challenged(api)
    codes = []
    for _ in range(5):
        refused = await shown(api, "/auth/login/second-factor/passkey", others, challenge=challenge)
        codes.append(refused.json()["code"])
    assert codes == ["passkey_refused"] * 5
    answer = await api.post("/auth/login/second-factor/passkey/options", json={"challenge": challenge})
    assert answer.json()["code"] == "challenge_over"
    assert device.counts == 1


async def test_a_passkey_is_a_fresh_proof_through_both_doors(world: World) -> None:
    device = await made(await world.api("rao"))
    api, web = await world.api("rao"), await world.web("rao")
    stranger = await made(await world.api("iyer"))
    await world.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")
    assert (await api.post("/me/recovery-codes")).json()["code"] == "step_up_required"
    assert (await web.get("/security/recovery-codes")).headers["location"].startswith("/step-up?")
    assert (await shown(api, "/auth/step-up/passkey", stranger)).status_code == 403
    assert (await api.post("/me/recovery-codes")).status_code == 403
    assert (await shown(api, "/auth/step-up/passkey", device)).json() == {"status": "proven"}
    assert (await api.post("/me/recovery-codes")).status_code == 201

    assert "/step-up/passkey/begin" in (await web.get("/step-up?next=/security/recovery-codes")).text
    options = (await web.post("/step-up/passkey/begin", headers=SCRIPT)).json()
    answer = {"ceremony": options["ceremony"], "credential": stranger.answer(options), "next": "/security"}
    assert (await web.post("/step-up/passkey/finish", json=answer, headers=SCRIPT)).status_code == 403
    options = (await web.post("/step-up/passkey/begin", headers=SCRIPT)).json()
    answer = {"ceremony": options["ceremony"], "credential": device.answer(options), "next": "/security/recovery-codes"}
    done = await web.post("/step-up/passkey/finish", json=answer, headers=SCRIPT)
    assert done.headers["x-location"] == "/security/recovery-codes"
    old = web.headers["cookie"]
    web.headers["cookie"] = done.headers["set-cookie"].split(";")[0]
    assert (await web.get("/security/recovery-codes")).status_code == 200
    web.headers["cookie"] = old  # rotated: the token from before is worth nothing
    assert (await web.get("/security")).status_code == 303


async def test_a_step_up_of_one_session_is_none_of_another_and_none_of_a_sign_in(world: World) -> None:
    device = await made(await world.api("rao"))
    one, other = await world.api("rao"), await world.api("rao")
    await world.sql(None, "UPDATE sessions SET proven_at = now() - interval '11 minutes'")
    assert (await shown(one, "/auth/step-up/passkey", device)).status_code == 200
    assert (await other.post("/me/recovery-codes")).json()["code"] == "step_up_required"
    options = (await other.post("/auth/passkey/options")).json()
    signing_in = {"ceremony": options["ceremony"], "credential": device.answer(options)}
    assert (await other.post("/auth/step-up/passkey", json=signing_in)).json()["code"] == "ceremony_over"


async def test_every_change_of_factors_is_told_by_mail(world: World) -> None:
    api = await world.api("rao")

    async def said() -> str:
        await world.settle()
        newest = world.mail("rao")[0]
        assert newest.subject == "Your account at Svastha was changed" and "/security" in newest.text
        return newest.text

    await made(api)
    assert "A passkey was added." in await said()
    assert (await api.delete("/me/totp")).status_code == 204
    assert "The authenticator app was removed." in await said()
    assert (await api.post("/me/recovery-codes")).status_code == 201
    assert "New recovery codes were made." in await said()
    await made(api, "Another")
    await world.settle()
    [first, _] = (await api.get("/me/factors")).json()["passkeys"]
    assert (await api.delete(f"/me/passkeys/{first['id']}")).status_code == 204
    assert "A passkey was removed." in await said()


async def test_how_long_to_wait_is_the_truth(world: World) -> None:
    api = await world.api()
    first = await api.post("/auth/login", json={"contact": email("rao"), "password": PASSWORD})
    challenge = first.json()["challenge"]
    await world.sql(
        None,
        "INSERT INTO factor_misses (account_id, at) SELECT $1, now() - interval '14 minutes' + interval '1 second' * n"
        " FROM generate_series(1, 10) n",
        IDS["rao"],
    )
    wish = {"challenge": challenge, "code": "000000"}
    refused = await api.post("/auth/login/second-factor", json=wish)
    assert refused.status_code == 429 and refused.json()["code"] == "too_many_codes"
    assert 55 <= int(refused.headers["retry-after"]) <= 61  # the oldest of ten ends in a minute
    await world.sql(None, "UPDATE factor_misses SET at = at - interval '61 seconds'")
    assert (await api.post("/auth/login/second-factor", json=wish)).status_code == 401
