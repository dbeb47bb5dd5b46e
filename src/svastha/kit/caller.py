"""Who calls, and by which ids the call is known, for as long as it lasts: for the log and the audit."""

from contextvars import ContextVar

import msgspec

LONGEST_DEVICE = 200


class Caller(msgspec.Struct, frozen=True):
    """``address``: of the network. ``device``: what it calls itself, cut to ``LONGEST_DEVICE``."""

    address: str | None = None
    device: str | None = None
    request_id: str | None = None
    trace_id: str | None = None


NOBODY = Caller()
# One for all of it: setting one takes longer than reading it.
caller: ContextVar[Caller] = ContextVar("caller", default=NOBODY)
