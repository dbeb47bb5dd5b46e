from uuid import UUID

from svastha.domain.doctors.model import COLUMNS, Council, Doctor
from svastha.kit.db import Tx
from svastha.kit.refusals import NotFound


async def known(tx: Tx, doctor_id: UUID) -> Doctor:
    """Also one who may not practise now: for what she signed herself."""
    found = await tx.maybe(Doctor, f"SELECT {COLUMNS} FROM doctors WHERE id = :id AND state <> 'draft'", id=doctor_id)
    if found is None:
        raise NotFound
    return found


async def verified(tx: Tx, doctor_id: UUID) -> Doctor:
    """Raises NotFound for one who may not practise at this moment: not verified, suspended, or lapsed."""
    found = await known(tx, doctor_id)
    if not found.may_practise:
        raise NotFound
    return found


async def may_practise(tx: Tx, doctor_id: UUID) -> bool:
    return bool(await tx.value("SELECT may_practise(d) FROM doctors d WHERE id = :id", id=doctor_id))


async def councils(tx: Tx) -> list[Council]:
    """Those that register today; the central register first."""
    return await tx.all(
        Council,
        "SELECT code, name, region, register_url, source FROM councils"
        " WHERE valid_to IS NULL OR valid_to >= now()::date ORDER BY region <> 'India', region, name",
    )
