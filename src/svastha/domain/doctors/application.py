from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.doctors.model import Application, Degree, Document, State, Verification
from svastha.kit.db import ControlTx
from svastha.kit.refusals import NotFound


class _Row(msgspec.Struct, frozen=True):
    id: UUID
    state: State
    state_since: datetime
    version: int
    may_practise: bool
    lapsed: bool
    name: str
    gender: str | None
    council_code: str | None
    council: str
    registration_no: str
    registered_on: date | None
    valid_to: date | None
    degrees: list[dict[str, Any]]
    languages: list[str]
    specialties: list[str]
    about: str
    verified_at: datetime | None


async def seen_by(tx: ControlTx, actor: Actor, doctor_id: UUID, *, lock: bool = False) -> Application:
    """For herself, and for whoever verifies doctors, who leaves a trace. ``lock`` it for a change."""
    hers = actor.account_id == doctor_id
    if not hers and not actor.may("doctor.verify"):
        raise NotFound
    row = await tx.maybe(
        _Row,
        f"""
        SELECT id, state, state_since, version, may_practise(d) AS may_practise,
            state = 'verified' AND NOT may_practise(d) AS lapsed, name, gender, council_code, council, registration_no,
            registered_on, valid_to, degrees, languages, specialties, about, verified_at
        FROM doctors d WHERE id = :id AND (:hers OR state <> 'draft') {"FOR NO KEY UPDATE" if lock else ""}
        """,
        id=doctor_id,
        hers=hers,
    )
    if row is None:
        raise NotFound
    if not hers:
        audit.note(tx, actor.account_id, "read", "doctor", doctor_id, whose=doctor_id)
    given = msgspec.structs.asdict(row) | {"degrees": msgspec.convert(row.degrees, list[Degree])}
    return Application(
        **given,
        documents=await tx.all(
            Document,
            "SELECT id, kind, media_type, size, made_at, replaced_at FROM doctor_documents"
            " WHERE doctor_id = :id ORDER BY replaced_at IS NOT NULL, made_at, id",
            id=doctor_id,
        ),
        history=await tx.all(
            Verification,
            "SELECT step, at, reason FROM verifications WHERE doctor_id = :id ORDER BY at, id",
            id=doctor_id,
        ),
    )


async def mine(tx: ControlTx, actor: Actor) -> Application:
    """Raises NotFound for somebody who has not begun one."""
    return await seen_by(tx, actor, actor.account_id)
