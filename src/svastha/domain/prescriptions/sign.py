import asyncio
import hashlib
from uuid import UUID

import msgspec

from svastha.domain import appointments, audit
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Visit
from svastha.domain.clinics import ClinicCard
from svastha.domain.doctors import Doctor
from svastha.domain.prescriptions.code import new_code
from svastha.domain.prescriptions.model import (
    SIGNED_IN,
    NotSeenYet,
    NotVerified,
    Prescription,
    PrescriptionChanged,
    PrescriptionSigned,
)
from svastha.domain.prescriptions.paper import on_paper
from svastha.domain.prescriptions.read import newest
from svastha.domain.prescriptions.render import render
from svastha.domain.prescriptions.terms import Lang
from svastha.kit.clock import now, zone
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid


async def sign(
    tx: ClinicTx,
    actor: Actor,
    appointment_id: UUID,
    *,
    doctor: Doctor | None,
    clinic: ClinicCard,
    site: str,
    if_version: int | None = None,
) -> Prescription:
    """Print, keep and lock what was written, or refuse if that is not the version which was read. ``doctor`` is the
    actor as the platform knows her. A repetition changes nothing."""
    visit = await appointments.attended_by(tx, actor, appointment_id)
    if doctor is None or doctor.id != actor.account_id or not doctor.may_practise:
        raise NotVerified
    if visit.appointment.status not in SIGNED_IN:
        raise NotSeenYet
    written = await newest(tx, appointment_id, lock=True)
    if written.signed_at:
        return written
    if if_version not in (None, written.version):
        audit.note(tx, actor.account_id, "read", "prescription", appointment_id, whose=visit.appointment.patient_id)
        raise PrescriptionChanged(version=written.version, fields=written.rx)
    if written.empty:
        raise Invalid(FieldError("items", N_("Write a medicine or some advice first.")))
    code, signed_at = new_code(tx.clinic.slug), now().replace(microsecond=0)
    paper = on_paper(
        visit,
        written,
        doctor=doctor,
        clinic=clinic,
        lang=await _language(tx, visit),
        code=code,
        verify_url=f"{site}/verify/{code}",
        signed_at=signed_at.astimezone(zone(tx.clinic.zone)),
    )
    document = await asyncio.to_thread(render, paper)
    sha256 = hashlib.sha256(document).digest()
    await tx.run(
        """
        UPDATE prescriptions SET signed_at = :signed_at, signed_by = :signed_by, code = :code, document = :document,
            document_sha256 = :sha256, doctor_name = :doctor_name, council = :council,
            registration_no = :registration_no
        WHERE appointment_id = :id
        """,
        id=appointment_id,
        signed_at=signed_at,
        signed_by=actor.account_id,
        code=code,
        document=tx.vault.seal("prescriptions", "document", appointment_id, document),
        sha256=sha256,
        doctor_name=doctor.name,
        council=doctor.council,
        registration_no=doctor.registration_no,
    )
    audit.note(tx, actor.account_id, "sign", "prescription", appointment_id, whose=visit.appointment.patient_id)
    announce(tx, PrescriptionSigned(appointment_id))
    return msgspec.structs.replace(
        written, signed_at=signed_at, code=code, verify_path=f"/verify/{code}", sha256=sha256.hex()
    )


async def _language(tx: ClinicTx, visit: Visit) -> Lang:
    """Of the person who will read it."""
    locale: str = await tx.value("SELECT locale FROM patients WHERE id = :id", id=visit.appointment.patient_id)
    return "hi" if locale == "hi" else "en"
