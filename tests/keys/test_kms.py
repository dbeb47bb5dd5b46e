"""The key provider over AWS's wire protocol, against a twin that checks what AWS checks."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from structlog.testing import capture_logs

from svastha import settings
from svastha.adapters.kms import Kms
from svastha.adapters.kms_twin import KmsTwin, signature_of
from svastha.domain.keys import ProviderAway
from svastha.doors import visit
from svastha.doors.cli import keys as command
from svastha.kit.crypto import Unreadable, new_key
from svastha.settings import Settings, SettingsTrouble
from svastha.wiring import build
from tests.cast import World
from tests.conftest import settings_for

KEY = new_key()


@pytest.fixture
def twin() -> Iterator[KmsTwin]:
    twin = KmsTwin()
    twin.start()
    yield twin
    twin.stop()


def of(twin: KmsTwin, **more: str) -> Settings:
    return settings.load({"SVASTHA_MODE": "test", **twin.environ(), **more})


async def test_a_key_is_wrapped_and_opens_for_its_context_alone(twin: KmsTwin) -> None:
    kms = Kms(of(twin))
    await kms.check()
    wrapped = await kms.wrap(KEY, "clinic/1")
    assert KEY not in wrapped and await kms.unwrap(wrapped, "clinic/1") == KEY
    assert twin.asked[-1] == ("Decrypt", {"owner": "clinic/1"})
    with pytest.raises(Unreadable):
        await kms.unwrap(wrapped, "clinic/2")
    with pytest.raises(Unreadable):
        await kms.unwrap(wrapped[:-1] + bytes([wrapped[-1] ^ 1]), "clinic/1")


async def test_a_wrong_signature_region_or_key_is_refused(twin: KmsTwin) -> None:
    for name, value in (
        ("SECRET_KEY", "of somebody else"),
        ("ACCESS_KEY", "AKIASOMEBODY"),
        ("REGION", "eu-west-1"),
        ("KEY_ID", "other"),
    ):
        with capture_logs() as logs, pytest.raises(ProviderAway):
            await Kms(of(twin, **{f"SVASTHA_KMS_{name}": value})).wrap(KEY, "clinic/1")
        assert logs[-1]["event"] == "kms_refuses" and KEY.hex() not in str(logs)


async def test_the_twin_reads_what_was_signed_and_nothing_else(twin: KmsTwin) -> None:
    """A signature belongs to one body and one time."""
    kms = Kms(of(twin))
    caught: list[httpx.Request] = []

    async def keep(request: httpx.Request) -> None:
        caught.append(request)

    async with httpx.AsyncClient(event_hooks={"request": [keep]}, trust_env=False) as client:
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.DescribeKey"}
        good = await client.post(twin.url, json={"KeyId": twin.key_id}, headers=headers, auth=kms._auth)
        assert good.status_code == 200
        signed = dict(caught[0].headers)
        again = await client.post(twin.url, content=caught[0].content, headers=signed)
        other_body = await client.post(twin.url, content=b'{"KeyId":"x"}', headers=signed | {"content-length": "13"})
        other_act = await client.post(
            twin.url, content=caught[0].content, headers=signed | {"x-amz-target": "TrentService.Decrypt"}
        )
        unsigned = await client.post(twin.url, json={"KeyId": twin.key_id}, headers=headers)
    assert again.status_code == 200
    assert other_body.json()["__type"] == other_act.json()["__type"] == "InvalidSignatureException"
    assert unsigned.json()["__type"] == "IncompleteSignatureException"


def test_the_twin_computes_signatures_as_aws_shows() -> None:
    """AWS's own example: ListUsers, 30 August 2015."""
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": "iam.amazonaws.com",
        "x-amz-date": "20150830T123600Z",
    }
    path = "/?Action=ListUsers&Version=2010-05-08"
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    found = signature_of(secret, "GET", path, headers, b"", "us-east-1", "iam")
    assert found == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


async def test_what_passes_is_tried_again_and_what_does_not_is_a_refusal(twin: KmsTwin) -> None:
    kms = Kms(of(twin))
    twin.down = True
    trying = asyncio.create_task(kms.wrap(KEY, "clinic/1"))
    with pytest.raises(ProviderAway):
        await trying
    twin.down, twin.enabled = False, False
    with pytest.raises(ProviderAway):
        await kms.check()


def test_incomplete_settings_are_refused_by_name() -> None:
    with pytest.raises(SettingsTrouble) as trouble:
        settings.load({"SVASTHA_MODE": "test", "SVASTHA_KEY_PROVIDER": "kms", "SVASTHA_KMS_REGION": "ap-south-1"})
    assert str(trouble.value).splitlines() == [
        "SVASTHA_KMS_KEY_ID is missing",
        "SVASTHA_KMS_ACCESS_KEY is missing",
        "SVASTHA_KMS_SECRET_KEY is missing",
    ]


async def test_moving_from_the_file_to_kms_and_on_while_it_is_away(bare: World, twin: KmsTwin, tmp_path: Path) -> None:
    """The keys stay; who wraps them changes. A house that has its keys goes on without the provider."""
    given = bare.house.settings
    async with visit.to_clinic(bare.house, "asha") as tx:
        sealed = tx.vault.seal("notes", "content", "a", b"Vata")
    moved = settings_for(given.database_url, given.database_prefix, tmp_path, **twin.environ())
    house = build(moved)
    await command.rotate(house, wrap_only=True)
    assert {row["provider"] for row in await bare.sql(None, "SELECT provider FROM data_keys")} == {"kms"}

    alone = build(msgspec.structs.replace(moved, master_key=""))
    asked = len(twin.asked)
    async with visit.to_clinic(alone, "asha") as tx:
        assert tx.vault.open("notes", "content", "a", sealed) == b"Vata"
    assert len(twin.asked) > asked
    twin.down = True
    alone.routing.forget()
    async with visit.to_clinic(alone, "asha") as tx:
        assert tx.vault.open("notes", "content", "a", sealed) == b"Vata"
    late = build(msgspec.structs.replace(moved, master_key=""))
    with pytest.raises(ProviderAway):
        async with visit.to_clinic(late, "asha"):
            pass
    async with visit.to_control(late) as control:  # what needs no key goes on
        assert await control.value("SELECT count(*) FROM clinics") == 2
    for one in (house, alone, late):
        await one.connections.close()
