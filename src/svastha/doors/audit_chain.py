"""The audit of one database as a stream of records, for whoever exports or verifies it."""

from collections.abc import AsyncIterator

from svastha.domain import audit
from svastha.domain.audit import Record
from svastha.doors import visit
from svastha.doors.visit import House
from svastha.kit.clock import now
from svastha.kit.connections import NOT_HERE
from svastha.kit.db import ClinicTx, ControlTx, Tx
from svastha.kit.refusals import Busy


async def chain(house: House, place: str | None) -> AsyncIterator[Record]:
    """As of one moment. Raises NotFound for a clinic nobody has."""
    async with house.routing.reading_control() as control:
        keys = await audit.public_keys(control)
        ref = (await house.routing.find(place))[0] if place else None
        anchor = await audit.last_anchor(control, str(ref.id)) if ref else await _of_control(house)
    database = ref.database if ref else house.routing.control
    try:
        connection = await house.connections.connect(database, hurried=False)
    except NOT_HERE as moving:
        raise Busy(retry_after=2) from moving
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            tx: Tx = await _tx(house, connection, place)
            async for record in audit.records(tx, name=place or audit.CONTROL, at=now(), keys=keys, anchor=anchor):
                yield record
    finally:
        await connection.close()


async def _tx(house: House, connection: object, place: str | None) -> Tx:
    if place is None:
        return ControlTx(connection, await house.routing.keyring())
    return ClinicTx(connection, *(await house.routing.find(place)))


async def _of_control(house: House) -> audit.Anchor | None:
    """The furthest any clinic has seen the control database come."""
    found = []
    for slug in await house.routing.slugs():
        async with visit.to_clinic(house, slug) as tx:
            found.append(await audit.last_anchor(tx))
    return max((one for one in found if one), key=lambda one: one.number, default=None)
