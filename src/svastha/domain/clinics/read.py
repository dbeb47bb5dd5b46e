from svastha.domain.clinics.model import Clinic, ClinicCard
from svastha.kit.db import Tx
from svastha.kit.refusals import NotFound

CARD = "slug, name, address, city, state, phone, zone"


async def every(tx: Tx) -> list[ClinicCard]:
    return await tx.all(
        ClinicCard,
        f"SELECT {CARD} FROM clinics WHERE open_since IS NOT NULL ORDER BY name, id",
    )


async def by_slug(tx: Tx, slug: str) -> ClinicCard:
    found = await tx.maybe(
        ClinicCard,
        f"SELECT {CARD} FROM clinics WHERE slug = :slug AND open_since IS NOT NULL",
        slug=slug,
    )
    if found is None:
        raise NotFound
    return found


async def placed(tx: Tx, slug: str | None = None) -> list[Clinic]:
    """With the place of their databases, for the router alone."""
    return await tx.all(
        Clinic,
        "SELECT id, slug, name, zone, city, database FROM clinics"
        " WHERE open_since IS NOT NULL AND (:slug::text IS NULL OR slug = :slug) ORDER BY slug",
        slug=slug,
    )
