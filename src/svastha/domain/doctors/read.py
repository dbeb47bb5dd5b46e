from uuid import UUID

from svastha.domain.accounts import CLINICS_OF, Actor
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


async def may_be_booked(tx: Tx, actor: Actor, doctor_id: UUID) -> list[str]:
    """Slugs of the clinics where the actor is known as a patient, asked with the same statement. Raises NotFound as
    ``verified`` does."""
    places: list[str] | None = await tx.value(
        f"SELECT {CLINICS_OF} FROM doctors d WHERE d.id = :id AND d.state <> 'draft' AND may_practise(d)",
        id=doctor_id,
        account_id=actor.account_id,
    )
    if places is None:
        raise NotFound
    return places


async def may_practise(tx: Tx, doctor_id: UUID) -> bool:
    return bool(await tx.value("SELECT may_practise(d) FROM doctors d WHERE id = :id", id=doctor_id))


async def councils(tx: Tx) -> list[Council]:
    """Those that register today; the central register first."""
    return await tx.all(
        Council,
        "SELECT code, name, region, register_url, source FROM councils"
        " WHERE valid_to IS NULL OR valid_to >= now()::date ORDER BY region <> 'India', region, name",
    )
