"""What happened elsewhere to an offer, or to somebody who waits."""

from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import appointments, patients, schedule
from svastha.domain.appointments import AppointmentBooked, AppointmentMoved
from svastha.domain.schedule import Mode
from svastha.domain.waiting_list.access import DOCTORS, LIVE
from svastha.domain.waiting_list.answer import answered, end, look_for
from svastha.domain.waiting_list.model import PATIENCE, WaitEnds, Wish, suits
from svastha.kit.clock import zone
from svastha.kit.db import ClinicTx


class _Offer(msgspec.Struct, frozen=True):
    entry_id: UUID
    patient_id: UUID
    booked: bool


async def settle(tx: ClinicTx, event: AppointmentMoved) -> None:
    """An offer ran out or was let go: it is answered, and its patient may have another. Whoever booked that very time
    in some other way has taken it."""
    if event.status not in ("expired", "cancelled"):
        return
    offer = await tx.maybe(
        _Offer,
        f"""
        SELECT o.entry_id, o.patient_id, EXISTS (SELECT FROM appointments a WHERE a.patient_id = o.patient_id
            AND a.doctor_id = o.doctor_id AND a.starts_at = o.starts_at AND a.status <> 'held'
            AND a.status IN {schedule.LIVE}) AS booked
        FROM waiting_list_offers o WHERE o.appointment_id = :id AND o.answer IS NULL FOR UPDATE
        """,
        id=event.appointment_id,
    )
    if offer is None:
        return
    lapsed = event.status == "expired" and not offer.booked
    await answered(tx, event.appointment_id, "lapsed" if lapsed else "taken" if offer.booked else "declined")
    if offer.booked:
        await end(tx, offer.entry_id, "taken")
    elif lapsed:
        # What the clinic took back in between, because of leave, says nothing about her.
        silent: int = await tx.value(
            "SELECT count(*) FROM waiting_list_offers"
            " WHERE entry_id = :id AND answer = 'lapsed' AND answered_at >= expires_at",
            id=offer.entry_id,
        )
        if silent >= PATIENCE:
            await end(tx, offer.entry_id, "unanswered")
    await look_for(tx, offer.patient_id)


class _Visit(msgspec.Struct, frozen=True):
    patient_id: UUID
    doctor_id: UUID
    mode: Mode
    starts_at: datetime
    booked_at: datetime


class _Wait(Wish, frozen=True):
    id: UUID = UUID(int=0)
    hold_id: UUID | None = None
    taken: bool = False


async def follow_booking(tx: ClinicTx, event: AppointmentBooked) -> None:
    """Somebody has a visit, or a series of them: what she was waiting for has ended, whether she took an offer or found
    the time herself. What she had booked before she joined the list changes nothing: she waits for something better."""
    visits = await tx.all(
        _Visit,
        """
        SELECT a.patient_id, a.doctor_id, a.mode, a.starts_at,
            (SELECT min(s.at) FROM appointment_steps s
                WHERE s.appointment_id = a.id AND s.status IN ('requested', 'confirmed')) AS booked_at
        FROM appointments a
        WHERE (a.id = :id OR a.series_id = (SELECT s.series_id FROM appointments s WHERE s.id = :id))
            AND a.status NOT IN ('held', 'expired', 'declined', 'cancelled')
            AND EXISTS (SELECT FROM waiting_list w WHERE w.patient_id = a.patient_id AND w.ended_at IS NULL)
        ORDER BY a.starts_at, a.id
        """,
        id=event.appointment_id,
    )
    if not visits:
        return
    await patients.locked(tx, visits[0].patient_id)
    for visit in visits:
        await _end_waits(tx, visit)
    await look_for(tx, visits[0].patient_id)


async def _end_waits(tx: ClinicTx, visit: _Visit) -> None:
    where = zone(tx.clinic.zone)
    for one in await tx.all(_Wait, _WAITS, zone=tx.clinic.zone, **msgspec.structs.asdict(visit)):
        if not one.taken and not suits(one, visit.starts_at, where):
            continue
        if one.hold_id and not one.taken:
            await appointments.let_go(tx, None, one.hold_id)
        if one.hold_id:
            await answered(tx, one.hold_id, "taken" if one.taken else "declined")
        await end(tx, one.id, "taken" if one.taken else "booked")


_TAKEN = "coalesce((o.doctor_id, o.starts_at) = (:doctor_id, :starts_at), false)"
_WAITS = f"""
    SELECT w.mode, w.first_day, w.last_day, w.doctor_id, w.specialty, w.weekdays, w.parts, w.area, w.id,
        o.appointment_id AS hold_id, {_TAKEN} AS taken
    FROM waiting_list w LEFT JOIN waiting_list_offers o ON o.entry_id = w.id AND o.answer IS NULL
    WHERE w.patient_id = :patient_id AND {LIVE}
        AND ({_TAKEN} OR (w.mode = :mode AND w.joined_at <= :booked_at AND :doctor_id = ANY({DOCTORS})))
    ORDER BY w.turn
"""


async def end_wait(tx: ClinicTx, job: WaitEnds) -> None:
    """The days she waited for are over."""
    over = await tx.value(
        "SELECT last_day < (now() AT TIME ZONE :zone)::date FROM waiting_list WHERE id = :id",
        id=job.entry_id,
        zone=tx.clinic.zone,
    )
    if over:
        await end(tx, job.entry_id, "over")
