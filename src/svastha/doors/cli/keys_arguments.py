"""What ``svastha keys`` takes, apart from its work, which loads most of the program."""

import argparse


def arguments(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(dest="verb", metavar="verb", required=True)
    verbs.add_parser("status", help="every key, and how far each rotation has come")
    rotate = verbs.add_parser("rotate", help="wrap all keys anew at once, and seal everything again with new ones")
    rotate.add_argument("--clinic", metavar="SLUG", help="new keys for this clinic alone")
    rotate.add_argument("--wrap-only", action="store_true", help="after a change of the master key: no new keys")
    verbs.add_parser("rotate-index", help="change the key that addresses are found by")
    signing = verbs.add_parser("rotate-signing", help="change the key that tokens are signed with")
    signing.add_argument("--compromised", action="store_true", help="refuse what the old key signed, from now on")
    destroy = verbs.add_parser("destroy", help="destroy keys: what they seal can be read by nobody ever again")
    which = destroy.add_mutually_exclusive_group(required=True)
    which.add_argument("--clinic", metavar="SLUG", help="all keys of a clinic, and so its data")
    which.add_argument("--old", action="store_true", help="keys that nothing is sealed with any more")
