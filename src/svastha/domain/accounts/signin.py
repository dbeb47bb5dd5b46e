from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import passwords
from svastha.domain.accounts.model import EmailUnverified, SignedIn, TooManyAttempts, WrongSignIn
from svastha.domain.accounts.sessions import open_session
from svastha.kit.db import ControlTx

MOST_FAILURES = 10  # for one address in 15 minutes


class _Credentials(msgspec.Struct, frozen=True):
    id: UUID
    password_hash: str
    verified: bool
    suspended: bool


async def sign_in(tx: ControlTx, *, email: str, password: str, kind: str, user_agent: str = "") -> SignedIn:
    """``kind`` is ``browser`` or ``api``. One refusal for every reason, as slow for an address nobody has."""
    email = email.strip()[:254].replace("\x00", "")
    failures: int = await tx.value(
        "SELECT count(*) FROM sign_in_attempts WHERE email = :email AND at > now() - interval '15 minutes'", email=email
    )
    if failures >= MOST_FAILURES:
        raise TooManyAttempts(retry_after=300)
    found = await tx.maybe(
        _Credentials,
        "SELECT id, password_hash, email_verified_at IS NOT NULL AS verified, suspended_at IS NOT NULL AS suspended"
        " FROM accounts WHERE email = :email",
        email=email,
    )
    right = await passwords.matches(found.password_hash if found else None, password[: passwords.LONGEST + 1])
    if not found or not right or found.suspended:
        await tx.run("INSERT INTO sign_in_attempts (email) VALUES (:email)", email=email)
        audit.note(tx, found.id if found else None, "sign_in_failed", "account", found.id if found else "unknown")
        raise WrongSignIn
    if not found.verified:
        raise EmailUnverified
    await tx.run("DELETE FROM sign_in_attempts WHERE email = :email", email=email)
    audit.note(tx, found.id, "sign_in", "account", found.id)
    return await open_session(tx, found.id, kind=kind, user_agent=user_agent)
