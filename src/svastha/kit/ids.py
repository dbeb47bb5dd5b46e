"""Identifiers that sort by the time they were made (RFC 9562, version 7)."""

from uuid import UUID

import uuid_utils


def uuid7() -> UUID:
    return UUID(int=uuid_utils.uuid7().int)
