"""Codes of an authenticator app: each counts once, none older than the last, and guessing ends soon."""

import asyncio
import time

import pyotp
import pytest

from svastha.domain import factors
from svastha.doors import visit
from svastha.kit.crypto import Unreadable
from tests.cast import IDS, World


async def checked(world: World, name: str, code: str, drift: int = 1) -> str | None:
    async with visit.to_control(world.house) as tx:
        return await factors.check(tx, IDS[name], code, drift=drift)


async def test_a_code_counts_once_and_an_older_one_never_again(world: World) -> None:
    api = await world.api("ananya")
    begun = (await api.post("/me/totp")).json()
    app = pyotp.TOTP(begun["setup_key"])
    assert app.secret in begun["uri"] and begun["uri"].startswith("otpauth://totp/Svastha:")
    step = int(time.time()) // 30
    assert await checked(world, "ananya", app.generate_otp(step)) is None, "not before it was confirmed"
    wrong = await api.post("/me/totp/confirm", json={"code": "000000"})
    assert wrong.status_code == 409 and wrong.json()["code"] == "wrong_factor_code"
    confirmed = await api.post("/me/totp/confirm", json={"code": app.generate_otp(step)})
    assert confirmed.status_code == 200 and confirmed.json()["totp"] is True

    assert await checked(world, "ananya", app.generate_otp(step)) is None, "the code that confirmed is used"
    assert await checked(world, "ananya", app.generate_otp(step - 1), drift=5) is None, "older than the last"
    later = app.generate_otp(step + 1)
    assert await checked(world, "ananya", f"{later[:3]} {later[3:]}") == "totp"
    assert await checked(world, "ananya", later) is None, "a replay"
    assert await checked(world, "ananya", app.generate_otp(step + 9)) is None, "beyond what a clock may be off"
    assert (await api.post("/me/totp")).json()["code"] == "totp_already_on"


async def test_one_code_used_by_many_at_once_counts_once(world: World) -> None:
    code = await world.code("rao")
    answers = await asyncio.gather(*[checked(world, "rao", code, drift=10) for _ in range(8)])
    assert sorted(map(str, answers)) == ["None"] * 7 + ["totp"]


async def test_the_update_itself_decides_not_the_reading_before_it(world: World) -> None:
    """Without the lock that counts misses, two that read the same state still cannot both pass."""
    code = await world.code("rao")

    async def one() -> bool:
        async with visit.to_control(world.house) as tx:
            return await factors.check_totp(tx, IDS["rao"], code, drift=10)

    assert sorted(await asyncio.gather(*[one() for _ in range(8)])) == [False] * 7 + [True]


async def test_a_server_whose_clock_is_wrong_takes_them_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, here = await world.code("rao"), time.time
    monkeypatch.setattr(time, "time", lambda: here() + 3600)
    assert await checked(world, "rao", code, drift=10) == "totp"


async def test_guessing_ends_after_ten(world: World) -> None:
    answers = await asyncio.gather(
        *[checked(world, "rao", f"{number:06}", drift=0) for number in range(14)], return_exceptions=True
    )
    assert sum(isinstance(answer, factors.TooManyCodes) for answer in answers) == 4
    with pytest.raises(factors.TooManyCodes):
        await checked(world, "rao", await world.code("rao"), drift=10)
    assert await checked(world, "iyer", await world.code("iyer"), drift=10) == "totp", "others are not concerned"


async def test_the_secret_is_sealed_and_bound_to_its_owner(world: World) -> None:
    begun = (await (await world.api("ananya")).post("/me/totp")).json()
    [row] = await world.sql(None, "SELECT sealed FROM totp_secrets WHERE account_id = $1", IDS["ananya"])
    assert begun["setup_key"].encode() not in row["sealed"]
    await world.sql(None, "UPDATE totp_secrets SET sealed = $1 WHERE account_id = $2", row["sealed"], IDS["rao"])
    with pytest.raises(Unreadable):
        await world.code("rao")


async def test_nobody_whose_work_needs_it_removes_the_last_factor(world: World) -> None:
    api = await world.api("rao")
    refused = await api.delete("/me/totp")
    assert refused.status_code == 409 and refused.json()["code"] == "last_factor"
    assert (await api.get("/me/factors")).json()["totp"] is True

    patient = await world.api("ananya")
    app = pyotp.TOTP((await patient.post("/me/totp")).json()["setup_key"])
    assert (await patient.post("/me/totp/confirm", json={"code": app.now()})).status_code == 200
    assert (await patient.delete("/me/totp")).status_code == 204
    assert (await patient.delete("/me/totp")).status_code == 404


async def test_a_stolen_password_alone_brings_no_factor_of_its_own(world: World) -> None:
    """A session that showed one factor may not add another where there is one already."""
    stolen = await world.api("rao")
    stolen.headers["authorization"] = f"Bearer {await world.token('rao', 'api', second_factor=False)}"
    for path in ("/me/totp", "/me/passkeys/options", "/me/recovery-codes"):
        refused = await stolen.post(path)
        assert refused.status_code == 403 and refused.json()["code"] == "step_up_required", path
    assert (await stolen.delete("/me/totp")).status_code == 403


async def test_the_first_factor_opens_the_work_at_once(world: World) -> None:
    starts = (await world.booked())["id"]
    await world.sql(None, "DELETE FROM totp_secrets WHERE account_id = $1", IDS["rao"])
    api = await world.api("rao")
    api.headers["authorization"] = f"Bearer {await world.token('rao', 'api', second_factor=False)}"
    path = f"/clinics/asha/appointments/{starts}/admit"
    refused = await api.post(path)
    assert refused.status_code == 403 and refused.json()["code"] == "second_factor_missing", refused.text
    app = pyotp.TOTP((await api.post("/me/totp")).json()["setup_key"])
    assert (await api.post("/me/totp/confirm", json={"code": app.now()})).status_code == 200
    assert (await api.post(path)).status_code not in (401, 403, 404)
