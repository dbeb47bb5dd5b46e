"""What proves, beside a password, that it is her: authenticator apps, passkeys and recovery codes.

Knows accounts by their ids alone. Who needs a second factor is decided in accounts.

Owns: totp_secrets, passkeys, recovery_codes, ceremonies, factor_misses.
Announces: FactorsChanged.
"""

from svastha.domain.factors.assertion import begin_assertion, finish_assertion
from svastha.domain.factors.check import check
from svastha.domain.factors.current_code import current_code, with_totp
from svastha.domain.factors.enrolled import enrolled
from svastha.domain.factors.model import (
    CeremonyOver,
    Factors,
    FactorsChanged,
    LastFactor,
    Options,
    Passkey,
    PasskeyRefused,
    Site,
    TooManyCodes,
    TotpAlreadyOn,
    TotpBegun,
    WrongFactorCode,
)
from svastha.domain.factors.read import factors_of
from svastha.domain.factors.recovery import renew_recovery_codes, use_recovery_code
from svastha.domain.factors.registration import begin_registration, finish_registration
from svastha.domain.factors.remove import remove_passkey, remove_totp, rename_passkey
from svastha.domain.factors.reset import reset
from svastha.domain.factors.tidy import tidy
from svastha.domain.factors.totp import begin_totp, check_totp, confirm_totp, enrol_totp
from svastha.kit.sealed import Sealed

SEALED = (Sealed("totp_secrets", "sealed", "account_id"),)

__all__ = [
    "SEALED",
    "CeremonyOver",
    "Factors",
    "FactorsChanged",
    "LastFactor",
    "Options",
    "Passkey",
    "PasskeyRefused",
    "Site",
    "TooManyCodes",
    "TotpAlreadyOn",
    "TotpBegun",
    "WrongFactorCode",
    "begin_assertion",
    "begin_registration",
    "begin_totp",
    "check",
    "check_totp",
    "confirm_totp",
    "current_code",
    "enrol_totp",
    "enrolled",
    "factors_of",
    "finish_assertion",
    "finish_registration",
    "remove_passkey",
    "remove_totp",
    "rename_passkey",
    "renew_recovery_codes",
    "reset",
    "tidy",
    "use_recovery_code",
    "with_totp",
]
