from uuid import UUID

from svastha.domain import keys
from svastha.kit.connections import split
from svastha.kit.db import ControlTx
from svastha.kit.ids import uuid7


async def provision(
    tx: ControlTx,
    *,
    slug: str,
    name: str,
    address: str,
    city: str,
    state: str,
    phone: str,
    zone: str,
    database: str,
    locksmith: keys.Locksmith,
) -> UUID:
    """Found a clinic: its place, the ``name`` or ``name@server`` of a database, and its key. Its database is made next;
    until :func:`open_doors` nobody sees it."""
    clinic_id = uuid7()
    founded: UUID | None = await tx.value(
        """
        INSERT INTO clinics (id, slug, name, address, city, state, phone, zone, database, server)
        VALUES (:id, :slug, :name, :address, :city, :state, :phone, :zone, :database, :server)
        ON CONFLICT ON CONSTRAINT one_clinic_per_slug DO NOTHING RETURNING id
        """,
        id=clinic_id,
        slug=slug,
        name=name,
        address=address,
        city=city,
        state=state,
        phone=phone,
        zone=zone,
        database=split(database)[0],
        server=split(database)[1],
    )
    if founded is not None:
        await keys.make_data_key(tx, locksmith, founded)
    else:
        founded = await tx.value("SELECT id FROM clinics WHERE slug = :slug", slug=slug)
    assert founded is not None
    return founded


async def open_doors(tx: ControlTx, clinic_id: UUID) -> None:
    await tx.run("UPDATE clinics SET open_since = coalesce(open_since, now()) WHERE id = :id", id=clinic_id)


async def close_doors(tx: ControlTx, clinic_id: UUID) -> None:
    """Nobody sees it any more; what it kept stays where it is."""
    await tx.run("UPDATE clinics SET open_since = NULL WHERE id = :id", id=clinic_id)
