from collections.abc import Awaitable, Callable
from uuid import UUID

from svastha.domain.schedule.model import TimesChanged
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def follow(tx: ClinicTx, doctor_id: UUID, may_practise: Callable[[], Awaitable[bool]]) -> None:
    """Bookable here only while the platform lets her practise.

    Whoever is booking with her at this moment is waited for, and whoever comes later sees what is said here. Only then
    the platform is asked: of two who follow it at once, the second knows at least as much as the first.
    """
    was = await tx.value("SELECT bookable FROM practitioners WHERE doctor_id = :id FOR UPDATE", id=doctor_id)
    if was is None:
        return
    may = await may_practise()
    if may != was:
        await tx.run("UPDATE practitioners SET bookable = :may WHERE doctor_id = :id", may=may, id=doctor_id)
        announce(tx, TimesChanged(doctor_id))
