"""Nobody is in two places at once: within a clinic that is refused, across clinics people are warned."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from svastha.domain import appointments
from svastha.doors import visit
from svastha.doors.remembered import clinics_of
from svastha.doors.visit import Asked
from svastha.kit.clock import now

LONGEST = timedelta(minutes=240)  # that a visit lasts
NEAR = timedelta(days=731)


class Elsewhere(msgspec.Struct, frozen=True, tag="elsewhere", tag_field="code"):
    """There is a visit at another clinic then."""

    clinic: str
    starts_at: datetime
    ends_at: datetime
    patient_name: str
    as_guardian: bool


async def other_visits_at(
    request: Asked,
    clinic: str,
    starts_at: datetime,
    last: datetime | None = None,
    *,
    places: Sequence[str] | None = None,
) -> list[Elsewhere]:
    """Visits of the person who asks as a patient, and of those she acts for, at other clinics than this one, that meet
    one of any length that begins then, or at any time until ``last``; see ``those_of``. Asked before a transaction is
    opened here. The desk knows of no other clinic. ``places``: where she is known, if the caller has asked."""
    last = last or starts_at
    if not now() - NEAR < starts_at <= last < now() + NEAR:  # nothing is offered there
        return []
    house, actor = visit.house_of(request), await visit.actor_of(request)
    if places is None:
        places = await clinics_of(house, actor)
    found: list[Elsewhere] = []
    for place in places:
        if place == clinic:
            continue
        async with visit.to_clinic(house, place) as tx:
            visits = await appointments.at_that_time(tx, actor, starts_at=starts_at, ends_at=last + LONGEST)
        found += [Elsewhere(place, one.starts_at, one.ends_at, one.patient_name, one.as_guardian) for one in visits]
    return sorted(found, key=lambda one: one.starts_at)


def those_of(found: list[Elsewhere], visit: appointments.Appointment) -> list[Elsewhere]:
    """Of the patient of this visit, while it lasts. Clinics do not know one another's patients: whom somebody acts for
    is told by the name."""
    return [
        one
        for one in found
        if one.as_guardian == visit.as_guardian
        and (not one.as_guardian or one.patient_name.casefold() == visit.patient_name.casefold())
        and one.starts_at < visit.ends_at
        and visit.starts_at < one.ends_at
    ]
