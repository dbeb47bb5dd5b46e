from datetime import timedelta
from uuid import UUID

import msgspec

TRUSTED_FOR = 60.0  # seconds a process works with the keys it has read
# From a key's making to its use, and from its use to the disuse of the one before: longer than a process trusts what
# it has read and than its longest transaction together, so that nobody meets a key he has not heard of.
SPREAD = timedelta(minutes=2)
PUBLISHED_FOR = timedelta(hours=1)  # a signing key's public half, after its last signature: longer than a token lives


class Wrapped(msgspec.Struct, frozen=True):
    version: int
    wrapped: bytes | None
    provider: str
    current: bool


def data_context(owner: UUID, version: int) -> str:
    """What a wrapped key is bound to. First versions carry no number: they are older than versions."""
    return f"{owner}" if version == 1 else f"{owner}/{version}"


def index_context(version: int) -> str:
    return f"index/{version}"


def signing_context(kid: str) -> str:
    return f"signing/{kid}"
