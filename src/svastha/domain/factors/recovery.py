import secrets
from uuid import UUID

from svastha.domain import audit
from svastha.domain.factors.model import FactorsChanged
from svastha.kit.crypto import digest
from svastha.kit.db import ControlTx
from svastha.kit.outbox import announce

HOW_MANY = 10
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's 32: none looks like another
LENGTH = 24  # 120 bits: more than can be guessed even by whoever has the digests
_MISREAD = str.maketrans("OIL", "011")


async def renew_recovery_codes(tx: ControlTx, account_id: UUID) -> list[str]:
    """Ten new codes, to be shown this once. Those from before are worth nothing from here on."""
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(HOW_MANY)]
    await tx.run("DELETE FROM recovery_codes WHERE account_id = :id", id=account_id)
    await tx.run(
        "INSERT INTO recovery_codes (account_id, code_hash) SELECT :id, unnest(:hashes::bytea[])",
        id=account_id,
        hashes=[_hash(account_id, code) for code in codes],
    )
    audit.note(tx, account_id, "recovery_codes_renewed", "account", account_id)
    announce(tx, FactorsChanged(account_id, "recovery_codes_renewed"))
    return ["-".join(code[at : at + 4] for at in range(0, LENGTH, 4)) for code in codes]


async def use_recovery_code(tx: ControlTx, account_id: UUID, code: str) -> bool:
    """Whether it was one of hers that was not used before. Small letters, blanks and hyphens do not matter."""
    typed = "".join(sign for sign in code[:100].upper() if sign.isalnum()).translate(_MISREAD)
    if len(typed) != LENGTH:
        return False
    used = await tx.run(
        "UPDATE recovery_codes SET used_at = now() WHERE account_id = :id AND code_hash = :hash AND used_at IS NULL",
        id=account_id,
        hash=_hash(account_id, typed),
    )
    if used:
        audit.note(tx, account_id, "recovery_code_used", "account", account_id)
        announce(tx, FactorsChanged(account_id, "recovery_code_used"))
    return bool(used)


def _hash(account_id: UUID, code: str) -> bytes:
    return digest(f"{account_id}/{code}")
