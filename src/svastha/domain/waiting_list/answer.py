"""What is said to an offer, and leaving the list.

All of it locks in the order of a booking: the patient, the doctor, the visit, then what this room keeps about it.
"""

from uuid import UUID

from svastha.domain import appointments, audit, patients
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.domain.waiting_list.access import DOCTORS, LIVE, seen_by
from svastha.domain.waiting_list.model import Entry, Look, OfferOver, WaitOver
from svastha.kit.db import ClinicTx
from svastha.kit.outbox import announce


async def accept(tx: ClinicTx, actor: Actor, entry_id: UUID) -> Appointment:
    """The time that is offered becomes a visit, and she has waited long enough. Raises OfferOver once it ran out, even
    where nobody else has it yet."""
    entry = await seen_by(tx, actor, entry_id, trace=False)
    offer = entry.open_offer
    if offer is None:
        raise OfferOver
    booked = await appointments.book(
        tx,
        actor,
        doctor_id=offer.doctor_id,
        starts_at=offer.starts_at,
        mode=entry.mode,
        patient_id=entry.patient_id,
        hold_id=offer.id,
        area=entry.area,
    )
    await answered(tx, offer.id, "taken")
    await end(tx, entry_id, "taken", actor.account_id)
    return booked


async def decline(tx: ClinicTx, actor: Actor, entry_id: UUID) -> Entry:
    """No to this time; she keeps her place for the next. From the commit on it is the next in line's."""
    entry = await seen_by(tx, actor, entry_id, trace=False)
    await patients.seen_by(tx, actor, entry.patient_id, lock=True)
    offer = entry.open_offer
    if offer is None or not await appointments.let_go(tx, actor.account_id, offer.id):
        if entry.offers and entry.offers[0].answer == "declined":  # said so already
            return entry
        raise OfferOver
    await answered(tx, offer.id, "declined")
    audit.note(tx, actor.account_id, "decline", "waiting_list_entry", entry_id, whose=entry.patient_id)
    await look_for(tx, entry.patient_id)
    return await seen_by(tx, actor, entry_id, trace=False)


async def leave(tx: ClinicTx, actor: Actor, entry_id: UUID) -> None:
    """Whenever she likes; what is offered to her goes to the next. Leaving twice changes nothing."""
    entry = await seen_by(tx, actor, entry_id, trace=False)
    await patients.seen_by(tx, actor, entry.patient_id, lock=True)
    if offer := entry.open_offer:
        await appointments.let_go(tx, actor.account_id, offer.id)
        await answered(tx, offer.id, "declined")
    if await end(tx, entry_id, "left", actor.account_id):
        audit.note(tx, actor.account_id, "leave", "waiting_list_entry", entry_id, whose=entry.patient_id)
        await look_for(tx, entry.patient_id)
    elif entry.state != "left":
        raise WaitOver


async def answered(tx: ClinicTx, hold_id: UUID, answer: str) -> None:
    await tx.run(
        "UPDATE waiting_list_offers SET answer = :answer, answered_at = now()"
        " WHERE appointment_id = :id AND answer IS NULL",
        id=hold_id,
        answer=answer,
    )


async def end(tx: ClinicTx, entry_id: UUID, how: str, by: UUID | None = None) -> bool:
    """False if it had ended before."""
    return bool(
        await tx.run(
            "UPDATE waiting_list SET ended = :how, ended_at = now(), ended_by = :by"
            " WHERE id = :id AND ended_at IS NULL",
            id=entry_id,
            how=how,
            by=by,
        )
    )


async def look_for(tx: ClinicTx, patient_id: UUID) -> None:
    """Whose offer has ended may have one of any doctor she waits for: what was free meanwhile nobody told her of."""
    doctors: list[UUID] | None = await tx.value(
        f"SELECT array_agg(DISTINCT one) FROM waiting_list w, unnest({DOCTORS}) one"
        f" WHERE w.patient_id = :patient_id AND {LIVE}",
        patient_id=patient_id,
        zone=tx.clinic.zone,
    )
    for doctor in doctors or ():
        announce(tx, Look(doctor))
