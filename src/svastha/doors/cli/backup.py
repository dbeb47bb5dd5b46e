"""Backups by PostgreSQL's own programs: whole copies of the server, and every change since as it was written.

    FOLDER/base/20261121T093000Z/   a whole copy, checked against its manifest
    FOLDER/wal/                     changes, in PostgreSQL's own segments

Keys are in there wrapped; the master key and the other secrets are not.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from svastha.kit.postgres import programs
from svastha.settings import Settings

from .equip import CannotStart

SLOT = "svastha_backup"  # the server keeps what the follower has not received yet
FORM = "%Y%m%dT%H%M%SZ"


def back_up(settings: Settings, folder: Path, *, keep: int) -> Path:
    """A whole copy while everybody works. Older ones beyond ``keep`` go, and changes that only they needed."""
    if keep < 1:
        raise CannotStart("--keep takes 1 or more.")
    base = _private(folder / "base")
    done = base / datetime.now(UTC).strftime(FORM)
    begun = done.with_suffix(".begun")
    for left in base.glob("*.begun"):
        shutil.rmtree(left)
    _run(
        ["pg_basebackup", "-d", settings.database_url, "-D", begun, "-X", "stream", "-c", "fast", "-l", "svastha"],
        settings,
    )
    _run(["pg_verifybackup", "-q", begun], settings)
    begun.rename(done)
    for old in backups(folder)[:-keep]:
        shutil.rmtree(old)
    _drop_changes_before(folder, backups(folder)[0], settings)
    return done


def follow(settings: Settings, folder: Path) -> None:
    """Becomes ``pg_receivewal``, which connects again by itself and goes on where it stopped."""
    wal = _private(folder / "wal")
    command = ["pg_receivewal", "-d", settings.database_url, "-S", SLOT]
    _run([*command, "--create-slot", "--if-not-exists"], settings)
    program = _programs(settings) / command[0]
    os.execve(program, [*command, "-D", str(wal), "--synchronous"], _environ())  # noqa: S606 # nosec B606 - it is to take our place


def backups(folder: Path) -> list[Path]:
    """Whole ones, oldest first."""
    return sorted(found for found in (folder / "base").glob("*Z") if (found / "backup_manifest").exists())


def _drop_changes_before(folder: Path, oldest: Path, settings: Settings) -> None:
    label = (oldest / "backup_label").read_text()
    first = label.partition("(file ")[2].partition(")")[0]
    if first and (folder / "wal").exists():
        _run(["pg_archivecleanup", folder / "wal", first], settings)


def _private(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as trouble:
        raise CannotStart(f"{folder} cannot be used: {trouble.strerror}.") from None
    return folder


def _programs(settings: Settings) -> Path:
    return programs.find(os.geteuid(), settings.state_dir)[0]


def _environ() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _run(command: Sequence[str | Path], settings: Settings) -> None:
    """Raises CannotStart with what it said. The address of the database stays out of it."""
    program = _programs(settings) / command[0]
    done = subprocess.run([program, *command[1:]], env=_environ(), capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().replace(settings.database_url, "…").splitlines()
        raise CannotStart(f"{command[0]}: {said[-1] if said else 'it failed without a word'}")
