"""Links in messages that do one thing for one visit without signing in.

A token is 20 bytes: whose clinic (3), which link (6), what for (1), and a signature over all of it (10); in a URL
it has 27 letters. Nothing in it says who or when: that is looked up, and asked again each time.
"""

import base64
import binascii
import hmac
import os
from datetime import datetime
from functools import lru_cache
from typing import Literal, get_args
from uuid import UUID

import msgspec

from svastha.domain import patients
from svastha.domain.appointments.access import for_verification
from svastha.domain.appointments.model import Appointment
from svastha.domain.patients import Told
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound

Purpose = Literal["all", "come", "late", "move", "cancel"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
OPEN = ("requested", "confirmed", "checked_in")


class Token(msgspec.Struct, frozen=True):
    """``tag`` says which clinic, see :func:`leads_to`."""

    tag: bytes
    id: bytes
    purpose: Purpose


class Link(msgspec.Struct, frozen=True):
    """A link that was followed. ``moved``: the visit has another time than when the message was sent; ``over``: nothing
    can be said about it any more. Either way nothing can be done with the link."""

    visit: Appointment
    purpose: Purpose
    person: Told
    moved: bool
    version: int
    will_come_at: datetime | None
    late_minutes: int | None

    @property
    def over(self) -> bool:
        return self.visit.status not in OPEN or self.visit.ends_at <= now()

    def is_for(self, purpose: Purpose) -> bool:
        return self.purpose in ("all", purpose) and not self.moved and not self.over


async def links_for(tx: ClinicTx, visit: Appointment, person: Told, *, secret: str) -> dict[Purpose, str]:
    """Tokens by purpose; the same in all messages to her about the visit at this time."""
    id: bytes = await tx.value(
        "INSERT INTO visit_links (id, appointment_id, starts_at, person) VALUES (:id, :visit, :starts_at, :person)"
        " ON CONFLICT ON CONSTRAINT one_link_per_person_and_time DO UPDATE SET person = excluded.person RETURNING id",
        id=os.urandom(6),
        visit=visit.id,
        starts_at=visit.starts_at,
        person=person.key,
    )
    tag = _tag(secret, tx.clinic.id)
    return {purpose: _written(secret, tag + id + bytes([place])) for place, purpose in enumerate(PURPOSES)}


def token_of(text: str, *, secret: str) -> Token:
    """Raises NotFound for anything this house has not signed."""
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise NotFound from None
    if len(raw) != 20 or not hmac.compare_digest(raw[10:], _signature(secret, raw[:10])) or raw[9] >= len(PURPOSES):
        raise NotFound
    return Token(raw[:3], raw[3:9], PURPOSES[raw[9]])


def leads_to(token: Token, clinic_id: UUID, *, secret: str) -> bool:
    """May it be a link of this clinic? Of a few thousand clinics two may look alike; their links do not."""
    return token.tag == _tag(secret, clinic_id)


class _Row(msgspec.Struct, frozen=True):
    appointment_id: UUID
    person: UUID
    moved: bool
    version: int
    will_come_at: datetime | None
    late_minutes: int | None


async def followed(tx: ClinicTx, token: Token, *, lock: bool = False) -> Link:
    """Raises NotFound for no link of this clinic, and for one of somebody who is no longer told about the patient.
    With ``lock`` the visit stays as it is until this transaction ends."""
    row = await tx.maybe(
        _Row,
        "SELECT l.appointment_id, l.person, l.starts_at <> a.starts_at AS moved, a.sequence AS version,"
        " a.will_come_at, a.late_minutes"
        " FROM visit_links l JOIN appointments a ON a.id = l.appointment_id WHERE l.id = :id"
        + (" FOR UPDATE OF a" if lock else ""),
        id=token.id,
    )
    if row is None:
        raise NotFound
    visit = await for_verification(tx, row.appointment_id)
    people = await patients.told_about(tx, visit.patient_id)
    person = next((one for one in people if one.key == row.person), None)
    if person is None:
        raise NotFound
    return Link(visit, token.purpose, person, row.moved, row.version, row.will_come_at, row.late_minutes)


@lru_cache(maxsize=100_000)  # each use of a link asks of every clinic
def _tag(secret: str, clinic_id: UUID) -> bytes:
    return hmac.digest(secret.encode(), b"clinic of a visit link\0" + clinic_id.bytes, "sha256")[:3]


def _signature(secret: str, raw: bytes) -> bytes:
    return hmac.digest(secret.encode(), b"visit link\0" + raw, "sha256")[:10]


def _written(secret: str, raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw + _signature(secret, raw)).rstrip(b"=").decode()
