import msgspec

from svastha.domain.clinics.model import Clinic, ClinicCard
from svastha.kit.db import Tx
from svastha.kit.refusals import NotFound

CARD = "slug, name, address, city, state, phone, zone"
ROWS = "s.tup_inserted + s.tup_updated"
ADDRESS = "database || coalesce('@' || nullif(server, ''), '')"


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of the list ended."""

    name: str
    slug: str


async def every(tx: Tx, *, after: Place | None = None, limit: int | None = None) -> list[ClinicCard]:
    """All that are open, by name, or one page of them."""
    return await tx.all(
        ClinicCard,
        f"SELECT {CARD} FROM clinics WHERE open_since IS NOT NULL"
        " AND (:name::text IS NULL OR (name, slug) > (:name, :slug::text)) ORDER BY name, slug LIMIT :limit::bigint",
        name=after and after.name,
        slug=after and after.slug,
        limit=limit,
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
        f"SELECT id, slug, name, zone, city, {ADDRESS} AS database FROM clinics"
        " WHERE open_since IS NOT NULL AND (:slug::text IS NULL OR slug = :slug) ORDER BY slug",
        slug=slug,
    )


async def addresses(tx: Tx) -> dict[str, str]:
    """Where the database of each clinic lies, ``name`` or ``name@server``, by slug; also of those not open (yet)."""
    found: list[tuple[str, str]] = await tx.value(
        f"SELECT coalesce(array_agg(ARRAY[slug, {ADDRESS}] ORDER BY slug), '{{}}') FROM clinics"
    )
    return dict(found)


class Written(msgspec.Struct, frozen=True):
    slug: str | None
    rows: int | None


async def written(tx: Tx) -> list[Written]:
    """As PostgreSQL counts what it may have to vacuum: one statement, however many databases there are."""
    return await tx.all(
        Written,
        f"""
        SELECT c.slug, {ROWS} AS rows
        FROM (SELECT slug, CASE WHEN server = '' THEN database END AS database FROM clinics WHERE open_since IS NOT NULL
            UNION ALL SELECT NULL, current_database()) c
        LEFT JOIN pg_stat_database s ON s.datname = c.database
        """,
    )


async def written_here(tx: Tx) -> int:
    """The same of this database alone, with what ``count_at_once`` was asked for."""
    found: int = await tx.value(f"SELECT {ROWS} FROM pg_stat_database s WHERE s.datname = current_database()")
    return found


async def count_at_once(tx: Tx) -> None:
    """What this transaction writes counts as soon as it is committed, and not some seconds later."""
    await tx.run("SELECT pg_stat_force_next_flush()")
