from uuid import UUID

from svastha.domain.directory.cards import Row, cards_of, read
from svastha.domain.directory.model import DoctorCard, Language, Specialty
from svastha.kit import clock
from svastha.kit.db import ControlTx
from svastha.kit.refusals import NotFound


async def doctor(tx: ControlTx, doctor_id: UUID) -> DoctorCard:
    """A verified doctor, listed somewhere or not."""
    row = await tx.one(
        Row,
        cards_of("SELECT 1 AS at, NULL::int AS segment, NULL::text AS key, :doctor_id::uuid AS doctor_id"),
        doctor_id=doctor_id,
        now=clock.now(),
        most=2,
        mode=None,
        max_fee=None,
        day=None,
        clinic=None,
    )
    found = read(row.cards)
    if not found:
        raise NotFound
    return found[0]


async def places_of(tx: ControlTx, doctor_id: UUID) -> list[str]:
    """Slugs of the open clinics where she is listed, or was appointed."""
    slugs: list[str] = await tx.value(
        "SELECT coalesce(array_agg(slug ORDER BY slug), '{}') FROM clinics WHERE open_since IS NOT NULL AND id IN ("
        "SELECT clinic_id FROM listings WHERE doctor_id = :id"
        " UNION SELECT clinic_id FROM grants WHERE account_id = :id AND role = 'doctor')",
        id=doctor_id,
    )
    return slugs


async def specialties(tx: ControlTx) -> list[Specialty]:
    return await tx.all(Specialty, "SELECT code, name_en, name_hi FROM specialties ORDER BY position")


async def every_language(tx: ControlTx) -> list[Language]:
    """Those a doctor can say that she speaks."""
    return await tx.all(Language, "SELECT code, name_en, name_hi FROM languages ORDER BY name_en")


async def languages(tx: ControlTx) -> list[Language]:
    """Those in which somebody can be consulted."""
    return await tx.all(
        Language,
        "SELECT l.code, l.name_en, l.name_hi FROM languages l"
        " JOIN search_words w ON w.kind = 'language' AND w.word = l.code AND w.doctors > 0 ORDER BY l.name_en",
    )
