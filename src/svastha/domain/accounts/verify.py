import hmac
import secrets
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import attempts
from svastha.domain.accounts.model import WrongCode
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx


class IssuedCode(msgspec.Struct, frozen=True):
    email: str
    locale: str
    code: str


class _Waiting(msgspec.Struct, frozen=True):
    id: UUID
    code_hash: bytes


async def issue_code(tx: ControlTx, sign_up_id: UUID) -> IssuedCode | None:
    """A fresh code of six digits, good for ten minutes, for this sign-up alone; its older one ends.

    Stored as a digest. None if the sign-up is over.
    """
    code = f"{secrets.randbelow(10**6):06}"
    return await tx.maybe(
        IssuedCode,
        "UPDATE sign_ups SET code_hash = :code_hash, code_expires_at = now() + interval '10 minutes' WHERE id = :id"
        " RETURNING email::text AS email, locale, :code::text AS code",
        code_hash=digest(f"{sign_up_id}{code}"),
        id=sign_up_id,
        code=code,
    )


async def verify_email(tx: ControlTx, *, email: str, code: str, sign_up_id: UUID | None = None) -> None:
    """Makes the sign-up this code was sent for an account, with its own name and password; all others end.

    A browser remembers its ``sign_up_id``: then no code but that one's is right, so that nobody confirms for a stranger
    who signed up with her address. The same refusal for a wrong code, an old one, too many, an address nobody has.
    """
    email, code = email.strip(), code.strip()
    await attempts.one_at_a_time(tx, email)
    if await attempts.too_many(tx, "code", email):
        raise WrongCode
    waiting = await tx.all(
        _Waiting,
        "SELECT id, code_hash FROM sign_ups WHERE email = :email AND code_expires_at > now() ORDER BY id DESC",
        email=email,
    )
    right = [one.id for one in waiting if hmac.compare_digest(one.code_hash, digest(f"{one.id}{code}"))]
    chosen = next((id for id in right if sign_up_id in (None, id)), None)
    if chosen is None or not await _open(tx, chosen):
        await attempts.count(tx, "code", email)
        raise WrongCode
    await tx.run("DELETE FROM sign_ups WHERE email = :email", email=email)
    await attempts.forgive(tx, "code", email)
    audit.note(tx, chosen, "verify_email", "account", chosen)


async def _open(tx: ControlTx, sign_up_id: UUID) -> bool:
    return bool(
        await tx.run(
            """
            INSERT INTO accounts (id, email, name, password_hash, locale, zone, email_verified_at)
            SELECT id, email, name, password_hash, locale, zone, now() FROM sign_ups WHERE id = :id
            ON CONFLICT ON CONSTRAINT one_account_per_email DO NOTHING
            """,
            id=sign_up_id,
        )
    )
