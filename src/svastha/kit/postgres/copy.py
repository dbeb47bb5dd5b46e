"""One database into another, which is empty and may be on another server. No data touches a disk on the way."""

import asyncio
import os
import signal
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from ..lifeline import child_stops_with_me
from . import programs
from .trouble import ClusterTrouble

WHOSE = ("--no-owner", "--no-privileges")  # they differ from server to server


async def copy(from_dsn: str, source: str, to_dsn: str, target: str, shelter: Path) -> None:
    """All or nothing counts: raises :class:`ClusterTrouble` and leaves a part. ``shelter`` as in ``programs.find``."""
    found, _ = await asyncio.to_thread(programs.find, os.geteuid(), shelter)
    out_of, into = os.pipe()
    dump = await _start(found / "pg_dump", from_dsn, source, "--format=custom", "--compress=0", stdout=into)
    os.close(into)
    restore = await _start(found / "pg_restore", to_dsn, target, "--exit-on-error", stdin=out_of)
    os.close(out_of)
    try:
        _, (_, why_restore) = said = await asyncio.gather(dump.communicate(), restore.communicate())
    finally:
        for process in (dump, restore):
            if process.returncode is None:
                process.kill()
                await process.wait()
    if dump.returncode or restore.returncode:
        why = said[0][1] if dump.returncode else why_restore
        first = why.decode(errors="replace").splitlines()[:1]  # further lines may hold what a patient wrote
        raise ClusterTrouble(f"{source} could not be copied: {''.join(first)}")


async def _start(
    program: Path, dsn: str, database: str, *options: str, stdin: int | None = None, stdout: int | None = None
) -> asyncio.subprocess.Process:
    place, password = _without_password(dsn, database)
    return await asyncio.create_subprocess_exec(
        program,
        f"--dbname={place}",
        *options,
        *WHOSE,
        stdin=asyncio.subprocess.DEVNULL if stdin is None else stdin,
        stdout=asyncio.subprocess.DEVNULL if stdout is None else stdout,
        stderr=asyncio.subprocess.PIPE,
        env={**{name: value for name, value in os.environ.items() if not name.startswith("PG")}, **password},
        preexec_fn=child_stops_with_me(signal.SIGKILL),
    )


def _without_password(dsn: str, database: str) -> tuple[str, dict[str, str]]:
    """Everybody on this machine can read the arguments of a program; its environment they cannot."""
    url = urlsplit(dsn)
    options = dict(parse_qsl(url.query, keep_blank_values=True))
    password = options.pop("password", None) or unquote(url.password or "")
    user, at, where = url.netloc.rpartition("@")
    place = url._replace(netloc=user.partition(":")[0] + at + where, path=f"/{database}", query=urlencode(options))
    return place.geturl(), {"PGPASSWORD": password} if password else {}
