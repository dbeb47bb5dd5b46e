"""What ``svastha clinic`` takes, apart from its work, which loads most of the program."""

import argparse


def arguments(command: argparse.ArgumentParser) -> None:
    verbs = command.add_subparsers(dest="verb", metavar="verb", required=True)
    verbs.add_parser("list", help="every clinic, and on which PostgreSQL server it lies")
    create = verbs.add_parser("create", help="found a clinic, with a database of its own")
    create.add_argument("slug", help="its name in addresses: small letters, digits and hyphens")
    for name in ("name", "address", "city", "state", "phone"):
        create.add_argument(f"--{name}", required=True)
    create.add_argument("--zone", default="Asia/Kolkata", help="time zone; Asia/Kolkata unless given")
    create.add_argument("--on", metavar="SERVER", default="main", help="one of SVASTHA_DATABASE_SERVERS, or main")
    move = verbs.add_parser("move", help="to another PostgreSQL server; again, if it was broken off")
    move.add_argument("slug")
    move.add_argument("--to", metavar="SERVER", required=True, help="one of SVASTHA_DATABASE_SERVERS, or main")
    drop = verbs.add_parser("drop-left", help="remove what a move left behind")
    drop.add_argument("slug")
