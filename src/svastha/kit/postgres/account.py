"""Which system user runs PostgreSQL, what that user can reach, and folders that only that user enters."""

import contextlib
import os
import pwd
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .trouble import ClusterTrouble


def owner_of(data: Path) -> int:
    """PostgreSQL refuses root, so root lends it the user that has the data already, or else ``nobody``."""
    if os.geteuid() != 0:
        return os.geteuid()
    having = data.stat().st_uid if data.exists() else 0
    return having or _nobody()


def as_user(uid: int) -> dict[str, Any]:
    """Arguments for ``subprocess`` that run a PostgreSQL program as this user, without the caller's PG settings."""
    common = {"cwd": "/", "env": {name: value for name, value in os.environ.items() if not name.startswith("PG")}}
    if uid == os.geteuid():
        return common
    return common | {"user": uid, "group": _group(uid), "extra_groups": []}


def name_of(uid: int) -> str:
    try:
        return f"the user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"the user number {uid}"


def private(folder: Path, uid: int) -> None:
    """A folder that only ``uid`` may enter. Refuses one that somebody else put there first, as anyone can in /tmp."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), uid):
        raise ClusterTrouble(
            f"{folder} belongs to somebody else. Remove it, or set SVASTHA_STATE_DIR to a folder with a shorter path."
        )
    if uid != os.geteuid():
        os.chown(folder, uid, _group(uid))
    folder.chmod(0o700)


@contextlib.contextmanager
def reachable(folder: Path) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A name for the folder that works for another user even below closed folders, and the descriptors to pass on.

    A project in /root is the usual case. The parents' permissions stay as they are: the door is handed over open.
    """
    if os.geteuid() != 0 or not Path("/proc/self/fd").is_dir():
        yield str(folder), ()
        return
    door = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{door}", (door,)
    finally:
        os.close(door)


def enters(uid: int, folder: Path) -> bool:
    command = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]
    return subprocess.run(command, **as_user(uid), stderr=subprocess.DEVNULL, check=False).returncode == 0


def _nobody() -> int:
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        raise ClusterTrouble(
            "PostgreSQL does not run as root, and this machine has no user `nobody` to lend it to."
            " Start Svastha as an ordinary user."
        ) from None


def _group(uid: int) -> int:
    try:
        return pwd.getpwuid(uid).pw_gid
    except KeyError:
        return uid
