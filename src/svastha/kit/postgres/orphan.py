"""What a start finds when an earlier one was killed: a server still running, or a note about one long gone."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .trouble import ClusterTrouble


def end(data: Path) -> None:
    """Stop the server that still runs on ``data``; forget one whose number belongs to another program by now."""
    note = data / "postmaster.pid"
    try:
        pid = int(note.read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return
    if not _alive(pid):
        return  # PostgreSQL sees that itself
    if not _serves(pid, data):
        note.unlink()
        return
    for how, patience in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, how)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not _serves(pid, data):
                return
            time.sleep(0.02)
    raise ClusterTrouble(f"An earlier PostgreSQL, process {pid}, still uses {data} and does not stop.")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _serves(pid: int, data: Path) -> bool:
    if sys.platform == "linux":
        try:
            command = Path(f"/proc/{pid}/comm").read_text().strip()
            return command == "postgres" and Path(f"/proc/{pid}/cwd").samefile(data)
        except OSError:  # gone, dead but not yet buried, or somebody else's
            return False
    shown = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False).stdout
    return "postgres" in shown and str(data) in shown
