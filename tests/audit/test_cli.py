"""``svastha audit``: the same answer with a database and without one."""

import argparse
from pathlib import Path

import pytest

from svastha.doors.cli import audit, audit_arguments, main
from tests.audit.test_chain import ids, sealed, wrote
from tests.cast import World


async def run(world: World, verb: str, clinic: str | None = "asha") -> int:
    parser = argparse.ArgumentParser()
    audit_arguments.arguments(parser)
    asked = parser.parse_args([verb, *(("--clinic", clinic) if clinic else ())])
    return await audit.work(world.house.settings, asked)


async def test_an_export_is_verified_without_a_database(
    inside: World, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    await sealed(inside, "a", "b", "c")
    await wrote(inside, "not yet")
    assert await run(inside, "verify") == 0
    said = capfdbinary.readouterr().out.decode()
    assert "nothing altered, missing or moved" in said
    assert "1 entries since " in said
    assert await run(inside, "export") == 0
    exported, remarks = capfdbinary.readouterr()
    assert b"Signed with the key " in remarks
    fingerprint = remarks.decode().split("key ")[1].strip()
    file = tmp_path / "export.jsonl"

    def verify(text: bytes, key: str | None = None) -> tuple[int, str]:
        file.write_bytes(text)
        status = main(["audit", "verify", "--export", str(file), *(("--key", key) if key else ())])
        return status, capfdbinary.readouterr().out.decode()

    assert verify(exported, fingerprint)[0] == 0
    status, said = verify(exported, "ab" * 32)
    assert (status, "FORGED" in said) == (1, True)
    known = await ids(inside)
    lines = exported.splitlines(keepends=True)
    (b,) = [at for at, line in enumerate(lines) if b'"subject_id":"b"' in line]
    for changed, what, named in (
        ([line.replace(b'"subject_id":"b"', b'"subject_id":"x"') for line in lines], "ALTERED", "b"),
        ([*lines[:b], *lines[b + 1 :]], "MISSING", "c"),
        ([*lines[:b], lines[b + 1], lines[b], *lines[b + 2 :]], "REORDERED", "c"),
        (lines[:-1], "UNREADABLE", None),
        (lines[1:], "UNREADABLE", None),
        ([*lines[:b], b"{\n"], "UNREADABLE", None),
    ):
        status, said = verify(b"".join(changed))
        assert status == 1
        first = said.splitlines()[0]
        assert what in first
        assert named is None or str(known[named]["id"]) in first
        assert named is None or known[named]["at"].isoformat() in first


async def test_one_entry_that_is_gone_is_told_once(
    inside: World, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    await sealed(inside, "a", "b", "c", "d", "e")
    await run(inside, "export")
    lines = capfdbinary.readouterr().out.splitlines(keepends=True)
    file = tmp_path / "export.jsonl"
    file.write_bytes(b"".join(line for line in lines if b'"subject_id":"b"' not in line))
    assert audit.verify_file(str(file), None) == 1
    assert capfdbinary.readouterr().out.decode().count("MISSING entry") == 1


async def test_a_change_in_the_database_ends_with_status_1(
    inside: World, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    await sealed(inside, "a")
    await inside.sql("asha", "UPDATE audit_entries SET action = 'x' WHERE subject_id = 'a'")
    assert await run(inside, "verify") == 1
    row = (await ids(inside))["a"]
    first = capfdbinary.readouterr().out.decode().splitlines()[0]
    assert first.startswith(f"asha: ALTERED entry {row['id']} of {row['at'].isoformat()} (seal ")
    assert await run(inside, "verify", clinic=None) == 1
    assert await run(inside, "verify", clinic="nadi") == 0
    with pytest.raises(audit.CannotStart, match="There is no clinic nowhere"):
        await run(inside, "verify", clinic="nowhere")
