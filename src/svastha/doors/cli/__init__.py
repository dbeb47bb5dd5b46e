"""The command line. Each command brings its own imports, so that asking for help is quick."""

import argparse
import asyncio
import importlib
import os
import socket
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from svastha.settings import Settings

COMMANDS = {
    "run": "everything in the foreground: PostgreSQL, migrations, demo data, server and worker (what `make run` does)",
    "serve": "the web server alone, for a database that is there already",
    "worker": "the background worker alone",
    "migrate": "make the databases, or bring them up to date",
    "clinic": "list and create clinics, and move them between PostgreSQL servers",
    "keys": "show, rotate and destroy keys",
    "audit": "verify and export what was done",
    "jobs": "see, retry and drop jobs that were set aside",
    "backup": "copy all databases while they are in use, or follow every change",
    "restore": "make a backup into a folder that PostgreSQL starts from",
    "demo": "fill the two demo clinics, once (development only)",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status. What a person can mend is said in a sentence, without a traceback."""
    parser = argparse.ArgumentParser(
        prog="svastha",
        description="Telemedicine and clinic platform for Ayurvedic care.",
    )
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    for name, says in COMMANDS.items():
        _takes(name, commands.add_parser(name, help=says, description=says))
    asked = parser.parse_args(arguments)

    from svastha.kit.postgres import ClusterTrouble
    from svastha.settings import SettingsTrouble

    from .equip import CannotStart

    try:
        return DOES[asked.command](asked) or 0
    except (CannotStart, ClusterTrouble, SettingsTrouble) as trouble:
        print(trouble, file=sys.stderr, flush=True)
        return 1


def _takes(name: str, command: argparse.ArgumentParser) -> None:
    if name in ("audit", "backup", "clinic", "jobs", "keys", "restore"):
        importlib.import_module(f".{name}_arguments", __package__).arguments(command)
    if name == "serve":
        command.add_argument("--when-told", action="store_true", help="load, then wait for a line on standard input")
        command.add_argument("--door", type=int, metavar="FD", help=argparse.SUPPRESS)  # of `serve_many`
    if name == "run":
        command.add_argument("--stop-with-parent", action="store_true", help="stop when the calling process dies")


def _run(asked: argparse.Namespace) -> int:
    from .run import run

    return run(os.environ, stop_with_parent=asked.stop_with_parent)


def _serve(asked: argparse.Namespace) -> None:
    from .serve import serve_many, server

    found = _complete()
    alone = server(found) if asked.door is not None or found.processes == 1 else None
    if asked.when_told and not sys.stdin.readline():
        return  # whoever prepares went away instead
    if alone:
        alone.run([socket.socket(fileno=asked.door)] if asked.door is not None else None)
    else:
        serve_many(found)


def _work(asked: argparse.Namespace) -> None:
    from .worker import work

    work(_complete())


def _complete() -> "Settings":
    """For a process that lasts, everything has to be there. Raises CannotStart."""
    from svastha import settings

    from .equip import CannotStart

    found = settings.load(os.environ)
    for name in ("database_url", "secret", *(["master_key"] if found.key_provider == "file" else [])):
        if not getattr(found, name):
            raise CannotStart(f"{settings.env_name(name)} is not set. `svastha run` brings its own.")
    return found


def _migrate(asked: argparse.Namespace) -> None:
    from . import prepare
    from .equip import CannotStart, borrowed

    with borrowed(os.environ) as found:
        demo = asked.command == "demo"
        if demo and found.production:
            raise CannotStart("Invented people belong into development: SVASTHA_MODE=development svastha demo")
        try:
            asyncio.run(prepare.prepare(found) if demo else prepare.migrate(found))
        except prepare.CannotPrepare as trouble:
            raise CannotStart(trouble) from None


def _clinic(asked: argparse.Namespace) -> None:
    from . import clinic
    from .equip import borrowed

    with borrowed(os.environ) as found:
        asyncio.run(clinic.work(found, asked))


def _keys(asked: argparse.Namespace) -> None:
    from . import keys
    from .equip import borrowed

    with borrowed(os.environ) as found:
        asyncio.run(keys.keep(found, asked))


def _audit(asked: argparse.Namespace) -> int:
    from . import audit
    from .equip import borrowed

    if asked.verb == "verify" and asked.export:
        return audit.verify_file(asked.export, asked.key)
    with borrowed(os.environ) as found:
        return asyncio.run(audit.work(found, asked))


def _jobs(asked: argparse.Namespace) -> int:
    from . import jobs
    from .equip import borrowed

    with borrowed(os.environ) as found:
        return asyncio.run(jobs.work(found, asked))


def _back_up(asked: argparse.Namespace) -> None:
    from . import backup
    from .equip import borrowed

    with borrowed(os.environ) as found:
        if asked.follow:
            backup.follow(found, asked.folder)
        print(backup.back_up(found, asked.folder, keep=asked.keep))


def _restore(asked: argparse.Namespace) -> None:
    from .restore import restore

    came_from = restore(asked.folder, asked.into, name=asked.backup, until=asked.until)
    print(f"{asked.into} is {came_from.name} with the changes since. Start PostgreSQL from it.")


DOES: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "run": _run,
    "serve": _serve,
    "worker": _work,
    "migrate": _migrate,
    "clinic": _clinic,
    "keys": _keys,
    "audit": _audit,
    "jobs": _jobs,
    "backup": _back_up,
    "restore": _restore,
    "demo": _migrate,
}
