from uuid import UUID

from svastha.domain.keys.locksmith import Locksmith
from svastha.domain.keys.model import data_context, index_context, signing_context
from svastha.kit.crypto import digest, new_key
from svastha.kit.db import ControlTx
from svastha.kit.keyring import PLATFORM, new_signing_key

LOCK = 0x5_7A57_4B  # whoever makes or retires a key of the platform holds this


async def make_first(tx: ControlTx, locksmith: Locksmith) -> None:
    """The platform's first keys, where there are none; any number of processes may ask for them at once."""
    await tx.value("SELECT pg_advisory_xact_lock(:lock)", lock=LOCK)
    if not await tx.value("SELECT EXISTS (SELECT FROM data_keys WHERE owner = :owner)", owner=PLATFORM):
        await make_data_key(tx, locksmith, PLATFORM)
    if not await tx.value("SELECT EXISTS (SELECT FROM index_keys)"):
        await tx.run(
            "INSERT INTO index_keys (version, wrapped, provider, state, active_since)"
            " VALUES (1, :wrapped, :provider, 'active', now())",
            wrapped=await locksmith.wrap(new_key(), index_context(1)),
            provider=locksmith.provider.name,
        )
    if not await tx.value("SELECT EXISTS (SELECT FROM signing_keys)"):
        await make_signing_key(tx, locksmith)
    locksmith.forget()


async def make_data_key(tx: ControlTx, locksmith: Locksmith, owner: UUID) -> None:
    """The first key of a clinic that is being founded, or of the platform."""
    await tx.run(
        "INSERT INTO data_keys (owner, version, wrapped, provider) VALUES (:owner, 1, :wrapped, :provider)",
        owner=owner,
        wrapped=await locksmith.wrap(new_key(), data_context(owner, 1)),
        provider=locksmith.provider.name,
    )


async def make_signing_key(tx: ControlTx, locksmith: Locksmith, *, in_seconds: float = 0) -> str:
    """Published at once, signing later. Returns its name: the beginning of its digest."""
    private, public = new_signing_key()
    kid = digest(public["x"]).hex()[:16]
    await tx.run(
        "INSERT INTO signing_keys (kid, wrapped, provider, public, current_from)"
        " VALUES (:kid, :wrapped, :provider, :public, now() + make_interval(secs => :in_seconds))",
        kid=kid,
        wrapped=await locksmith.wrap(private, signing_context(kid)),
        provider=locksmith.provider.name,
        public=public,
        in_seconds=in_seconds,
    )
    return kid
