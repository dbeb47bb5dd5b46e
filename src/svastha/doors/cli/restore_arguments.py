"""What ``svastha restore`` takes, apart from its work."""

import argparse
from datetime import datetime
from pathlib import Path


def arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, help="where backups are kept")
    command.add_argument("--into", type=Path, required=True, help="an empty or new folder for PostgreSQL's data")
    command.add_argument("--backup", metavar="NAME", help="one of them (the newest)")
    command.add_argument(
        "--until",
        type=datetime.fromisoformat,
        metavar="TIME",
        help="as it was then, such as 2026-11-21T14:30:00+05:30 (as late as can be)",
    )
