from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from svastha.domain import patients, schedule
from svastha.domain.schedule import FreeTime, Mode
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked
from svastha.kit.clock import now
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid

FURTHEST = timedelta(days=31)


class FreeTimes(msgspec.Struct, frozen=True):
    items: list[FreeTime]


@get("/clinics/{clinic:str}/doctors/{doctor_id:uuid}/slots", responses=answers(404, 422), tags=["Booking"], security=[])
async def slots(
    request: Asked,
    clinic: FromPath[str],
    doctor_id: FromPath[UUID],
    from_at: Annotated[datetime | None, QueryParameter(name="from", description="RFC 3339; now if left out.")] = None,
    to_at: Annotated[
        datetime | None, QueryParameter(name="to", description="RFC 3339; 14 days later if left out, 31 at most.")
    ] = None,
    mode: FromQuery[Mode | None] = None,
) -> FreeTimes:
    """Free times of a doctor, in order. None of them would be refused at this moment."""
    start = from_at or now()
    end = to_at or start + timedelta(days=14)
    if start.tzinfo is None or end.tzinfo is None:
        raise Invalid(FieldError("from", N_("Give the offset, as in 2026-11-21T09:30:00+05:30.")))
    if not start < end <= start + FURTHEST:
        raise Invalid(FieldError("to", N_("Must be after `from`, by 31 days at most.")))
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await schedule.practitioner(tx, doctor_id)
        patient = await patients.of(tx, await visit.asker(request))
        return FreeTimes(
            await schedule.free_times(tx, [doctor_id], from_at=start, to_at=end, mode=mode, patient=patient)
        )


routes = [slots]
