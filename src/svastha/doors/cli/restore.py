"""From a backup to a folder that PostgreSQL starts from: nothing that runs is touched."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from svastha.kit.postgres.account import owner_of

from .backup import FORM, backups
from .equip import CannotStart


def restore(folder: Path, into: Path, *, name: str | None = None, until: datetime | None = None) -> Path:
    """Returns the backup it came from. PostgreSQL brings the changes in when it starts, and then takes writes."""
    if until and until.tzinfo is None:
        raise CannotStart("--until needs a zone, as in 2026-11-21T14:30:00+05:30.")
    chosen = _chosen(folder, name, until)
    if until and not any((folder / "wal").glob("*")):
        raise CannotStart(f"Nothing in {folder} says what changed after {chosen.name}. Leave --until away.")
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise CannotStart(f"{into} is not empty. Move it away; a restore overwrites nothing.")
    owner = owner_of(into)
    try:
        shutil.copytree(chosen, into, dirs_exist_ok=True)
        _bring_changes(folder / "wal", into, until)
    except (OSError, shutil.Error) as trouble:
        shutil.rmtree(into, ignore_errors=True)
        raise CannotStart(f"{into} could not be filled: {trouble}") from None
    into.chmod(0o700)
    if owner != os.geteuid():
        for path in (into, *into.rglob("*")):
            os.chown(path, owner, -1, follow_symlinks=False)
    return chosen


def _chosen(folder: Path, name: str | None, until: datetime | None) -> Path:
    found = [one for one in backups(folder) if not name or one.name == name]
    if until:
        found = [one for one in found if datetime.strptime(one.name, FORM).replace(tzinfo=UTC) <= until]
    if not found:
        there = ", ".join(one.name for one in backups(folder)) or "none"
        raise CannotStart(f"No such backup in {folder}. There: {there}.")
    return found[-1]


def _bring_changes(wal: Path, data: Path, until: datetime | None) -> None:
    """Beside those of the backup itself. The segment that was being written has another name until it is full."""
    segments = [path for path in wal.glob("*") if path.is_file()]
    for path in segments:
        shutil.copy2(path, data / "pg_wal" / path.name.removesuffix(".partial"))
    lines = ["restore_command = 'false'", "recovery_target_action = 'promote'"]  # everything is here already
    if until:
        lines.append(f"recovery_target_time = '{until.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00'")
    with (data / "postgresql.auto.conf").open("a") as settings:
        settings.write("\n".join(lines) + "\n")
    (data / "recovery.signal").touch()
