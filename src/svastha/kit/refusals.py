"""A refusal is an answer, not a crash: what cannot be done, in words a patient can read.

A room subclasses one of the kinds below; the doors turn the kind into a status and the words into the reader's own.
``says`` is an English message id; ``details`` fill its placeholders and travel as members of problem+json.
"""

from typing import Any, ClassVar

import msgspec

from svastha.kit.i18n import N_


class FieldError(msgspec.Struct, frozen=True):
    field: str
    message: str


class Refusal(Exception):
    code: ClassVar[str] = "refused"
    says: ClassVar[str] = N_("This cannot be done.")
    commits: ClassVar[bool] = False  # True: what was written before refusing stays, such as a counted attempt

    def __init__(self, **details: Any) -> None:
        super().__init__(self.code)
        self.details = details


class BadRequest(Refusal):
    """The request itself is malformed."""


class Unauthenticated(Refusal):
    """Nobody we know is asking."""


class Forbidden(Refusal):
    """Known, may see the thing, may not do this to it."""


class NotFound(Refusal):
    """Does not exist, or not for this person: the answer is the same."""

    code = "not_found"
    says = N_("We could not find what you asked for.")


class Conflict(Refusal):
    """Was possible, is no longer: somebody else was first."""


class Stale(Refusal):
    """Written against a version that is no longer the newest."""


class Invalid(Refusal):
    """What was sent cannot be taken as it is. ``errors`` names each field."""

    code = "invalid"
    says = N_("Some of this needs mending.")

    def __init__(self, *errors: FieldError, **details: Any) -> None:
        super().__init__(**details)
        self.errors = errors


class TooMany(Refusal):
    """Slow down. ``retry_after`` in seconds."""


class Busy(Refusal):
    """We cannot serve this now. ``retry_after`` in seconds."""

    code = "busy"
    says = N_("Too many people are here at this moment. Please try again in a few seconds.")
