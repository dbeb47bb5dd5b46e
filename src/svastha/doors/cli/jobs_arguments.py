"""What ``svastha jobs`` takes, apart from its work, which loads most of the program."""

import argparse
from uuid import UUID


def arguments(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(dest="verb", metavar="verb", required=True)
    listed = verbs.add_parser("list", help="jobs that were set aside after their last attempt, by clinic")
    retry = verbs.add_parser("retry", help="have the worker try again, as if it were the first time")
    drop = verbs.add_parser("drop", help="give up for good: what these jobs should do is never done")
    drop.add_argument("--yes", action="store_true", help="they are really to be dropped; otherwise only said which")
    for verb in (listed, retry, drop):
        verb.add_argument("--clinic", metavar="SLUG", help="of this clinic alone; `control` for the platform's own")
    for verb in (retry, drop):
        which = verb.add_mutually_exclusive_group(required=True)
        which.add_argument("ids", nargs="*", type=UUID, default=[], metavar="ID", help="as `svastha jobs list` shows")
        which.add_argument("--kind", help="all of this kind")
