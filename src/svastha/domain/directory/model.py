from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Mode = Literal["video", "in_person", "home_visit"]
Sort = Literal["soonest", "fee", "experience"]
MOST = 50  # doctors on one page


class Offer(msgspec.Struct, frozen=True):
    """A kind of visit, how long it lasts and what it costs."""

    mode: Mode
    minutes: int
    fee_paise: int


class FreeDay(msgspec.Struct, frozen=True):
    """A day of the clinic's zone on which ``left`` visits of this kind can still be booked, from ``first_at`` on."""

    mode: Mode
    day: date
    first_at: datetime
    left: int


class Specialty(msgspec.Struct, frozen=True):
    code: str
    name_en: str
    name_hi: str


class Language(msgspec.Struct, frozen=True):
    code: str
    name_en: str
    name_hi: str


class ListedMode(msgspec.Struct, frozen=True):
    mode: Mode
    minutes: int
    fee_paise: int
    next_free_at: datetime | None


class ListedClinic(msgspec.Struct, frozen=True):
    slug: str
    name: str
    city: str
    zone: str
    modes: list[ListedMode]


class DoctorCard(msgspec.Struct, frozen=True):
    """A doctor as anybody may see her. ``fee_from_paise`` and ``next_free_at`` are those of the visits asked for."""

    id: UUID
    name: str
    gender: str
    qualifications: str
    council: str
    registration_no: str
    experience_years: int
    languages: list[str]
    specialties: list[Specialty]
    about: str
    verified: bool
    clinics: list[ListedClinic]
    fee_from_paise: int | None
    next_free_at: datetime | None


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody looks for. ``max_fee`` in paise; ``day`` in the zone of each clinic; ``clinic`` by its slug."""

    q: Annotated[str, Meta(max_length=200)] = ""
    specialty: str | None = None
    language: str | None = None
    mode: Mode | None = None
    max_fee: Annotated[int, Meta(ge=0, le=10**12)] | None = None
    gender: Literal["female", "male", "other"] | None = None
    day: date | None = None
    clinic: str | None = None
    sort: Sort = "soonest"
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 20
