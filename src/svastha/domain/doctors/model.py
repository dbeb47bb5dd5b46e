from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from svastha.kit.sealed import Sealed

State = Literal["draft", "submitted", "more_wanted", "verified", "refused", "suspended"]
Decision = Literal["verify", "ask_for_more", "refuse", "suspend", "reinstate"]
Step = Literal["submit", "change", "verify", "ask_for_more", "refuse", "suspend", "reinstate", "lapse", "demo"]
Kind = Literal["registration", "degree", "identity"]
KINDS: tuple[Kind, ...] = ("registration", "degree", "identity")

SEALED = (Sealed("doctor_documents", "sealed", at_once=3),)

# From each state: what may be decided, and where it leads.
DECISIONS: dict[State, dict[Decision, State]] = {
    "draft": {},
    "submitted": {"verify": "verified", "ask_for_more": "more_wanted", "refuse": "refused"},
    "more_wanted": {"refuse": "refused"},
    "verified": {"suspend": "suspended"},
    "refused": {"ask_for_more": "more_wanted"},
    "suspended": {"reinstate": "verified"},
}
NEEDS_REASON = ("ask_for_more", "refuse", "suspend")


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
    valid_to: date | None = None
    may_practise: bool = False


COLUMNS = (
    "id, name, gender, qualifications, council, registration_no, practising_since, languages, specialties, about,"
    " verified_at, suspended_at, valid_to, may_practise(doctors) AS may_practise"
)


class Council(msgspec.Struct, frozen=True):
    """A register. ``source`` says where its name was taken from, ``register_url`` where a number can be looked up."""

    code: str
    name: str
    region: str
    register_url: str | None
    source: str


class Degree(msgspec.Struct, frozen=True):
    """``degree`` is one of ``DEGREES``; ``subject`` of an MD, MS, diploma or PhD, such as Kayachikitsa."""

    degree: str
    university: str
    year: int
    subject: str = ""


DEGREES = ("BAMS", "MD", "MS", "PG Diploma", "PhD")


class Document(msgspec.Struct, frozen=True):
    """``size`` in bytes. ``replaced_at``: a later one of the same kind took its place."""

    id: UUID
    kind: Kind
    media_type: str
    size: int
    made_at: datetime
    replaced_at: datetime | None


class Verification(msgspec.Struct, frozen=True):
    """One step of an application. ``reason`` is written for the doctor to read."""

    step: Step
    at: datetime
    reason: str | None


class Application(msgspec.Struct, frozen=True):
    """Everything she said, and how it stands. ``valid_to`` is the last day of her registration, null if it has none;
    ``lapsed``: that day is over. ``version`` grows with every change a decision could depend on."""

    id: UUID
    state: State
    state_since: datetime
    version: int
    may_practise: bool
    lapsed: bool
    name: str
    gender: str | None
    council_code: str | None
    council: str
    registration_no: str
    registered_on: date | None
    valid_to: date | None
    degrees: list[Degree]
    languages: list[str]
    specialties: list[str]
    about: str
    verified_at: datetime | None
    documents: list[Document]
    history: list[Verification]


class Changes(msgspec.Struct, frozen=True):
    """What is None stays as it is. ``no_end``: the registration says no last day."""

    name: str | None = None
    gender: Literal["female", "male", "other"] | None = None
    council_code: str | None = None
    registration_no: str | None = None
    registered_on: date | None = None
    valid_to: date | None = None
    no_end: bool = False
    degrees: list[Degree] | None = None
    languages: list[str] | None = None
    specialties: list[str] | None = None
    about: str | None = None


class DoctorChanged(msgspec.Struct, frozen=True):
    """Profile or verification is new: whoever shows her must look again."""

    doctor_id: UUID


class DoctorDecided(msgspec.Struct, frozen=True):
    """She is to be told. ``template`` names the message."""

    doctor_id: UUID
    template: str


class RegistrationEnds(msgspec.Struct, frozen=True):
    """Due when the registration of a verified doctor is about to end, and again when it has."""

    doctor_id: UUID
    valid_to: date
