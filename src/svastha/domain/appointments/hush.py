from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import msgspec

from svastha.domain import notifications
from svastha.kit.db import ClinicTx


class _Reminder(msgspec.Struct, frozen=True):
    starts_at: datetime
    before: timedelta
    person: UUID


def told_id(appointment_id: UUID, starts_at: datetime, before: timedelta, person: UUID) -> UUID:
    """Of what is told by a reminder: there is one for each visit, start, reminder and person."""
    return uuid5(appointment_id, f"{starts_at.astimezone(UTC).isoformat()} {before} {person}")


async def hush(tx: ClinicTx, appointment_id: UUID) -> None:
    """The visit will not be, or not then: reminders that were written and have not left stay here."""
    written = await tx.all(
        _Reminder, "SELECT starts_at, before, person FROM reminders WHERE appointment_id = :id", id=appointment_id
    )
    for one in written:
        await notifications.stop(tx, told_id(appointment_id, one.starts_at, one.before, one.person))
