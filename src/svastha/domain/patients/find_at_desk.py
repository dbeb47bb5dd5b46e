import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound

SHORTEST, SHORTEST_NUMBER, MOST = 2, 4, 20
MEANS = re.compile(r"[\\%_]")  # something to LIKE


class AtDesk(msgspec.Struct, frozen=True):
    """Enough to tell two apart, nothing of their health. ``phone``: its last four digits."""

    id: UUID
    name: str
    birth_date: date | None
    city: str
    phone: str


_FOUND = "SELECT id, name, birth_date, city, right(phone, 4) AS phone FROM patients"


async def find_at_desk(tx: ClinicTx, actor: Actor, words: str) -> list[AtDesk]:
    """Patients of this clinic by parts of their name, or by the last digits of their telephone number. Nobody for fewer
    than two letters or four digits."""
    if not actor.runs_desk_of(tx.clinic.id):
        raise NotFound
    words = " ".join(words.split())[:120].lower()
    digits = re.sub(r"\D", "", words)
    if digits and not re.search(r"[^\W\d_]", words):
        return await _by_number(tx, actor, digits[-10:]) if len(digits) >= SHORTEST_NUMBER else []
    if len(words) < SHORTEST:
        return []
    parts = {f"part{n}": "%" + MEANS.sub(r"\\\g<0>", part) + "%" for n, part in enumerate(words.split())}
    like = " AND ".join(f"lower(name) LIKE :{part}" for part in parts)  # an index serves each; LIKE ALL has none
    found = await tx.all(AtDesk, f"{_FOUND} WHERE {like} ORDER BY name, id LIMIT :most", **parts, most=MOST)
    _note(tx, actor, found)
    return found


async def _by_number(tx: ClinicTx, actor: Actor, digits: str) -> list[AtDesk]:
    found = await tx.all(
        AtDesk,
        f"{_FOUND} WHERE phone <> '' AND reverse(phone) LIKE :ends ORDER BY name, id LIMIT :most",
        ends=f"{digits[::-1]}%",
        most=MOST,
    )
    _note(tx, actor, found)
    return found


async def at_desk(tx: ClinicTx, actor: Actor, ids: Sequence[UUID]) -> list[AtDesk]:
    """These patients, as the desk tells them apart."""
    if not actor.runs_desk_of(tx.clinic.id):
        raise NotFound
    found = await tx.all(AtDesk, f"{_FOUND} WHERE id = ANY(:ids::uuid[]) ORDER BY name, id", ids=list(ids))
    _note(tx, actor, found)
    return found


def _note(tx: ClinicTx, actor: Actor, found: list[AtDesk]) -> None:
    if found:
        audit.note(tx, actor.account_id, "find", "patients", tx.clinic.slug, people={one.id for one in found})
