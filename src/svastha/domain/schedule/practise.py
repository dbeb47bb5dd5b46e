from collections.abc import Sequence
from uuid import UUID

import msgspec

from svastha.domain.schedule.model import Offer, Practitioner, TimesChanged
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce
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
    await tx.run("DELETE FROM offers WHERE doctor_id = :doctor_id", doctor_id=doctor_id)
    await tx.run(
        "INSERT INTO offers (doctor_id, mode, minutes, fee_paise) SELECT :doctor_id, mode, minutes, fee_paise"
        " FROM jsonb_to_recordset(:offers) AS r(mode text, minutes int, fee_paise bigint)",
        doctor_id=doctor_id,
        offers=msgspec.to_builtins(list(offers)),
    )
    announce(tx, TimesChanged(doctor_id))


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


async def offers_of(tx: ClinicTx, doctor_id: UUID) -> list[Offer]:
    return await tx.all(
        Offer,
        "SELECT mode, minutes, fee_paise FROM offers WHERE doctor_id = :doctor_id ORDER BY mode",
        doctor_id=doctor_id,
    )
