from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from svastha.domain.patients import HERS, Guardian
from svastha.domain.schedule import AlreadyBooked, Mode, SlotTaken
from svastha.kit.db import Batch
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict, Forbidden
from svastha.kit.sealed import Sealed

SEALED = (Sealed("appointments", "reason"),)

Status = Literal[
    "held",
    "requested",
    "confirmed",
    "checked_in",
    "in_progress",
    "completed",
    "expired",
    "declined",
    "cancelled",
    "no_show",
]
Placed = Literal["booked", "squeezed", "walk_in"]
Kind = Literal["first", "follow_up", "series"]

# From each status, where a visit may go. A visit that is moved to another time stays what it was; the move is a step of
# its own, "rescheduled".
NEXT: dict[Status, tuple[Status, ...]] = {
    "held": ("requested", "confirmed", "cancelled", "expired"),
    "requested": ("confirmed", "declined", "cancelled", "expired"),
    "confirmed": ("checked_in", "in_progress", "cancelled", "no_show"),
    "checked_in": ("in_progress", "confirmed", "cancelled", "no_show"),
    "in_progress": ("completed",),
    "completed": (),
    "expired": (),
    "declined": (),
    "cancelled": (),
    "no_show": ("checked_in",),
}
MOVABLE: tuple[Status, ...] = ("requested", "confirmed")


class Appointment(msgspec.Struct, frozen=True):
    """``version`` grows with every step and every move. ``policy``: what cancelling costs, see ``terms_of``;
    ``charge_percent`` of the fee, and so ``fee_due_paise``, are owed for cancelling or moving late, or not coming."""

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
    placed: Placed = "booked"
    kind: Kind = "first"
    branch_id: UUID | None = None
    follows_id: UUID | None = None
    series_id: UUID | None = None
    policy: int = 1
    version: int = 0
    charge_percent: int | None = None
    fee_due_paise: int | None = None
    reason: str | None = None
    as_guardian: bool = False  # whoever asks acts for the patient
    guardians: list[Guardian] = []  # who may act for her; known to whoever looks at this visit alone
    area: str | None = None  # of a home visit: its PIN code


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
    placed: Placed
    kind: Kind
    branch_id: UUID | None
    follows_id: UUID | None
    series_id: UUID | None
    policy: int
    version: int
    charge_percent: int | None
    area: str | None
    reason: bytes | None
    account_id: UUID | None


class RowForMe(Row, frozen=True):
    """``mine``: the actor is the patient, or acts for her."""

    mine: bool


_COLUMNS = """a.id, a.doctor_id, d.name AS doctor_name, a.patient_id, p.name AS patient_name, a.starts_at, a.ends_at,
    a.mode, a.status, a.fee_paise, a.hold_expires_at, a.placed, a.kind, a.branch_id, a.follows_id,
    a.series_id, a.policy, a.sequence AS version, a.charge_percent, a.area, a.reason, p.account_id"""
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
    """``from_at`` and ``to_at`` are those of a move; ``charge_percent``: of the fee, owed from this step on."""

    status: Status | Literal["rescheduled"]
    at: datetime
    by_account: UUID | None
    why: str | None
    from_at: datetime | None = None
    to_at: datetime | None = None
    charge_percent: int | None = None


TAKEN = {
    "no_two_visits_of_one_doctor": SlotTaken,
    "no_two_visits_in_one_room": SlotTaken,
    "no_two_visits_of_one_patient": AlreadyBooked,
}

