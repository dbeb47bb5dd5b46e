"""The command line. Each command brings its own imports, so that asking for help is quick."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

COMMANDS = {
    "run": "everything in the foreground: PostgreSQL, migrations, demo data, server and worker (what `make run` does)",
    "serve": "the web server alone, for a database that is there already",
    "worker": "the background worker alone",
    "migrate": "make the databases, or bring them up to date",
    "keys": "show, rotate and destroy keys",
    "audit": "verify and export what was done",
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
        command = commands.add_parser(name, help=says, description=says)
        if name == "serve":
            command.add_argument(
                "--when-told", action="store_true", help="load, then wait for a line on standard input"
            )
        if name == "keys":
            from . import keys_arguments

            keys_arguments.arguments(command)
        if name == "audit":
            from . import audit_arguments

            audit_arguments.arguments(command)
        if name == "run":
            command.add_argument(
                "--stop-with-parent",
                action="store_true",
                help="stop when the calling process dies",
            )
    asked = parser.parse_args(arguments)

    from svastha.kit.postgres import ClusterTrouble
    from svastha.settings import SettingsTrouble

    from .equip import CannotStart

    try:
        if asked.command == "run":
            from .run import run

            return run(os.environ, stop_with_parent=asked.stop_with_parent)
        if asked.command == "serve" and asked.when_told and not _told():
            return 0
        if asked.command == "audit":
            return _audit(asked)
        _do(asked.command, asked)
    except (CannotStart, ClusterTrouble, SettingsTrouble) as trouble:
        print(trouble, file=sys.stderr, flush=True)
        return 1
    return 0


def _told() -> bool:
    """Load the program while somebody else prepares. False when that one went away instead."""
    import svastha.main
    import svastha.wiring  # noqa: F401

    return bool(sys.stdin.readline())


def _audit(asked: argparse.Namespace) -> int:
    from . import audit
    from .equip import borrowed

    if asked.verb == "verify" and asked.export:
        return audit.verify_file(asked.export, asked.key)
    with borrowed(os.environ) as found:
        return asyncio.run(audit.work(found, asked))


def _do(command: str, asked: argparse.Namespace) -> None:
    from svastha import settings

    from .equip import CannotStart, borrowed

    if command == "keys":
        from .keys import keep

        with borrowed(os.environ) as found:
            asyncio.run(keep(found, asked))
        return
    if command in ("migrate", "demo"):
        with borrowed(os.environ) as found:
            if command == "demo" and found.production:
                raise CannotStart("Invented people belong into development: SVASTHA_MODE=development svastha demo")
            from . import prepare

            try:
                asyncio.run(prepare.migrate(found) if command == "migrate" else prepare.prepare(found))
            except prepare.CannotPrepare as trouble:
                raise CannotStart(trouble) from None
        return
    found = settings.load(os.environ)
    for name in ("database_url", "secret", *(["master_key"] if found.key_provider == "file" else [])):
        if not getattr(found, name):
            raise CannotStart(f"{settings.env_name(name)} is not set. `svastha run` brings its own.")
    if command == "serve":
        from .serve import serve

        serve(found)
    else:
        from .worker import work

        work(found)
