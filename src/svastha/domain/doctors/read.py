from uuid import UUID

from svastha.domain.accounts import Actor
from svastha.domain.doctors.model import COLUMNS, Doctor
from svastha.kit.db import Tx
from svastha.kit.refusals import NotFound


async def known(tx: Tx, doctor_id: UUID) -> Doctor:
    """Also one who is not verified: for what she signed herself."""
    found = await tx.maybe(Doctor, f"SELECT {COLUMNS} FROM doctors WHERE id = :id", id=doctor_id)
    if found is None:
        raise NotFound
    return found


async def verified(tx: Tx, doctor_id: UUID) -> Doctor:
    found = await known(tx, doctor_id)
    if found.verified_at is None or found.suspended_at is not None:
        raise NotFound
    return found


async def every(tx: Tx, actor: Actor, *, most: int = 500) -> list[Doctor]:
    """Those who wait for verification first, for a platform admin."""
    if not actor.is_a("platform_admin"):
        raise NotFound
    return await tx.all(
        Doctor, f"SELECT {COLUMNS} FROM doctors ORDER BY verified_at IS NOT NULL, name, id LIMIT :most", most=most
    )
