from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain.schedule.free import OFFERED, next_free
from svastha.domain.schedule.model import Mode
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, Invalid, NotFound

A_DAY, TWO_YEARS = timedelta(days=1), timedelta(days=731)


class SlotTaken(Conflict):
    code = "slot_taken"
    says = N_("Somebody has just taken this time. These are the next free ones.")


class AlreadyBooked(Conflict):
    code = "already_booked"
    says = N_("There is already a visit at this time.")


class NotOffered(Invalid):
    code = "time_not_offered"
    says = N_("This time is not offered. These are the next free ones.")


class Place(msgspec.Struct, frozen=True):
    """A time of a doctor that is free now and stays so until this transaction ends. ``old_holds``: there are holds to
    clear away first, of the patient herself or such as ran out."""

    doctor_name: str
    ends_at: datetime
    fee_paise: int
    taken: bool
    elsewhere: bool
    old_holds: bool


async def claim(tx: ClinicTx, *, doctor_id: UUID, mode: Mode, starts_at: datetime, patient: UUID) -> Place:
    """Lock what becomes scarcer, then look: one transaction at a time sells the hours of one doctor.

    The refusals carry the next three free times as ``alternatives``.
    """
    if not now() - A_DAY < starts_at < now() + TWO_YEARS:
        raise NotOffered(alternatives=[])
    name = await tx.value(
        "SELECT name FROM practitioners WHERE doctor_id = :doctor_id AND bookable FOR NO KEY UPDATE",
        doctor_id=doctor_id,
    )
    if name is None:
        raise NotFound
    place = await tx.maybe(
        Place,
        f"""
        SELECT :name::text AS doctor_name, ends_at, fee_paise, taken, elsewhere, EXISTS (
            SELECT FROM appointments a WHERE a.status = 'held' AND (a.patient_id = :patient OR (
                a.doctor_id = o.doctor_id AND a.hold_expires_at <= now()
                AND tstzrange(a.starts_at, a.ends_at) && tstzrange(o.starts_at, o.ends_at)))) AS old_holds
        FROM ({OFFERED}) o WHERE starts_at = :from_at
        """,
        name=name,
        doctors=[doctor_id],
        from_at=starts_at,
        to_at=starts_at + timedelta(microseconds=1),
        mode=mode,
        patient=patient,
    )
    if place and place.elsewhere:
        raise AlreadyBooked
    if place and not place.taken:
        return place
    alternatives = await next_free(tx, doctor_id, mode, max(starts_at, now()), patient=patient)
    raise (SlotTaken(alternatives=alternatives) if place else NotOffered(alternatives=alternatives))
