"""What the directory shows comes from the clinics: computed there, written here, by jobs that may run twice."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import partial

import structlog

from svastha.domain import directory, doctors, schedule
from svastha.domain.directory import WorksElsewhere
from svastha.domain.doctors import DoctorChanged
from svastha.domain.schedule import Mode
from svastha.kit.clock import now, zone
from svastha.kit.db import ClinicTx, ControlTx
from svastha.kit.outbox import later

AHEAD = timedelta(days=15)
A_DAY = timedelta(days=1)
log = structlog.get_logger()


async def publish_doctor(tx: ControlTx, event: DoctorChanged) -> None:
    await directory.refresh(tx, event.doctor_id)


async def publish_times(tx: ClinicTx, event: schedule.TimesChanged, *, control: ControlTx) -> None:
    """Of every event that names a doctor: her offers and her free days in this clinic. Also the safety net for
    ``doors/practice.py``: should this clinic not have heard that she may practise, or may not, it does now."""
    may = partial(doctors.may_practise, control, event.doctor_id)
    if await may() != (await schedule.practitioner(tx, event.doctor_id)).bookable:
        await schedule.follow(tx, event.doctor_id, may)
    as_of, practitioner = now(), await schedule.practitioner(tx, event.doctor_id)
    offers = await schedule.offers_of(tx, event.doctor_id)
    free = await schedule.free_times(tx, [event.doctor_id], from_at=as_of, to_at=as_of + AHEAD)
    where = zone(tx.clinic.zone)
    first: dict[tuple[Mode, date], datetime] = {}
    left: dict[tuple[Mode, date], int] = defaultdict(int)
    for time in free:
        day = (time.mode, time.starts_at.astimezone(where).date())
        first.setdefault(day, time.starts_at)
        left[day] += 1
    await directory.publish_listing(
        control,
        doctor_id=event.doctor_id,
        clinic_id=tx.clinic.id,
        offers=[directory.Offer(o.mode, o.minutes, o.fee_paise) for o in offers],
    )
    await directory.publish_times(
        control,
        doctor_id=event.doctor_id,
        clinic_id=tx.clinic.id,
        as_of=as_of,
        days=[directory.FreeDay(mode, day, at, left[mode, day]) for (mode, day), at in first.items()],
    )
    # Time itself takes free times away and brings new days: look again when the first of these can no longer be booked.
    notice = {offer.mode: practitioner.notice if offer.notice is None else offer.notice for offer in offers}
    gone = [at - notice[mode] for (mode, _), at in first.items()]
    again = max(as_of, min([*gone, as_of + A_DAY])) + timedelta(seconds=1)
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
