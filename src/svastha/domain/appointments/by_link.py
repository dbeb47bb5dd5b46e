"""What a patient, or who acts for her, does by a link of a message. Each may be repeated and changes nothing then."""

from datetime import datetime
from uuid import UUID

from svastha.domain import audit
from svastha.domain.appointments.advance import advance_by
from svastha.domain.appointments.displaced import away
from svastha.domain.appointments.links import Link
from svastha.domain.appointments.model import AppointmentCancelled, NotPossibleNow, SaidLate
from svastha.domain.appointments.move import move
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid

LATE_CHOICES = (10, 20, 30)  # minutes
BY_LINK = "by link"


async def say_coming(tx: ClinicTx, link: Link) -> None:
    """ "I will come." Raises NotPossibleNow."""
    if not link.is_for("come"):
        raise NotPossibleNow(visit_status=link.visit.status)
    if await tx.run(
        "UPDATE appointments SET will_come_at = now() WHERE id = :id AND will_come_at IS NULL", id=link.visit.id
    ):
        _note(tx, link, "will_come")


async def say_late(tx: ClinicTx, link: Link, minutes: int) -> None:
    """For the queue and the desk to see. Raises Invalid, NotPossibleNow."""
    if minutes not in LATE_CHOICES:
        raise Invalid(FieldError("minutes", N_("Choose one of these.")))
    if not link.is_for("late"):
        raise NotPossibleNow(visit_status=link.visit.status)
    if await tx.run(
        "UPDATE appointments SET late_minutes = :minutes, late_said_at = now(),"
        " will_come_at = coalesce(will_come_at, now()) WHERE id = :id AND late_minutes IS DISTINCT FROM :minutes::int",
        id=link.visit.id,
        minutes=minutes,
    ):
        _note(tx, link, "running_late")
        announce(tx, SaidLate(link.visit.id, link.visit.doctor_id, minutes))


async def cancel_by_link(tx: ClinicTx, link: Link) -> None:
    """From the commit on the time is free for anybody. Raises NotPossibleNow."""
    visit = link.visit
    if visit.status == "cancelled" and link.purpose in ("all", "cancel") and not link.moved:
        return
    if not link.is_for("cancel"):
        raise NotPossibleNow(visit_status=visit.status)
    was = await advance_by(tx, link.person.account_id, visit.id, visit.doctor_id, "cancelled", noted=BY_LINK)
    announce(tx, AppointmentCancelled(visit.id, visit.doctor_id, was))


async def move_by_link(tx: ClinicTx, link: Link, starts_at: datetime, doctor_id: UUID | None = None) -> None:
    """To another free time with the same doctor, or while she is away with another one. The link is void then: whoever
    presses twice, or is second, is refused. Raises what ``move`` does."""
    other = doctor_id not in (None, link.visit.doctor_id)
    if not link.is_for("move") or (other and await away(tx, link.visit.id) is None):
        raise NotPossibleNow(visit_status=link.visit.status)
    await move(
        tx,
        link.visit.id,
        starts_at=starts_at,
        doctor_id=doctor_id,
        by=link.person.account_id,
        if_version=link.version,
        noted=BY_LINK,
    )


def _note(tx: ClinicTx, link: Link, action: str) -> None:
    audit.note(
        tx, link.person.account_id, action, "appointment", link.visit.id, whose=link.visit.patient_id, why=BY_LINK
    )
