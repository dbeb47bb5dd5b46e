from svastha.domain import audit
from svastha.doors import visit
from svastha.doors.visit import House


async def seal_audit(house: House, place: str | None) -> int:
    """Seal what is complete in one database, and let the control database and the clinic remember each other's end.

    Any number of workers may do this at once. Returns how many entries were sealed.
    """
    async with visit.to_control(house) as control:
        signer = await audit.signer(control)
    total, count = 0, audit.MOST
    while count == audit.MOST:
        async with visit.to_clinic(house, place) if place else visit.to_control(house) as tx:
            count = await audit.seal(tx, signer)
        total += count
    if place:
        async with visit.to_clinic(house, place) as clinic, visit.to_control(house) as control:
            await audit.anchor(clinic, control)
    return total
