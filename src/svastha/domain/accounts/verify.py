import hmac
import secrets
from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts.model import WrongCode
from svastha.kit.clock import now
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx


class _Code(msgspec.Struct, frozen=True):
    account_id: UUID
    code_hash: bytes
    expires_at: datetime
    tries_left: int


async def issue_code(tx: ControlTx, account_id: UUID) -> str:
    """A fresh code of six digits, good for ten minutes and five tries. Stored as a digest; an older one ends."""
    code = f"{secrets.randbelow(10**6):06}"
    await tx.run(
        """
        INSERT INTO email_codes (account_id, code_hash, expires_at)
        VALUES (:account_id, :code_hash, now() + interval '10 minutes')
        ON CONFLICT (account_id) DO UPDATE
            SET code_hash = excluded.code_hash, expires_at = excluded.expires_at, tries_left = 5, made_at = now()
        """,
        account_id=account_id,
        code_hash=digest(f"{account_id}{code}"),
    )
    return code


async def verify_email(tx: ControlTx, *, email: str, code: str) -> None:
    """Confirms the address. The same refusal for a wrong code, an old one, and an address nobody has."""
    found = await tx.maybe(
        _Code,
        """
        UPDATE email_codes c SET tries_left = tries_left - 1 FROM accounts a
        WHERE a.id = c.account_id AND a.email = :email AND c.tries_left > 0
        RETURNING c.account_id, c.code_hash, c.expires_at, c.tries_left
        """,
        email=email.strip(),
    )
    if found is None or found.expires_at < now():
        raise WrongCode
    if not hmac.compare_digest(found.code_hash, digest(f"{found.account_id}{code.strip()}")):
        raise WrongCode
    await tx.run("DELETE FROM email_codes WHERE account_id = :id", id=found.account_id)
    await tx.run(
        "UPDATE accounts SET email_verified_at = coalesce(email_verified_at, now()) WHERE id = :id", id=found.account_id
    )
    audit.note(tx, found.account_id, "verify_email", "account", found.account_id)
