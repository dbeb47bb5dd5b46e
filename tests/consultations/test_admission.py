import base64
import hashlib
import hmac
import time
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from svastha.doors import media
from svastha.kit.clock import now
from svastha.settings import Settings
from tests.cast import IDS, World
from tests.consultations.test_admit import THE_TWO, admitted


@pytest.mark.parametrize(("name", "status"), THE_TWO)
async def test_a_token_is_for_the_two_people_of_the_visit(world: World, name: str | None, status: int) -> None:
    visit = await admitted(world)
    answer = await (await world.api(name)).post(f"{visit}/video-token")
    assert answer.status_code == status
    if status == 200:
        given = answer.json()
        said = media.admitted(world.house.settings, given["token"])
        assert said
        assert (said.role, said.account_id) == (given["role"], IDS[name or ""])
        assert (given["role"], given["ws"]) == ("doctor" if name == "rao" else "patient", "/live/call")
        assert timedelta(seconds=50) < datetime.fromisoformat(given["expires_at"]) - now() <= timedelta(seconds=60)


@pytest.mark.parametrize("name", ["rao", "ananya"])
async def test_a_token_is_only_there_while_the_visit_is_in_progress(world: World, name: str) -> None:
    booked = await world.booked()
    visit = f"/clinics/asha/appointments/{booked['id']}"
    rao, client, ananya = await world.api("rao"), await world.api(name), await world.api("ananya")
    seen = [await client.post(f"{visit}/video-token")]
    await ananya.post(f"{visit}/check-in")
    seen.append(await client.post(f"{visit}/video-token"))
    await rao.post(f"{visit}/admit")
    assert (await client.post(f"{visit}/video-token")).status_code == 200
    await rao.post(f"{visit}/complete")
    seen.append(await client.post(f"{visit}/video-token"))
    assert [(answer.status_code, answer.json()["code"]) for answer in seen] == [(409, "not_admitted")] * 3


async def test_a_visit_in_the_clinic_has_no_call(world: World) -> None:
    visit = await admitted(world, mode="in_person")
    answer = await (await world.api("rao")).post(f"{visit}/video-token")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_admitted")


async def test_a_token_is_worth_nothing_when_changed_or_old_or_for_something_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, visit = world.house.settings, UUID(int=7)
    token, _ = media.mint(settings, "asha", visit, "patient", IDS["ananya"])
    assert media.admitted(settings, token)
    assert media.admitted(settings, token[:-2] + ("AA" if token[-2:] != "AA" else "BB")) is None
    assert media.admitted(settings, "") is None
    assert media.admitted(msgspec.structs.replace(settings, secret="x" * 32), token) is None
    monkeypatch.setattr(media, "CONNECT_WITHIN", timedelta(seconds=-1))
    assert media.admitted(settings, media.mint(settings, "asha", visit, "patient", IDS["ananya"])[0]) is None


def test_relay_credentials_are_what_coturn_computes() -> None:
    visit = UUID(int=7)
    assert media.ice_servers(Settings(), visit) == []
    some = Settings(turn_urls="turn:a.test:3478?transport=udp  turns:a.test:443", turn_secret="s3cret")
    [server] = media.ice_servers(some, visit)
    assert server.urls == ["turn:a.test:3478?transport=udp", "turns:a.test:443"]
    expiry, _, _ = server.username.partition(":")
    assert 595 <= int(expiry) - time.time() <= 600
    mac = hmac.new(b"s3cret", server.username.encode(), hashlib.sha1).digest()
    assert server.credential == base64.b64encode(mac).decode()
    open_to_all = media.ice_servers(Settings(turn_urls="stun:a.test"), visit)
    assert msgspec.json.encode(open_to_all) == b'[{"urls":["stun:a.test"]}]'
