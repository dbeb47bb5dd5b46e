"""What ``svastha backup`` takes, apart from its work."""

import argparse
from pathlib import Path


def arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("folder", type=Path, help="where backups are kept, best on another machine's disk")
    command.add_argument("--keep", type=int, default=7, metavar="N", help="whole backups to keep (7)")
    command.add_argument(
        "--follow",
        action="store_true",
        help="no whole backup: receive every change as it is written, until stopped",
    )
