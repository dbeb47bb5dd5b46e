from collections.abc import Sequence
from uuid import UUID

import msgspec

from svastha.domain import audit
from svastha.domain.accounts import Actor
from svastha.domain.schedule.access import hold, seen_by
from svastha.domain.schedule.branches import wrong_places
from svastha.domain.schedule.hours import Break, Hours, set_weekly_hours, weekly_breaks, weekly_hours
from svastha.domain.schedule.model import Offer, TimesChanged
from svastha.domain.schedule.offers import offers_of, set_offers
from svastha.domain.schedule.practise import practitioner
from svastha.domain.schedule.week import wrong_with
from svastha.kit.crypto import digest
from svastha.kit.db import ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.outbox import announce
from svastha.kit.refusals import FieldError, Invalid, Stale


class Availability(msgspec.Struct, frozen=True):
    """A doctor's week and what she offers in it, in wall-clock time of ``zone``. ``version`` is that of all of it: the
    same content has the same version."""

    doctor_id: UUID
    name: str
    zone: str
    hours: list[Hours]
    breaks: list[Break]
    offers: list[Offer]
    version: int


class AvailabilityChanged(Stale):
    """``version``: the newer one."""

    code = "availability_changed"
    says = N_("Somebody else has changed these hours meanwhile. Look at them again before you save yours.")


async def availability(tx: ClinicTx, actor: Actor, doctor_id: UUID) -> Availability:
    await seen_by(tx, actor, doctor_id, "schedule.read")
    return await _read(tx, doctor_id)


async def set_availability(
    tx: ClinicTx,
    actor: Actor,
    doctor_id: UUID,
    *,
    if_version: int,
    hours: Sequence[Hours],
    breaks: Sequence[Break],
    offers: Sequence[Offer] | None = None,
    zone: str | None = None,
) -> Availability:
    """Replaces the week as a whole; offers and zone too, unless they are left out. What is booked stays as it is.

    Raises :class:`AvailabilityChanged` when this is not written against the present version, and Invalid with the
    fields that need mending.
    """
    await seen_by(tx, actor, doctor_id, "schedule.edit")
    await hold(tx, doctor_id)
    before = await _read(tx, doctor_id)
    if before.version != if_version:
        raise AvailabilityChanged(version=before.version)
    wrong = wrong_with(hours, breaks)
    if not wrong:
        wrong = await wrong_places(tx, [(f"hours.{n}", row.branch_id, row.resources) for n, row in enumerate(hours)])
    if zone is not None and not await _is_known(tx, zone):
        wrong.append(FieldError("zone", N_("This time zone is not known.")))
    if wrong:
        raise Invalid(*wrong)
    if offers is not None and sorted(offers, key=_mode) != before.offers:
        await set_offers(tx, doctor_id, offers)
    if zone is not None and zone != before.zone:
        await tx.run("UPDATE practitioners SET zone = :zone WHERE doctor_id = :id", zone=zone, id=doctor_id)
        announce(tx, TimesChanged(doctor_id))
    await set_weekly_hours(tx, doctor_id, hours, breaks=breaks)
    audit.note(tx, actor.account_id, "change", "availability", doctor_id)
    return await _read(tx, doctor_id)


async def _read(tx: ClinicTx, doctor_id: UUID) -> Availability:
    her = await practitioner(tx, doctor_id)
    hours, breaks = await weekly_hours(tx, doctor_id), await weekly_breaks(tx, doctor_id)
    offers = await offers_of(tx, doctor_id)
    version = int.from_bytes(digest(msgspec.json.encode((her.zone, hours, breaks, offers)))[:4]) % 1_000_000_000
    return Availability(doctor_id, her.name, her.zone, hours, breaks, offers, version)


async def _is_known(tx: ClinicTx, zone: str) -> bool:
    return bool(await tx.value("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = :zone)", zone=zone))


def _mode(offer: Offer) -> str:
    return offer.mode
