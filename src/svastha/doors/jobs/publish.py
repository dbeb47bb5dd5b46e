"""What the directory shows comes from the clinics: computed there, written here, by jobs that may run twice."""

from datetime import datetime, time, timedelta
from functools import partial
from uuid import UUID

import msgspec
import structlog

from svastha.domain import directory, doctors, schedule
from svastha.domain.directory import WorksElsewhere
from svastha.domain.doctors import DoctorChanged
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx, ControlTx
from svastha.kit.outbox import later

AHEAD = timedelta(days=15)
A_DAY, DAY = timedelta(days=1), 86400  # seconds
log = structlog.get_logger()


class Changed(msgspec.Struct, frozen=True):
    """What the events have in common that tell of a doctor's times."""

    doctor_id: UUID
    appointment_id: UUID | None = None
    series_id: UUID | None = None  # more visits than this one
    was_at: datetime | None = None  # it had another time

    @property
    def one_visit(self) -> UUID | None:
        return self.appointment_id if self.series_id is None and self.was_at is None else None


async def publish_doctor(tx: ControlTx, event: DoctorChanged) -> None:
    await directory.refresh(tx, event.doctor_id)


async def publish_times(tx: ClinicTx, event: Changed, *, control: ControlTx) -> None:
    """Of every event that names a doctor: what of hers can be booked in this clinic. Where it names one visit and
    nothing else, only the days around that visit are computed. Every other event, and time itself, has all of them
    computed, and her offers with them; that is also the safety net for ``doors/practice.py``: should this clinic not
    have heard that she may practise, or may not, it does now."""
    around = await schedule.days_around(tx, event.doctor_id, event.one_visit) if event.one_visit else None
    practitioner = await schedule.practitioner(tx, event.doctor_id)
    may = partial(doctors.may_practise, control, event.doctor_id)
    if around is None and await may() != practitioner.bookable:
        await schedule.follow(tx, event.doctor_id, may)
    # Before anything is looked at: of two that publish at the same time, the second knows at least as much.
    as_of = await directory.keep_others_out(control, event.doctor_id)
    if as_of is None:
        return
    where, offers = zone(tx.clinic.zone), await schedule.offers_of(tx, event.doctor_id)
    from_at, to_at = as_of, as_of + AHEAD
    if around:
        from_at = max(from_at, datetime.combine(around.first, time(), where))
        to_at = min(to_at, datetime.combine(around.last + A_DAY, time(), where))
    else:
        await directory.publish_listing(
            control,
            doctor_id=event.doctor_id,
            clinic_id=tx.clinic.id,
            offers=[directory.Offer(o.mode, o.minutes, o.fee_paise) for o in offers],
        )
    if from_at >= to_at:  # over, or so far ahead that nobody is shown that day
        return
    free = await schedule.free_days(tx, event.doctor_id, from_at=from_at, to_at=to_at)
    await directory.publish_times(
        control,
        doctor_id=event.doctor_id,
        clinic_id=tx.clinic.id,
        as_of=as_of,
        days=[directory.FreeDay(one.mode, one.day, one.first_at, one.left) for one in free],
        between=(around.first, around.last) if around else None,
    )
    # Time itself takes free times away and brings new days: look again when the first of these can no longer be booked,
    # and once a day, each doctor at her own moment, so that neither all are looked at at once nor one of them twice.
    notice = {offer.mode: practitioner.notice if offer.notice is None else offer.notice for offer in offers}
    daily = as_of + A_DAY - timedelta(seconds=(as_of.timestamp() - event.doctor_id.int % DAY) % DAY)
    again = max(as_of, min([*(one.first_at - notice[one.mode] for one in free), daily])) + timedelta(seconds=1)
    later(tx, schedule.TimesChanged(event.doctor_id), run_at=again, key=f"{event.doctor_id}/{again:%Y%m%dT%H%M}")


async def publish_hours(tx: ClinicTx, event: schedule.TimesChanged, *, control: ControlTx) -> None:
    """When she works here, for her other clinics to keep clear of; and what she is a specialist in, the other way."""
    zone, rules = await schedule.working_rules(tx, event.doctor_id)
    try:
        await directory.publish_hours(
            control, doctor_id=event.doctor_id, clinic_id=tx.clinic.id, zone=zone, rules=rules
        )
    except WorksElsewhere:  # set before anybody asked; the next change of them is refused
        log.warning("works_elsewhere", clinic=tx.clinic.slug, doctor=str(event.doctor_id))
    await schedule.know_specialties(tx, event.doctor_id, (await doctors.known(control, event.doctor_id)).specialties)
