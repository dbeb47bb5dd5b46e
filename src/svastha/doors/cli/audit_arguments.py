"""What ``svastha audit`` takes, apart from its work, which loads most of the program."""

import argparse


def arguments(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(dest="verb", metavar="verb", required=True)
    verify = verbs.add_parser("verify", help="name the first entry that was altered, removed, added or moved")
    verify.add_argument("--clinic", metavar="SLUG", help="this clinic alone; `control` for the platform's own")
    verify.add_argument("--export", metavar="FILE", help="what `audit export` wrote, without any database")
    verify.add_argument("--key", metavar="FINGERPRINT", help="of the key that must have signed")
    export = verbs.add_parser("export", help="write a chain with its seals and public keys to standard output")
    export.add_argument("--clinic", metavar="SLUG", help="of this clinic; otherwise the platform's own")
    verbs.add_parser("seal", help="seal now what the worker would seal within a minute")
