from collections.abc import Sequence
from datetime import time
from uuid import UUID

import msgspec

from svastha.domain.schedule.model import Mode, TimesChanged
from svastha.kit.db import ClinicTx
from svastha.kit.ids import uuid7
from svastha.kit.outbox import announce


class Hours(msgspec.Struct, frozen=True):
    """Wall-clock hours of one weekday (1 is Monday). Closing at or before opening means on the next day. ``branch_id``:
    where she is then; ``resources``: what of that branch is booked with her."""

    weekday: int
    opens: time
    closes: time
    modes: tuple[Mode, ...]
    branch_id: UUID | None = None
    resources: tuple[UUID, ...] = ()


class Break(msgspec.Struct, frozen=True):
    """Within the hours of a weekday, every week."""

    weekday: int
    opens: time
    closes: time


async def set_weekly_hours(
    tx: ClinicTx, doctor_id: UUID, hours: Sequence[Hours], *, breaks: Sequence[Break] = ()
) -> None:
    """Replaces the week, as it is given. Whoever is booking with her at this moment is waited for."""
    await tx.run("SELECT 1 FROM practitioners WHERE doctor_id = :doctor_id FOR NO KEY UPDATE", doctor_id=doctor_id)
    await tx.run("DELETE FROM weekly_hours WHERE doctor_id = :doctor_id", doctor_id=doctor_id)
    await tx.run("DELETE FROM weekly_breaks WHERE doctor_id = :doctor_id", doctor_id=doctor_id)
    await tx.run(
        """
        INSERT INTO weekly_hours (id, doctor_id, weekday, opens, closes, modes, branch_id, resources)
        SELECT id, :doctor_id, weekday, opens, closes, modes, branch_id, resources FROM jsonb_to_recordset(:hours)
            AS r(id uuid, weekday int, opens time, closes time, modes text[], branch_id uuid, resources uuid[])
        """,
        doctor_id=doctor_id,
        hours=[{"id": uuid7(), **msgspec.to_builtins(h)} for h in hours],
    )
    await tx.run(
        "INSERT INTO weekly_breaks (doctor_id, weekday, opens, closes) SELECT :doctor_id, weekday, opens, closes"
        " FROM jsonb_to_recordset(:breaks) AS r(weekday int, opens time, closes time)",
        doctor_id=doctor_id,
        breaks=msgspec.to_builtins(list(breaks)),
    )
    announce(tx, TimesChanged(doctor_id))


async def weekly_hours(tx: ClinicTx, doctor_id: UUID) -> list[Hours]:
    """In order of the week."""
    return await tx.all(
        Hours,
        "SELECT weekday, opens, closes, modes, branch_id, resources FROM weekly_hours WHERE doctor_id = :doctor_id"
        " ORDER BY weekday, opens, id",
        doctor_id=doctor_id,
    )


async def weekly_breaks(tx: ClinicTx, doctor_id: UUID) -> list[Break]:
    """In order of the week."""
    return await tx.all(
        Break,
        "SELECT weekday, opens, closes FROM weekly_breaks WHERE doctor_id = :doctor_id ORDER BY weekday, opens",
        doctor_id=doctor_id,
    )
