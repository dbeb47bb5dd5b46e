from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, Forbidden, TooMany, Unauthenticated

Purpose = Literal["sign_up", "sign_in", "forgotten", "step_up", "contact"]  # of a code


class SignedIn(msgspec.Struct, frozen=True):
    """``access_token`` opens doors for ``expires_in`` seconds; ``refresh_token`` buys the next pair, once."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


class Me(msgspec.Struct, frozen=True):
    id: UUID
    email: str | None
    name: str
    locale: str
    zone: str
    email_verified_at: datetime | None
    phone: str | None = None


class CodeWanted(msgspec.Struct, frozen=True):
    """Somebody is to be sent a code for this ``purpose``; it is made when the message is written.

    ``subject`` names a sign-up, a contact or a change of contact; nobody's, where the address is unknown, so that
    asking costs the same. ``account_id`` if an address that is to be new already has an account: it gets a hint.
    """

    purpose: Purpose
    subject: UUID
    account_id: UUID | None = None
    all_at_once: bool = False


class CodeSpent(msgspec.Struct, frozen=True):
    """The code was used: what else would have carried it need not be sent."""

    told_id: UUID


class LinkWanted(msgspec.Struct, frozen=True):
    """The same for a link. ``browser`` is the digest, in hex, of what the browser keeps that asked."""

    contact_id: UUID
    browser: str


class SignedInElsewhere(msgspec.Struct, frozen=True):
    """From a device that was never seen before."""

    account_id: UUID
    user_agent: str
    at: datetime


class PasswordChanged(msgspec.Struct, frozen=True):
    account_id: UUID
    at: datetime


class ContactChanged(msgspec.Struct, frozen=True):
    """The address it replaced is told, and may object."""

    change_id: UUID


class WrongSignIn(Unauthenticated):
    code = "wrong_sign_in"
    says = N_("This is not right. Look at the address or number and the password again.")
    commits = True


class EmailUnverified(Forbidden):
    code = "email_unverified"
    says = N_("Please confirm your address or number with the code we sent you.")

    def __init__(self, sign_up_id: UUID) -> None:
        super().__init__()
        self.sign_up_id = sign_up_id  # not among the details: those are sent out


class SecondFactorRequired(Unauthenticated):
    """``challenge`` is what the second factor is shown with; ``methods`` are ``totp``, ``passkey``, ``recovery``."""

    code = "second_factor_required"
    says = N_("Please show your second factor.")
    commits = True


class ChallengeOver(Unauthenticated):
    code = "challenge_over"
    says = N_("This took too long, or too many tries. Please sign in again.")
    commits = True


class WrongSecondFactor(Unauthenticated):
    code = "wrong_second_factor"
    says = N_("This code is not right. Wait for the next one and try again.")
    commits = True


class LinkOver(Conflict):
    code = "link_over"
    says = N_("This link was used already, or is too old. Ask for a new one.")


class WrongCode(Conflict):
    code = "wrong_code"
    says = N_("This code is not right or no longer valid.")
    commits = True


class TokenSpent(Unauthenticated):
    code = "invalid_token"
    says = N_("Please sign in again.")
    commits = True


class TooManyAttempts(TooMany):
    code = "too_many_attempts"
    says = N_("Too many attempts. Please wait a few minutes and try again.")


class HandOverOver(Unauthenticated):
    code = "hand_over_over"
    says = N_("This took too long. Please try once more.")
    commits = True
