from datetime import datetime
from uuid import UUID

import msgspec

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.consultations.admission import side, still_admitted
from svastha.domain.consultations.model import LONGEST_LINE, Admission, ChatLine
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound


async def say(tx: ClinicTx, admission: Admission, line_id: UUID, text: str) -> ChatLine:
    """One line in the chat of an open call. The writer names it, so that sending it again says it once."""
    text = text.strip()
    if not text or len(text) > LONGEST_LINE or "\x00" in text:
        raise Invalid(FieldError("text", N_("Write between 1 and 2,000 characters.")))
    appointment = (await still_admitted(tx, admission.appointment.id, admission.who)).appointment
    by_doctor = admission.who == "doctor"
    await tx.run(
        "INSERT INTO chat_lines (id, appointment_id, by_doctor, content)"
        " VALUES (:id, :appointment_id, :by_doctor, :content) ON CONFLICT (id) DO NOTHING",
        id=line_id,
        appointment_id=appointment.id,
        by_doctor=by_doctor,
        content=tx.vault.seal("chat_lines", "content", _place(appointment.id, line_id, by_doctor), text.encode()),
    )
    said = await tx.maybe(
        _Line,
        f"{_LINES} WHERE id = :id AND appointment_id = :appointment_id AND by_doctor = :by_doctor",
        id=line_id,
        appointment_id=appointment.id,
        by_doctor=by_doctor,
    )
    if said is None:  # the name is taken by a line of somebody else
        raise NotFound
    return _shown(tx, appointment, said)


async def chat(tx: ClinicTx, actor: Actor, appointment_id: UUID) -> list[ChatLine]:
    """What was written, for the doctor and the patient, also long after the call."""
    visit = await appointments.shared_by(tx, actor, appointment_id)
    return await chat_of(tx, Admission(visit.appointment, side(visit)), actor.account_id)


async def chat_of(tx: ClinicTx, admission: Admission, reader: UUID) -> list[ChatLine]:
    """In order. The caller has established that this person is on that side of the visit."""
    appointment = admission.appointment
    audit.note(tx, reader, "read", "chat", appointment.id, whose=appointment.patient_id)
    lines = await tx.all(_Line, f"{_LINES} WHERE appointment_id = :id ORDER BY at, id", id=appointment.id)
    return [_shown(tx, appointment, line) for line in lines]


class _Line(msgspec.Struct, frozen=True):
    id: UUID
    by_doctor: bool
    content: bytes
    at: datetime


_LINES = "SELECT id, by_doctor, content, at FROM chat_lines"


def _shown(tx: ClinicTx, appointment: Appointment, line: _Line) -> ChatLine:
    text = tx.vault.open("chat_lines", "content", _place(appointment.id, line.id, line.by_doctor), line.content)
    if line.by_doctor:
        return ChatLine(line.id, "doctor", appointment.doctor_name, text.decode(), line.at)
    return ChatLine(line.id, "patient", appointment.patient_name, text.decode(), line.at)


def _place(appointment_id: UUID, line_id: UUID, by_doctor: bool) -> str:
    """A line put into another chat, or into another mouth, does not open."""
    return f"{appointment_id}/{line_id}/{'doctor' if by_doctor else 'patient'}"
