from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from svastha.domain.patients import HERS, Guardian
from svastha.domain.schedule import Mode
from svastha.kit.db import Batch
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, Forbidden
from svastha.kit.sealed import Sealed

SEALED = (Sealed("appointments", "reason"),)

Status = Literal["held", "confirmed", "checked_in", "in_progress", "completed", "cancelled", "no_show", "expired"]

# From each status, where a visit may go.
NEXT: dict[Status, tuple[Status, ...]] = {
    "held": ("confirmed", "cancelled", "expired"),
    "confirmed": ("checked_in", "in_progress", "cancelled", "no_show"),
    "checked_in": ("in_progress", "cancelled", "no_show"),
    "in_progress": ("completed",),
    "completed": (),
    "cancelled": (),
    "no_show": ("checked_in",),
    "expired": (),
}


class Appointment(msgspec.Struct, frozen=True):
    id: UUID
    doctor_id: UUID
    doctor_name: str
    patient_id: UUID
    patient_name: str
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    status: Status
    fee_paise: int
    hold_expires_at: datetime | None
    clinic: str
    reason: str | None = None
    as_guardian: bool = False  # whoever asks acts for the patient
    guardians: list[Guardian] = []  # who may act for her; known to whoever looks at this visit alone


class Row(msgspec.Struct, frozen=True):
    """As stored; ``reason`` is sealed."""

    id: UUID
    doctor_id: UUID
    doctor_name: str
    patient_id: UUID
    patient_name: str
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    status: Status
    fee_paise: int
    hold_expires_at: datetime | None
    reason: bytes | None
    account_id: UUID | None


class RowForMe(Row, frozen=True):
    """``mine``: the actor is the patient, or acts for her."""

    mine: bool


_COLUMNS = """a.id, a.doctor_id, d.name AS doctor_name, a.patient_id, p.name AS patient_name, a.starts_at, a.ends_at,
    a.mode, a.status, a.fee_paise, a.hold_expires_at, a.reason, p.account_id"""
_FROM = "FROM appointments a JOIN practitioners d USING (doctor_id) JOIN patients p ON p.id = a.patient_id"
ROWS = f"SELECT {_COLUMNS} {_FROM}"
MINE = f"a.patient_id = ANY({HERS})"  # of ``:me``
ROWS_FOR_ME = f"SELECT {_COLUMNS}, {MINE} AS mine {_FROM}"


class Visit(msgspec.Struct, frozen=True):
    """An appointment as its doctor or its patient sees it; ``as_doctor`` and ``as_patient`` say who is looking, whoever
    acts for the patient being as she is. ``guardians``: who acts or acted for her. ``started_at`` is known while it is
    in progress."""

    appointment: Appointment
    patient_account_id: UUID | None
    as_doctor: bool
    as_patient: bool
    birth_date: date | None
    sex: str | None
    city: str
    started_at: datetime | None = None
    guardians: tuple[Guardian, ...] = ()


class Step(msgspec.Struct, frozen=True):
    status: Status
    at: datetime
    by_account: UUID | None
    why: str | None


STEPS = Batch(
    "INSERT INTO appointment_steps (id, appointment_id, status, by_account, why)"
    " SELECT id, appointment_id, status, by_account, why FROM jsonb_to_recordset(:rows)"
    " AS r(id uuid, appointment_id uuid, status text, by_account uuid, why text)"
)


class AppointmentHeld(msgspec.Struct, frozen=True):
    appointment_id: UUID
    doctor_id: UUID


class AppointmentBooked(msgspec.Struct, frozen=True):
    appointment_id: UUID
    doctor_id: UUID


class AppointmentCancelled(msgspec.Struct, frozen=True):
    appointment_id: UUID
    doctor_id: UUID
    was: Status


class AppointmentMoved(msgspec.Struct, frozen=True):
    """Any other step in its life."""

    appointment_id: UUID
    doctor_id: UUID
    status: Status


class HoldEnds(msgspec.Struct, frozen=True):
    """A hold has run out unless it was used meanwhile."""

    appointment_id: UUID


class Remind(msgspec.Struct, frozen=True):
    """It is time to remind of a visit that starts then; void if it was moved."""

    appointment_id: UUID
    starts_at: datetime


class NotPossibleNow(Conflict):
    code = "not_possible_now"
    says = N_("This cannot be done with the visit as it is now.")


class TimeGiven(Conflict):
    code = "time_given"
    says = N_("This time was given to somebody else meanwhile.")


class DoctorOnly(Forbidden):
    code = "doctor_only"
    says = N_("Only the doctor of this visit may do this.")


class NotYours(Forbidden):
    code = "doctor_and_patient_only"
    says = N_("Only the doctor and the patient of this visit may do this.")
