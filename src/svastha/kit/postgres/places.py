"""Where a cluster's files go when the obvious folder will not do."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made in it is checked for a stranger's hand
ROOM_IN_MEMORY = 2**30  # bytes
LONGEST_SOCKET_PATH = 103  # bytes, on macOS; Linux allows four more


def in_memory(state_dir: Path) -> Path:
    """For data that is thrown away: memory where there is plenty, else the disk."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM_IN_MEMORY:
        return MEMORY / f"svastha-{_fingerprint(state_dir)}"
    return state_dir / "postgres-fast"


def for_socket(folder: Path) -> Path:
    """Inside ``folder``, unless that makes an address longer than a unix socket may have."""
    places = [folder / "socket"]
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108 - checked as above
        if parent and os.access(parent, os.W_OK):
            places.append(Path(parent) / f"svastha-{_fingerprint(folder)}")
    fitting = (place for place in places if len(os.fsencode(place / ".s.PGSQL.65535")) <= LONGEST_SOCKET_PATH)
    return next(fitting, places[-1])


def _fingerprint(path: Path) -> str:
    return f"{os.geteuid()}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}"
