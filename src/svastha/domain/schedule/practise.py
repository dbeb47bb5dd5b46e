from collections.abc import Sequence
from uuid import UUID

from svastha.domain.schedule.model import Offer, Practitioner
from svastha.domain.schedule.offers import set_offers
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


async def practise(tx: ClinicTx, *, doctor_id: UUID, name: str, zone: str, offers: Sequence[Offer]) -> None:
    """A doctor starts to practise here, or changes what she offers."""
    await tx.run(
        "INSERT INTO practitioners (doctor_id, name, zone) VALUES (:doctor_id, :name, :zone)"
        " ON CONFLICT (doctor_id) DO UPDATE SET name = excluded.name, zone = excluded.zone",
        doctor_id=doctor_id,
        name=name,
        zone=zone,
    )
    await set_offers(tx, doctor_id, offers)


async def practitioner(tx: ClinicTx, doctor_id: UUID) -> Practitioner:
    found = await tx.maybe(
        Practitioner,
        "SELECT doctor_id, name, zone, bookable, notice FROM practitioners WHERE doctor_id = :doctor_id",
        doctor_id=doctor_id,
    )
    if found is None:
        raise NotFound
    return found


async def practitioners(tx: ClinicTx) -> list[Practitioner]:
    return await tx.all(
        Practitioner, "SELECT doctor_id, name, zone, bookable, notice FROM practitioners ORDER BY name, doctor_id"
    )


async def know_specialties(tx: ClinicTx, doctor_id: UUID, specialties: Sequence[str]) -> None:
    """As the platform knows them. What is known already is not written."""
    await tx.run(
        "UPDATE practitioners SET specialties = :specialties"
        " WHERE doctor_id = :doctor_id AND specialties <> :specialties::text[]",
        doctor_id=doctor_id,
        specialties=list(specialties),
    )
