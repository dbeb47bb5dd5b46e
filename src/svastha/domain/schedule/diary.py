from datetime import date, datetime, time
from uuid import UUID

import msgspec

from svastha.domain.accounts import Actor
from svastha.domain.schedule.access import seen_by
from svastha.domain.schedule.holidays import Holiday
from svastha.domain.schedule.leave import LEAVES, Leave
from svastha.domain.schedule.model import Mode
from svastha.domain.schedule.open import OpenPiece, open_pieces
from svastha.kit.clock import zone as zone_of
from svastha.kit.db import ClinicTx


class Different(msgspec.Struct, frozen=True):
    """An exception on one of the days it falls on."""

    day: date
    exception_id: UUID
    closed: bool
    opens: time | None
    closes: time | None
    modes: tuple[Mode, ...]
    note: str


class Diary(msgspec.Struct, frozen=True):
    """A doctor's time without her visits. ``open``: when she is there, each kind of visit for itself."""

    doctor_id: UUID
    name: str
    zone: str
    open: list[OpenPiece]
    exceptions: list[Different]
    leave: list[Leave]
    holidays: list[Holiday]


async def diary(tx: ClinicTx, actor: Actor, doctor_id: UUID, *, from_at: datetime, to_at: datetime) -> Diary:
    """Between two instants, past or to come; all lists in order of time."""
    her = await seen_by(tx, actor, doctor_id, "schedule.read")
    where = zone_of(her.zone)
    days = {"from_day": from_at.astimezone(where).date(), "to_day": to_at.astimezone(where).date()}
    different = await tx.all(
        Different,
        """
        SELECT d::date AS day, id AS exception_id, closed, opens, closes, modes, note
        FROM generate_series(:from_day::date, :to_day::date, interval '1 day') d JOIN exceptions e
            ON e.doctor_id = :doctor_id AND falls_on(d::date, e.day, e.repeats, e.every, e.until)
        ORDER BY d, opens NULLS FIRST, id
        """,
        doctor_id=doctor_id,
        **days,
    )
    away = await tx.all(
        Leave,
        f"{LEAVES} WHERE doctor_id = :doctor_id AND ended_at IS NULL AND starts_at < :to_at AND ends_at > :from_at"
        " ORDER BY starts_at",
        doctor_id=doctor_id,
        from_at=from_at,
        to_at=to_at,
    )
    closed = await tx.all(
        Holiday,
        "SELECT id, day, name, branch_id FROM holidays WHERE day BETWEEN :from_day AND :to_day ORDER BY day, id",
        **days,
    )
    pieces = await open_pieces(tx, [doctor_id], from_at=from_at, to_at=to_at)
    return Diary(doctor_id, her.name, her.zone, pieces, different, away, closed)
