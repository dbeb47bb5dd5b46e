"""What a run stands on: a folder, a free port, secrets, a PostgreSQL and, in development, twins of what sends."""

import asyncio
import base64
import contextlib
import errno
import json
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from svastha import settings
from svastha.kit.lock import Held, Lock
from svastha.kit.postgres import Cluster, check
from svastha.settings import Settings

MADE_UP = ("SVASTHA_SECRET", "SVASTHA_MASTER_KEY", "SVASTHA_TURN_SECRET")


class CannotStart(Exception):
    """One or two sentences that say what to do."""


class AlreadyRuns(CannotStart):
    pass


class Equipment(NamedTuple):
    environ: dict[str, str]  # for the children
    settings: Settings
    cluster: Cluster | None  # to watch, when it is ours


@contextlib.contextmanager
def equipped(environ: Mapping[str, str]) -> Iterator[Equipment]:
    """All of it, given back at the end. Raises :class:`CannotStart`, ClusterTrouble or SettingsTrouble."""
    given = {"SVASTHA_MODE": "development"} | dict(environ)
    wanted = settings.load(given)
    cluster = None
    with contextlib.ExitStack() as giving_back:
        giving_back.callback(_claim(wanted).release)
        _check_port(wanted.host, wanted.port)
        given["SVASTHA_STATE_DIR"] = str(wanted.state_dir.resolve())
        if not wanted.production:
            given = _made_up(wanted.state_dir, given) | given
        if wanted.database_url:
            asyncio.run(check(wanted.database_url))
        else:
            cluster = giving_back.enter_context(Cluster(wanted.state_dir))
            given["SVASTHA_DATABASE_URL"] = cluster.dsn
        if not wanted.production:
            from .twins import twins  # slow to load: not before the quick refusals

            given |= twins(wanted, giving_back)
        yield Equipment(given, settings.load(given), cluster)


@contextlib.contextmanager
def borrowed(environ: Mapping[str, str]) -> Iterator[Settings]:
    """For a short command: the database of the settings, or of the run in progress, or one started for the moment."""
    given = dict(environ)
    if not any(name.startswith("SVASTHA_DATABASE_URL") for name in given):
        given.setdefault("SVASTHA_MODE", "development")
    wanted = settings.load(given)
    if wanted.database_url:
        yield wanted
        return
    with contextlib.ExitStack() as giving_back:
        cluster = Cluster(wanted.state_dir)
        with contextlib.suppress(AlreadyRuns):  # then its PostgreSQL will do
            giving_back.callback(_claim(wanted).release)
            given = _made_up(wanted.state_dir, given) | given  # before there is data that could have lost its keys
            giving_back.enter_context(cluster)
        yield settings.load(_made_up(wanted.state_dir, given) | given | {"SVASTHA_DATABASE_URL": cluster.dsn})


def _claim(wanted: Settings) -> Lock:
    folder = wanted.state_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return Lock(folder / "lock", wanted.url)
    except Held as held:
        pid, _, url = held.by.partition(" ")
        raise AlreadyRuns(
            f"Svastha already runs from {folder.resolve()} as process {pid}, at {url}. Stop it with: kill {pid}"
        ) from None
    except OSError as trouble:
        raise CannotStart(
            f"{folder.resolve()} cannot be used ({trouble.strerror}). Make room or change its owner, or choose another"
            " folder: SVASTHA_STATE_DIR=/some/folder make run"
        ) from None


def _check_port(host: str, port: int) -> None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise CannotStart(f"SVASTHA_HOST is {host}, which is no address of this machine.") from None
    patience = time.monotonic() + 1  # a server that was just killed still needs a moment to let go
    while True:
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(address)
                return
            except OSError as trouble:
                if trouble.errno != errno.EADDRINUSE:
                    raise CannotStart(f"Svastha cannot listen on {host}, port {port}: {trouble.strerror}.") from None
        if time.monotonic() > patience:
            raise CannotStart(
                f"Port {port} is taken by another program; choose another:"
                f" PORT={8123 if port != 8123 else 8124} make run"
            )
        time.sleep(0.05)


def _made_up(folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Secrets for this machine alone, made once. Losing them would make the notes sealed with them unreadable."""
    path = folder / "secrets.json"
    try:
        kept: dict[str, str] = json.loads(path.read_text())
        return kept
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as trouble:
        raise CannotStart(
            f"{path} cannot be read ({trouble}). Put it back, or remove {folder} to begin anew."
        ) from None
    if (folder / "postgres" / "data").exists() and not all(name in given for name in MADE_UP):
        raise CannotStart(
            f"{path} is missing, but the data beside it is sealed with its keys. Put it back, or remove {folder} to"
            " begin anew."
        )
    made = {name: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() for name in MADE_UP}
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(json.dumps(made, indent=1))
    draft.replace(path)
    return made
