from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, Forbidden, TooMany


class Passkey(msgspec.Struct, frozen=True):
    """``backed_up``: it is kept by a password manager and outlives the device."""

    id: UUID
    name: str
    backed_up: bool
    made_at: datetime
    last_used_at: datetime | None


class Factors(msgspec.Struct, frozen=True):
    """What an account can prove itself with. Recovery codes are no second factor: they stand in for a lost one."""

    totp: bool
    passkeys: list[Passkey]
    recovery_left: int

    @property
    def any(self) -> bool:
        return self.totp or bool(self.passkeys)

    @property
    def count(self) -> int:
        return self.totp + len(self.passkeys)


class TotpBegun(msgspec.Struct, frozen=True):
    """The secret: ``setup_key`` in base32 for typing, ``uri`` (otpauth://) for a QR code."""

    setup_key: str
    uri: str


class Site(msgspec.Struct, frozen=True):
    """Where passkeys belong: the relying party's id (a host) and the origins that may ask for them."""

    rp_id: str
    origins: tuple[str, ...]
    name: str = "Svastha"


class Options(msgspec.Struct, frozen=True):
    """What a browser is asked, as WebAuthn writes it in JSON; ``ceremony`` comes back with its answer."""

    ceremony: UUID
    public_key: dict[str, Any]


class FactorsChanged(msgspec.Struct, frozen=True):
    """``what`` is ``totp_added``, ``totp_removed``, ``passkey_added``, ``passkey_removed``, ``recovery_codes_renewed``,
    ``recovery_code_used`` or ``factors_reset``."""

    account_id: UUID
    what: str


class WrongFactorCode(Conflict):
    code = "wrong_factor_code"
    says = N_("This code is not right. Wait for the next one and try again.")
    commits = True  # the miss is counted


class TooManyCodes(TooMany):
    code = "too_many_codes"
    says = N_("Too many wrong codes. Please wait a few minutes and try again.")


class TotpAlreadyOn(Conflict):
    code = "totp_already_on"
    says = N_("An authenticator app is set up already. Remove it first.")


class LastFactor(Conflict):
    code = "last_factor"
    says = N_("Your work needs a second proof that it is you. Add another one before you remove this.")


class CeremonyOver(Conflict):
    code = "ceremony_over"
    says = N_("This took too long. Please try again.")


class PasskeyRefused(Forbidden):
    code = "passkey_refused"
    says = N_("This passkey could not be used. Please try again, or choose another way.")
    commits = True  # the challenge is spent, and a copied passkey is noted
