"""A new, empty cluster."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from ..lifeline import child_stops_with_me
from .account import as_user, private, reachable

BUILTIN = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")  # no system update changes the order
BEFORE_17 = ("--locale=C.UTF-8" if sys.platform == "linux" else "--locale=C",)


def create(data: Path, programs: Path, version: int, owner: int, user: str, *, safely: bool) -> str:
    """Make ``data`` with one superuser. Returns what went wrong, empty when nothing did; then no trace is left."""
    begun = data.with_suffix(".new")  # renamed when whole, so that a start killed half-way is simply begun again
    shutil.rmtree(begun, ignore_errors=True)
    private(begun, owner)
    options = ["-U", user, "-E", "UTF8", "--auth-local=trust", "--auth-host=scram-sha-256"]
    options += BUILTIN if version >= 17 else BEFORE_17
    options += [] if safely else ["--no-sync"]
    try:
        with reachable(begun) as (path, doors):
            made = subprocess.run(
                [programs / "initdb", "-D", path, *options],
                **as_user(owner),
                pass_fds=doors,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                preexec_fn=child_stops_with_me(signal.SIGKILL),
            )
        if made.returncode == 0:
            begun.rename(data)
        return made.stderr if made.returncode else ""
    finally:
        shutil.rmtree(begun, ignore_errors=True)
