from datetime import timedelta

import msgspec

from svastha.domain.keys.locksmith import Locksmith
from svastha.domain.keys.make import LOCK, make_signing_key
from svastha.domain.keys.model import PUBLISHED_FOR, TRUSTED_FOR
from svastha.kit.db import ControlTx

# Others may keep our JWKS for five minutes: a key is published for longer than that before it signs.
BEFORE_SIGNING = timedelta(minutes=10)


class Signer(msgspec.Struct, frozen=True):
    kid: str
    state: str


async def signing_keys(tx: ControlTx) -> list[Signer]:
    """In order: those before, the one that signs, the one to come."""
    return await tx.all(
        Signer,
        "SELECT kid, CASE WHEN retired_at < now() - :published_for::interval THEN 'retired'"
        " WHEN retired_at < now() THEN 'verifies' WHEN current_from > now() THEN 'coming' ELSE 'signs' END AS state"
        " FROM signing_keys ORDER BY current_from, kid",
        published_for=PUBLISHED_FOR,
    )


async def rotate_signing(tx: ControlTx, locksmith: Locksmith, *, compromised: bool = False) -> str:
    """A new key. The old one verifies until its tokens have expired; a compromised one from now on verifies nothing.

    Returns the new key's name.
    """
    await tx.value("SELECT pg_advisory_xact_lock(:lock)", lock=LOCK)
    wait = timedelta(0) if compromised else BEFORE_SIGNING
    kid = await make_signing_key(tx, locksmith, in_seconds=wait.total_seconds())
    await tx.run(
        "UPDATE signing_keys SET retired_at = least(retired_at, now() + :wait::interval) WHERE kid <> :kid",
        wait=-PUBLISHED_FOR if compromised else wait + timedelta(seconds=TRUSTED_FOR),
        kid=kid,
    )
    # What signs no more needs no private half; the public ones stay, for what was signed to last.
    await tx.run("UPDATE signing_keys SET wrapped = NULL WHERE retired_at < now()")
    return kid
