"""A visit as the pages show it, to its patient, its doctor and the desk alike."""

from datetime import date, datetime, timedelta
from urllib.parse import quote
from uuid import UUID

import msgspec

from svastha.domain.appointments import MOVABLE, Visit
from svastha.domain.patients import RELATIONS
from svastha.domain.schedule import Mode
from svastha.kit.clock import now

ROOM_OPENS = timedelta(hours=1)


class Person(msgspec.Struct, frozen=True):
    name: str
    age: int | None = None
    sex: str | None = None
    city: str = ""


class Shown(msgspec.Struct, frozen=True):
    id: UUID
    clinic: str
    doctor_id: UUID
    doctor: Person
    patient: Person
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    status: str
    fee_paise: int
    reason: str | None = None
    hold_expires_at: datetime | None = None
    started_at: datetime | None = None
    placed: str = "booked"
    kind: str = "first"
    version: int = 0
    fee_due_paise: int | None = None
    as_guardian: bool = False  # whoever looks acts for the patient
    guardians: tuple[tuple[str, str], ...] = ()  # who may act for her: name, and relation in words

    @property
    def url(self) -> str:
        return f"/c/{self.clinic}/visits/{self.id}"

    @property
    def opens_at(self) -> datetime:
        """When its waiting room opens."""
        return self.starts_at - ROOM_OPENS

    @property
    def room_open(self) -> bool:
        """May the patient go into the waiting room now? A doctor who runs late keeps it open."""
        if self.mode != "video" or self.status not in ("confirmed", "checked_in", "in_progress"):
            return False
        return self.status != "confirmed" or self.opens_at <= now() <= self.ends_at

    @property
    def cancellable(self) -> bool:
        """Until it would be over; who still waits then may go home."""
        return self.status == "checked_in" or (self.status in ("requested", "confirmed") and self.ends_at > now())

    @property
    def movable(self) -> bool:
        return self.status in MOVABLE and self.starts_at > now()

    @property
    def coming(self) -> bool:
        if self.status in ("held", "requested"):
            return self.hold_expires_at is not None and self.hold_expires_at > now()
        return self.status in ("checked_in", "in_progress") or (self.status == "confirmed" and self.ends_at > now())


def shown(seen: Visit) -> Shown:
    a = seen.appointment
    age = years(seen.birth_date, now().date()) if seen.birth_date else None
    return Shown(
        a.id,
        a.clinic,
        a.doctor_id,
        Person(a.doctor_name),
        Person(a.patient_name, age, seen.sex, seen.city),
        a.starts_at,
        a.ends_at,
        a.mode,
        a.status,
        a.fee_paise,
        a.reason,
        a.hold_expires_at,
        seen.started_at,
        a.placed,
        a.kind,
        a.version,
        a.fee_due_paise,
        a.as_guardian,
        tuple((one.name, RELATIONS[one.relation]) for one in a.guardians),
    )


def years(born: date, on: date) -> int:
    """How old somebody is on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def doctor_url(clinic: str, doctor_id: UUID, mode: Mode) -> str:
    """Where her free times are."""
    return f"/doctors/{doctor_id}?clinic={quote(clinic)}&mode={mode}"
