from datetime import date
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound

SHORTEST, MOST = 3, 20


class Found(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    birth_date: date | None
    city: str


async def find(tx: ClinicTx, actor: Actor, words: str) -> list[Found]:
    """Patients of this clinic by the beginning of a part of their name: enough to tell two apart, nothing of their
    health. Nobody for fewer than three letters."""
    if not actor.may("record.open", tx.clinic.id):
        raise NotFound
    words = " ".join(words.split())[:120]
    if len(words) < SHORTEST:
        return []
    found = await tx.all(
        Found,
        "SELECT id, name, birth_date, city FROM patients"
        " WHERE starts_with(lower(name), lower(:words)) OR position(' ' || lower(:words) IN lower(name)) > 0"
        " ORDER BY name, id LIMIT :most",
        words=words,
        most=MOST,
    )
    if found:
        audit.note(tx, actor.account_id, "find", "patients", tx.clinic.slug, people={one.id for one in found})
    return found
