from collections import Counter
from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain.accounts import Actor
from svastha.domain.appointments.access import shown
from svastha.domain.appointments.answered import Answer
from svastha.domain.appointments.model import ROWS, Appointment, Row
from svastha.domain.appointments.read import note_list
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound


class Away(msgspec.Struct, frozen=True):
    """The doctor of a visit is away then, and its patient has yet to say what she wants instead."""

    leave_id: UUID
    from_at: datetime
    until_at: datetime
    asked_at: datetime


class Displaced(msgspec.Struct, frozen=True):
    visit: Appointment
    away: Away


class Unanswered(msgspec.Struct, frozen=True):
    """Who has yet to answer, soonest visit first; and of all who were asked because of leave that is not over, how many
    answered what: ``waiting``, ``moved``, ``cancelled``, ``leave_ended``, ``seen_anyway``."""

    items: list[Displaced]
    counts: dict[str, int]


class _Row(msgspec.Struct, frozen=True):
    appointment_id: UUID
    leave_id: UUID
    from_at: datetime
    until_at: datetime
    asked_at: datetime


class _Count(msgspec.Struct, frozen=True):
    answer: Answer | None
    count: int


_OPEN = """
    SELECT d.appointment_id, d.leave_id, l.starts_at AS from_at, l.ends_at AS until_at, d.made_at AS asked_at
    FROM displacements d JOIN leaves l ON l.id = d.leave_id JOIN appointments a ON a.id = d.appointment_id
    WHERE d.answered_at IS NULL AND a.status IN ('requested', 'confirmed', 'checked_in') AND a.ends_at > now()
"""


async def away(tx: ClinicTx, appointment_id: UUID) -> Away | None:
    """What the patient was asked and has not answered, if anything. The caller has seen the visit."""
    row = await tx.maybe(_Row, f"{_OPEN} AND a.id = :id ORDER BY l.starts_at LIMIT 1", id=appointment_id)
    return _away(row) if row else None


async def unanswered(tx: ClinicTx, actor: Actor) -> Unanswered:
    """For the desk, and for a doctor of her own."""
    desk = actor.runs_desk_of(tx.clinic.id)
    if not desk and not actor.is_a("doctor", tx.clinic.id):
        raise NotFound
    rows = await tx.all(
        _Row,
        f"{_OPEN} AND (:desk OR a.doctor_id = :me) ORDER BY a.starts_at, a.id, l.starts_at",
        desk=desk,
        me=actor.account_id,
    )
    found = await tx.all(Row, f"{ROWS} WHERE a.id = ANY(:ids::uuid[])", ids=[row.appointment_id for row in rows])
    visits = {row.id: shown(row, tx.clinic.slug) for row in found}
    counts = await tx.all(
        _Count,
        """
        SELECT d.answer, count(*) FROM displacements d JOIN leaves l ON l.id = d.leave_id
        WHERE l.ends_at > now() AND d.answered_at IS NOT NULL AND (:desk OR l.doctor_id = :me) GROUP BY d.answer
        """,
        desk=desk,
        me=actor.account_id,
    )
    total = Counter({"waiting": len(rows)} | {str(one.answer): one.count for one in counts})
    note_list(tx, actor, "displaced", tx.clinic.slug, found)
    return Unanswered(
        [Displaced(visits[row.appointment_id], _away(row)) for row in rows],
        {name: total[name] for name in ("waiting", "moved", "cancelled", "leave_ended", "seen_anyway")},
    )


def _away(row: _Row) -> Away:
    return Away(row.leave_id, row.from_at, row.until_at, row.asked_at)
