from datetime import datetime
from uuid import UUID

import msgspec

from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, Forbidden, TooMany, Unauthenticated


class SignedIn(msgspec.Struct, frozen=True):
    """``access_token`` opens doors for ``expires_in`` seconds; ``refresh_token`` buys the next pair, once."""

    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int


class Me(msgspec.Struct, frozen=True):
    id: UUID
    email: str
    name: str
    locale: str
    zone: str
    email_verified_at: datetime | None


class CodeWanted(msgspec.Struct, frozen=True):
    """Somebody signed up, or asked again for a code. ``account_id`` if the address already has an account."""

    sign_up_id: UUID
    account_id: UUID | None


class WrongSignIn(Unauthenticated):
    code = "wrong_sign_in"
    says = N_("E-mail or password is not right.")
    commits = True


class EmailUnverified(Forbidden):
    code = "email_unverified"
    says = N_("Please confirm your e-mail address with the code we sent you.")

    def __init__(self, sign_up_id: UUID) -> None:
        super().__init__()
        self.sign_up_id = sign_up_id  # not among the details: those are sent out


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
