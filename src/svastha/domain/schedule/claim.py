from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain.schedule.free import OFFERED, asked, next_free
from svastha.domain.schedule.model import Mode
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, Invalid, NotFound

A_DAY, TWO_YEARS, INSTANT = timedelta(days=1), timedelta(days=731), timedelta(microseconds=1)


class SlotTaken(Conflict):
    code = "slot_taken"
    says = N_("Somebody has just taken this time. These are the next free ones.")


class AlreadyBooked(Conflict):
    code = "already_booked"
    says = N_("There is already a visit at this time.")


class NotOffered(Invalid):
    code = "time_not_offered"
    says = N_("This time is not offered. These are the next free ones.")


class NotInArea(Invalid):
    code = "not_in_area"
    says = N_("The doctor does not make home visits there.")


class Place(msgspec.Struct, frozen=True):
    """A time of a doctor that is free now and stays so until this transaction ends. She is busy ``before_minutes``
    before and ``after_minutes`` after it: buffers, and the way there. ``resources`` are booked with it. ``old_holds``:
    there are holds to clear away first, of the patient herself or such as ran out."""

    doctor_name: str
    ends_at: datetime
    fee_paise: int
    before_minutes: int
    after_minutes: int
    branch_id: UUID | None
    resources: tuple[UUID, ...]
    taken: bool
    elsewhere: bool
    old_holds: bool


class Bookable(msgspec.Struct, frozen=True):
    """A doctor whose hours nobody else sells until this transaction ends. ``areas``: of her home visits."""

    name: str
    bookable: bool
    areas: list[str] | None


class _Offer(Bookable, frozen=True):
    minutes: int | None
    fee_paise: int | None
    before_minutes: int | None
    after_minutes: int | None


def locked(also: str = "") -> str:
    """A query that locks ``:doctor_id``, with what she offers of ``:mode``, if anything."""
    return f"""
        SELECT p.name, p.bookable, o.areas, o.minutes, o.fee_paise,
            o.before_minutes + o.travel_minutes AS before_minutes, o.after_minutes + o.travel_minutes AS after_minutes
        FROM practitioners p LEFT JOIN offers o ON o.doctor_id = p.doctor_id AND o.mode = :mode
        WHERE p.doctor_id = :doctor_id {also} FOR NO KEY UPDATE OF p
    """


async def claim(
    tx: ClinicTx,
    *,
    doctor_id: UUID,
    mode: Mode,
    starts_at: datetime,
    patient: UUID,
    but: UUID | None = None,
    area: str | None = None,
    doctor: Bookable | None = None,
) -> Place:
    """Lock what becomes scarcer, then look: one transaction at a time sells the hours of one doctor.

    ``but``: a visit that is to be moved here; what it takes now counts as free. ``area``: PIN code of a home visit.
    ``doctor``: the caller has locked her, see ``locked``. The refusals carry the next three free times as
    ``alternatives``.
    """
    if not now() - A_DAY < starts_at < now() + TWO_YEARS:
        raise NotOffered(alternatives=[])
    doctor = doctor or await _lock(tx, doctor_id, mode)
    if not doctor.bookable:
        raise NotFound
    if doctor.areas and not (area and any(area.startswith(one) for one in doctor.areas)):
        raise NotInArea
    place = await tx.maybe(
        Place,
        f"""
        SELECT :name::text AS doctor_name, ends_at, fee_paise, before_minutes, after_minutes, branch_id, resources,
            taken, elsewhere, EXISTS (
            SELECT FROM appointments a WHERE a.status IN ('held', 'requested') AND a.id IS DISTINCT FROM :but::uuid
                AND ((a.patient_id = :patient AND a.status = 'held') OR (a.hold_expires_at <= now()
                    AND busy_range(a.starts_at, a.ends_at, a.before_minutes, a.after_minutes)
                    && busy_range(o.starts_at, o.ends_at, o.before_minutes, o.after_minutes)))) AS old_holds
        FROM ({OFFERED}) o WHERE starts_at = :from_at
        """,
        name=doctor.name,
        **await asked(
            tx, [doctor_id], from_at=starts_at, to_at=starts_at + INSTANT, mode=mode, patient=patient, but=but
        ),
    )
    if place and place.elsewhere:
        raise AlreadyBooked
    if place and not place.taken:
        return place
    alternatives = await next_free(tx, doctor_id, mode, max(starts_at, now()), patient=patient, but=but)
    raise (SlotTaken(alternatives=alternatives) if place else NotOffered(alternatives=alternatives))


async def squeeze(tx: ClinicTx, *, doctor_id: UUID, mode: Mode, starts_at: datetime) -> Place:
    """A time for a visit that has no place in the calendar: whatever else is then, as long as the doctor offers this
    kind of visit."""
    if not now() - A_DAY < starts_at < now() + TWO_YEARS:
        raise NotOffered(alternatives=[])
    offer = await _lock(tx, doctor_id, mode)
    if not offer.bookable:
        raise NotFound
    if offer.minutes is None or offer.fee_paise is None or offer.before_minutes is None or offer.after_minutes is None:
        raise NotOffered(alternatives=[])
    ends_at = starts_at + timedelta(minutes=offer.minutes)
    return Place(
        offer.name,
        ends_at,
        offer.fee_paise,
        offer.before_minutes,
        offer.after_minutes,
        None,
        (),
        taken=False,
        elsewhere=False,
        old_holds=True,
    )


async def _lock(tx: ClinicTx, doctor_id: UUID, mode: Mode) -> _Offer:
    found = await tx.maybe(_Offer, locked(), doctor_id=doctor_id, mode=mode)
    if found is None:
        raise NotFound
    return found
