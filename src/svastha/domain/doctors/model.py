from datetime import datetime
from uuid import UUID

import msgspec


class Doctor(msgspec.Struct, frozen=True):
    """``id`` is the id of her account. ``council`` and ``registration_no`` together name her registration."""

    id: UUID
    name: str
    gender: str
    qualifications: str
    council: str
    registration_no: str
    practising_since: int
    languages: list[str]
    specialties: list[str]
    about: str
    verified_at: datetime | None
    suspended_at: datetime | None


COLUMNS = (
    "id, name, gender, qualifications, council, registration_no, practising_since, languages, specialties, about,"
    " verified_at, suspended_at"
)


class DoctorChanged(msgspec.Struct, frozen=True):
    """Profile or verification is new: whoever shows her must look again."""

    doctor_id: UUID
