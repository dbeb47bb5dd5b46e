"""``svastha keys`` as an operator runs it."""

import asyncio
import base64
import contextlib
import io
import os
from unittest import mock

import msgspec

from svastha.doors import visit
from svastha.doors.cli import main
from svastha.settings import env_name
from svastha.wiring import build
from tests.cast import World

OTHER_MASTER = base64.urlsafe_b64encode(bytes(range(32))).decode()


async def run(world: World, *arguments: str, typed: str = "", **more: str) -> tuple[int, str]:
    """Beside the house, in this process: it has loaded already what another would spend a second on."""
    given = world.house.settings
    names = ("mode", "database_url", "database_prefix", "database_role", "state_dir", "secret", "master_key")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SVASTHA_")}
    environ |= {env_name(name): str(getattr(given, name)) for name in names} | more
    said = io.StringIO()
    with (
        mock.patch.dict(os.environ, environ, clear=True),
        mock.patch("sys.stdin", io.StringIO(typed)),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        status = await asyncio.to_thread(main, ["keys", *arguments])
    return status, said.getvalue()


async def test_an_operator_sees_rotates_and_destroys(bare: World) -> None:
    status, said = await run(bare, "status")
    assert status == 0 and [line.split()[0] for line in said.splitlines()] == [
        "platform", "asha", "nadi", "index", "signing",
    ], said  # fmt: skip
    assert "version 1" in said and "signs" in said
    status, said = await run(bare, "rotate", "--clinic", "nowhere")
    assert status == 1 and "There is no clinic called nowhere." in said
    status, said = await run(bare, "rotate", "--clinic", "asha")
    assert status == 0 and "version 2 made" in said and "nadi" not in said
    status, said = await run(bare, "destroy", "--old")
    assert status == 0 and "asha                 still needs its old keys" in said
    status, said = await run(bare, "rotate-index")
    assert status == 0 and "index version 2 is on its way" in said
    status, said = await run(bare, "rotate-signing")
    assert status == 0 and "is published, and signs in 10 minutes" in said
    status, said = await run(bare, "rotate-signing", "--compromised")
    assert status == 0 and "signs from now on" in said
    status, said = await run(bare, "destroy", "--clinic", "nadi", typed="no\n")
    assert status == 1 and "Nothing was destroyed." in said
    status, said = await run(bare, "destroy", "--clinic", "nadi", typed="nadi\n")
    assert status == 0 and "1 keys of nadi destroyed" in said
    _, said = await run(bare, "status")
    assert "asha                 version 2, sealing again: 0 of ?" in said and "nadi" not in said
    noted = await bare.sql(None, "SELECT action, subject_id FROM audit_entries WHERE subject_kind LIKE '%key%'")
    assert {("rewrap", "file"), ("rotate", "asha/2"), ("destroy", "nadi")} <= {tuple(row) for row in noted}


async def test_the_master_key_changes_and_the_old_one_opens_nothing_any_more(bare: World) -> None:
    old = bare.house.settings.master_key
    async with visit.to_clinic(bare.house, "asha") as tx:
        sealed = tx.vault.seal("notes", "content", "a", b"Vata")
    moved = {"SVASTHA_MASTER_KEY": OTHER_MASTER, "SVASTHA_PREVIOUS_MASTER_KEY": old}
    status, said = await run(bare, "rotate", "--wrap-only", **moved)
    assert status == 0 and "keys wrapped anew by file" in said
    status, said = await run(bare, "rotate", "--wrap-only", SVASTHA_MASTER_KEY=OTHER_MASTER)
    assert status == 0, "the previous one is needed no more"
    status, said = await run(bare, "rotate", "--wrap-only")
    assert status == 1 and "The keys could not be opened" in said
    async with visit.to_clinic(bare.house, "asha") as tx:  # it goes on with the keys it has
        assert tx.vault.open("notes", "content", "a", sealed) == b"Vata"
    house = build(msgspec.structs.replace(bare.house.settings, master_key=OTHER_MASTER))
    async with visit.to_clinic(house, "asha") as tx:
        assert tx.vault.open("notes", "content", "a", sealed) == b"Vata"
    await house.connections.close()
