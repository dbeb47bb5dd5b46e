from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import audit, schedule
from svastha.domain.appointments.answered import answered
from svastha.domain.appointments.charge import charged
from svastha.domain.appointments.clear import clear
from svastha.domain.appointments.hush import hush
from svastha.domain.appointments.insert import busy
from svastha.domain.appointments.model import (
    MOVABLE,
    TAKEN,
    AppointmentRescheduled,
    HoldEnds,
    MovedMeanwhile,
    NotPossibleNow,
    Placed,
    Status,
)
from svastha.domain.appointments.step import moved
from svastha.domain.schedule import AlreadyBooked, Mode, Place, TimesChanged
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce, later


class _Was(msgspec.Struct, frozen=True):
    doctor_id: UUID
    patient_id: UUID
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    status: Status
    placed: Placed
    hold_expires_at: datetime | None
    fee_paise: int
    area: str | None
    version: int
    doctor_away: bool


_WAS = """SELECT a.doctor_id, a.patient_id, a.starts_at, a.ends_at, a.mode, a.status, a.placed, a.hold_expires_at,
    a.fee_paise, a.area, a.sequence AS version, EXISTS (SELECT FROM displacements d
        WHERE d.appointment_id = a.id AND d.answered_at IS NULL) AS doctor_away
    FROM appointments a WHERE a.id = :id"""


async def move(
    tx: ClinicTx,
    appointment_id: UUID,
    *,
    starts_at: datetime,
    by: UUID | None,
    doctor_id: UUID | None = None,
    mode: Mode | None = None,
    why: str | None = None,
    for_patient: bool = True,
    if_version: int | None = None,
    noted: str | None = None,
) -> None:
    """To another time, doctor or mode, under the same lock and the same constraints as a booking. The caller has
    established whose wish it is.

    The visit stays the same visit, a request stays a request, and its policy and its links remain. ``for_patient``: it
    is her wish, so it is possible until the visit begins, and her policy says what it costs; the clinic may until it
    would be over. ``if_version``: refused if somebody else changed the visit since then. Where it is already, nothing
    happens. ``noted``: how, for the audit. Raises MovedMeanwhile, NotPossibleNow, and what ``schedule.claim`` does,
    always with three other times as ``alternatives``.
    """
    was = await tx.one(_Was, _WAS, id=appointment_id)
    doctor, mode = doctor_id or was.doctor_id, mode or was.mode
    await tx.run(
        "SELECT FROM practitioners WHERE doctor_id = ANY(:doctors::uuid[]) ORDER BY doctor_id FOR NO KEY UPDATE",
        doctors=[was.doctor_id, doctor],
    )
    locked = await tx.one(_Was, f"{_WAS} FOR UPDATE OF a", id=appointment_id)
    if (doctor, starts_at, mode) == (locked.doctor_id, locked.starts_at, locked.mode):
        return
    if locked.doctor_id != was.doctor_id or if_version not in (None, locked.version):
        raise MovedMeanwhile(visit_status=locked.status, starts_at=locked.starts_at, version=locked.version)
    _possible(locked, for_patient=for_patient)
    place = await _claimed(tx, appointment_id, locked, doctor, mode, starts_at)
    charge = await charged(tx, appointment_id, "rescheduled", free=not for_patient)
    expires_at = min(locked.hold_expires_at, starts_at) if locked.hold_expires_at else None
    same = (doctor, mode) == (locked.doctor_id, locked.mode)
    # What was agreed stays agreed; whose doctor is away pays no more with another one.
    fee = locked.fee_paise if same else place.fee_paise
    if locked.doctor_away:
        fee = min(fee, locked.fee_paise)
    await _write(tx, appointment_id, place, doctor, mode, starts_at, fee, charge, expires_at)
    await hush(tx, appointment_id)
    await answered(tx, appointment_id, "moved", by)
    moved(tx, appointment_id, by, why, locked.starts_at, starts_at, charge_percent=charge)
    audit.note(tx, by, "rescheduled", "appointment", appointment_id, whose=locked.patient_id, why=noted)
    announce(tx, AppointmentRescheduled(appointment_id, doctor, locked.doctor_id, locked.starts_at, starts_at))
    if doctor != locked.doctor_id:
        announce(tx, TimesChanged(locked.doctor_id))
    if expires_at and expires_at != locked.hold_expires_at:
        later(tx, HoldEnds(appointment_id), run_at=expires_at)


def _possible(visit: _Was, *, for_patient: bool) -> None:
    over = (visit.starts_at if for_patient else visit.ends_at) <= now()
    unanswered = visit.hold_expires_at is not None and visit.hold_expires_at <= now()
    if visit.status not in MOVABLE or visit.placed == "walk_in" or over or unanswered:
        raise NotPossibleNow(visit_status=visit.status)


async def _claimed(
    tx: ClinicTx, appointment_id: UUID, was: _Was, doctor_id: UUID, mode: Mode, starts_at: datetime
) -> Place:
    patient, but = was.patient_id, appointment_id
    try:
        place = await schedule.claim(
            tx, doctor_id=doctor_id, mode=mode, starts_at=starts_at, patient=patient, but=but, area=was.area
        )
    except AlreadyBooked:
        after = max(starts_at, now())
        free = await schedule.next_free(tx, doctor_id, mode, after, patient=patient, but=but)
        raise AlreadyBooked(alternatives=free) from None
    if place.old_holds:
        await clear(tx, patient_id=patient, times=[busy(starts_at, place)], but=but)
    return place


async def _write(
    tx: ClinicTx,
    appointment_id: UUID,
    place: Place,
    doctor_id: UUID,
    mode: Mode,
    starts_at: datetime,
    fee_paise: int,
    charge_percent: int | None,
    expires_at: datetime | None,
) -> None:
    """The rooms of the old time first: they would follow the visit to the new one."""
    async with tx.refusing(**TAKEN):
        await tx.run("DELETE FROM reservations WHERE appointment_id = :id", id=appointment_id)
        await tx.run(
            """
            WITH moved AS (
                UPDATE appointments SET doctor_id = :doctor_id, starts_at = :starts_at, ends_at = :ends_at,
                    before_minutes = :before_minutes, after_minutes = :after_minutes, branch_id = :branch_id,
                    mode = :mode, fee_paise = :fee_paise, charge_percent = :charge_percent, placed = 'booked',
                    hold_expires_at = :expires_at, sequence = sequence + 1
                WHERE id = :id RETURNING id
            )
            INSERT INTO reservations (appointment_id, resource_id, during)
            SELECT moved.id, r, tstzrange(:starts_at, :ends_at) FROM moved, unnest(:resources::uuid[]) r ORDER BY r
            """,
            id=appointment_id,
            doctor_id=doctor_id,
            starts_at=starts_at,
            ends_at=place.ends_at,
            before_minutes=place.before_minutes,
            after_minutes=place.after_minutes,
            branch_id=place.branch_id,
            mode=mode,
            fee_paise=fee_paise,
            charge_percent=charge_percent,
            expires_at=expires_at,
            resources=list(place.resources),
        )
