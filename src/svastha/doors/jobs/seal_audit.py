from typing import NamedTuple

from svastha.domain import audit, clinics
from svastha.doors import visit
from svastha.doors.visit import House


class SealedNow(NamedTuple):
    """``anchored``: rows that remembering each other's end has written in the clinic."""

    entries: int
    anchored: int


async def seal_audit(house: House, place: str | None) -> SealedNow:
    """Seal what is complete in one database, and let the control database and the clinic remember each other's end.

    Any number of workers may do this at once.
    """
    async with visit.to_control(house) as control:
        signer = await audit.signer(control)
    total, anchored, count = 0, 0, audit.MOST
    while count == audit.MOST:
        async with visit.to_clinic(house, place) if place else visit.to_control(house) as tx:
            count = await audit.seal(tx, signer)
        total += count
    if place:
        async with visit.to_clinic(house, place) as clinic, visit.to_control(house) as control:
            if anchored := await audit.anchor(clinic, control):
                await clinics.count_at_once(clinic)
    return SealedNow(total, anchored)