# A visit, which others may ask for before the transaction ends, and the rooms it needs.
MADE = Batch(
    "INSERT INTO appointments (id, doctor_id, patient_id, starts_at, ends_at, before_minutes, after_minutes, mode,"
    " status, fee_paise, reason, hold_expires_at, made_by, branch_id, area, placed, kind, follows_id, series_id,"
    " offered, policy)"
    " SELECT id, doctor_id, patient_id, starts_at, ends_at, before_minutes, after_minutes, mode, status, fee_paise,"
    " reason::bytea, hold_expires_at, made_by, branch_id, area, placed, kind, follows_id, series_id, offered, policy"
    " FROM jsonb_to_recordset(:rows) AS r(id uuid, doctor_id uuid, patient_id uuid, starts_at timestamptz,"
    " ends_at timestamptz, before_minutes int, after_minutes int, mode text, status text, fee_paise bigint,"
    " reason text, hold_expires_at timestamptz, made_by uuid, branch_id uuid, area text, placed text, kind text,"
    " follows_id uuid, series_id uuid, offered boolean, policy int)",
    tuple(TAKEN.items()),
    read_back=True,
)
RESERVED = Batch(
    "INSERT INTO reservations (appointment_id, resource_id, during)"
    " SELECT appointment_id, resource_id, tstzrange(starts_at, ends_at) FROM jsonb_to_recordset(:rows)"
    " AS r(appointment_id uuid, resource_id uuid, starts_at timestamptz, ends_at timestamptz) ORDER BY resource_id",
    tuple(TAKEN.items()),
    read_back=True,
)
STEPS = Batch(
    "INSERT INTO appointment_steps (id, appointment_id, status, by_account, why, from_at, to_at, charge_percent)"
    " SELECT id, appointment_id, status, by_account, why, from_at, to_at, charge_percent FROM jsonb_to_recordset(:rows)"
    " AS r(id uuid, appointment_id uuid, status text, by_account uuid, why text, from_at timestamptz,"
    " to_at timestamptz, charge_percent int)"
)


class AppointmentRequested(msgspec.Struct, frozen=True):
    """Somebody who works here has to say yes or no."""

    appointment_id: UUID
    doctor_id: UUID


class AppointmentDeclined(msgspec.Struct, frozen=True):
    """By somebody who works here, or by nobody within the time there was."""

    appointment_id: UUID
    doctor_id: UUID


class AppointmentRescheduled(msgspec.Struct, frozen=True):
    """The visit has another time, and perhaps another doctor."""

    appointment_id: UUID
    doctor_id: UUID
    was_doctor_id: UUID
    was_at: datetime
    starts_at: datetime


class SeriesBooked(msgspec.Struct, frozen=True):
    """Visits that were booked together, of which this is the first; the others are not announced."""

    appointment_id: UUID
    doctor_id: UUID
    series_id: UUID


class VisitDisplaced(msgspec.Struct, frozen=True):
    """The doctor of a visit will be away then."""

    appointment_id: UUID
    leave_id: UUID


class VisitStands(msgspec.Struct, frozen=True):
    """She is there after all, and the visit is as it was."""

    appointment_id: UUID


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


class AppointmentAdvanced(msgspec.Struct, frozen=True):
    """She is here, or with the doctor. Whose time is whose stays as it is: pages follow it, and it leaves no jobs."""

    appointment_id: UUID
    doctor_id: UUID
    status: Status


class HoldEnds(msgspec.Struct, frozen=True):
    """A hold has run out unless it was used meanwhile."""

    appointment_id: UUID


class Remind(msgspec.Struct, frozen=True):
    """It is time to remind of a visit that starts then; void if it was moved. ``minutes`` before it, as the clinic
    wants; ``since``: when this was planned; ``person``: of several people this one alone."""

    appointment_id: UUID
    starts_at: datetime
    minutes: int = 0
    since: datetime | None = None
    person: UUID | None = None


class SaidLate(msgspec.Struct, frozen=True):
    """The patient runs late by about so many minutes, she says."""

    appointment_id: UUID
    doctor_id: UUID
    minutes: int


class NotPossibleNow(Conflict):
    code = "not_possible_now"
    says = N_("This cannot be done with the visit as it is now.")


class TimeGiven(Conflict):
    code = "time_given"
    says = N_("This time was given to somebody else meanwhile.")


class MovedMeanwhile(Conflict):
    code = "visit_moved_meanwhile"
    says = N_("Somebody else has changed this visit meanwhile. This is how it is now.")


class DoctorOnly(Forbidden):
    code = "doctor_only"
    says = N_("Only the doctor of this visit may do this.")


class NotYours(Forbidden):
    code = "doctor_and_patient_only"
    says = N_("Only the doctor and the patient of this visit may do this.")
