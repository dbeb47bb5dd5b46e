from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

import msgspec

from svastha.domain.appointments import Kind, Placed, Status
from svastha.domain.schedule import Mode
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict
from svastha.kit.sealed import Sealed

SEALED = (Sealed("queue_entries", "priority_why", key="appointment_id"),)

Priority = Literal["none", "emergency", "elderly", "pregnant"]
How = Literal["desk", "qr", "online"]

# Why an expected wait is no longer what it was.
Cause = Literal[
    "priority",  # somebody who must not wait came in before her
    "came_ahead",  # somebody whose turn is before hers came, or was called back
    "moved_back",  # she was not there when her turn came, or goes to another doctor
    "moved_up",  # her own turn was put forward
    "somebody_left",  # who was before her has gone, or goes behind her
    "not_come",  # who was booked before her is not here
    "visit_longer",
    "visit_shorter",
    "doctor_late",  # has not begun, or says so
    "doctor_began",
    "doctor_away",  # nobody is with her, and nobody is called
]
CAUSES: tuple[Cause, ...] = get_args(Cause)


class Shown(msgspec.Struct, frozen=True):
    """The wait she was last told, in minutes from ``at`` on, and who was before her then; kept until it no longer
    holds. ``cause``: why it was not what was said before, at ``cause_at``."""

    low: int
    high: int
    at: datetime
    ahead: tuple[UUID, ...]
    begun: bool  # had the doctor begun?
    cause: Cause | None = None
    cause_at: datetime | None = None


class Turn(msgspec.Struct, frozen=True):
    """One visit of a doctor's day, as the queue sees it. What has no number has not arrived."""

    appointment_id: UUID
    doctor_id: UUID
    patient_id: UUID
    patient_name: str
    mode: Mode
    kind: Kind
    placed: Placed
    status: Status
    starts_at: datetime
    began_at: datetime | None = None  # in progress since
    number: int | None = None
    arrived_at: datetime | None = None
    due_at: datetime | None = None  # her place among those of the same priority
    first_due_at: datetime | None = None  # and the one before she was skipped
    priority: Priority = "none"
    called_at: datetime | None = None
    calls: int = 0
    skipped_at: datetime | None = None
    says_late: int | None = None  # minutes, says the patient
    shown: Shown | None = None

    @property
    def waiting(self) -> bool:
        return self.status == "checked_in" and self.number is not None


class Wait(msgspec.Struct, frozen=True):
    """In whole minutes: eight of ten such waits end between the two. ``cause``: why it is not what was said before, if
    that was a moment ago."""

    low: int
    high: int
    cause: Cause | None = None


class QueueMoved(msgspec.Struct, frozen=True):
    """A turn was called, skipped, called back, put forward or handed over."""

    appointment_id: UUID
    doctor_id: UUID


class QueueLate(msgspec.Struct, frozen=True):
    """The doctor says that she is late, by ``minutes``; 0: no longer."""

    doctor_id: UUID
    day: date
    minutes: int
    said_at: datetime


class NobodyWaits(Conflict):
    code = "nobody_waits"
    says = N_("Nobody is waiting.")


class NotWaiting(Conflict):
    code = "not_waiting"
    says = N_("This patient is not waiting now.")


class SameDoctor(Conflict):
    code = "same_doctor"
    says = N_("This patient is in the queue of this doctor already.")
