from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import MediaType, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from svastha.domain import doctors, patients, schedule
from svastha.domain.schedule import FreeTime, Mode
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.api.replies import documented
from svastha.doors.instants import instant
from svastha.doors.visit import Asked
from svastha.kit.clock import now, zone
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound

FURTHEST = timedelta(days=31)
A_YEAR = timedelta(days=366)


class FreeTimes(msgspec.Struct, frozen=True):
    items: list[FreeTime]


@get(
    "/clinics/{clinic:str}/doctors/{doctor_id:uuid}/slots",
    responses={**documented(FreeTimes, "In order of time."), **answers(404, 422)},
    tags=["Booking"],
    security=[],
    needs="public",
)
async def slots(
    request: Asked,
    clinic: FromPath[str],
    doctor_id: FromPath[UUID],
    from_at: Annotated[
        str, QueryParameter(name="from", description="RFC 3339, or a day of the clinic; now if left out.")
    ] = "",
    to_at: Annotated[
        str,
        QueryParameter(name="to", description="The same, to the end of a day; 14 days later if left out, 31 at most."),
    ] = "",
    mode: FromQuery[Mode | None] = None,
) -> Response[bytes]:
    """Free times of a doctor, in order. None of them would be refused at this moment."""
    house = visit.house_of(request)
    ref, _ = await house.routing.find(clinic)
    start = instant("from", from_at, zone(ref.zone)) if from_at else now()
    if not now() - A_YEAR < start < now() + A_YEAR:
        raise Invalid(FieldError("from", N_("This is too far away: within a year of today, please.")))
    end = instant("to", to_at, zone(ref.zone), days=1) if to_at else start + timedelta(days=14)
    if not start < end <= start + FURTHEST:
        raise Invalid(FieldError("to", N_("Must be after `from`, by 31 days at most.")))
    async with house.routing.reading_control() as control:
        if not await doctors.may_practise(control, doctor_id):
            raise NotFound
    asker = await visit.asker(request)
    async with visit.reading_clinic(house, clinic) as tx:
        patient = await patients.of(tx, asker)
        told = await schedule.free_times_told(tx, doctor_id, from_at=start, to_at=end, mode=mode, patient=patient)
    return Response(f'{{"items":{told}}}'.encode(), media_type=MediaType.JSON)


routes = [slots]
