"""One doctor, several clinics: hours are asked for here before a clinic sets them, and no hour is given to two."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from svastha.kit.clock import zone as zone_of
from svastha.kit.db import ControlTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import Conflict

Rules = Sequence[dict[str, Any]]  # as ``schedule.working_rules`` tells them


class WorksElsewhere(Conflict):
    """``clinic``: its name. ``starts_at``, ``ends_at``: the first time that two clinics would share."""

    code = "works_elsewhere"
    says = N_("The doctor already works at {clinic} then: on {day} from {opens} to {closes}.")


class _Shared(msgspec.Struct, frozen=True):
    name: str
    starts_at: datetime
    ends_at: datetime


async def works_elsewhere(tx: ControlTx, *, doctor_id: UUID, clinic_id: UUID, zone: str, rules: Rules) -> None:
    """Looks and changes nothing. Raises :class:`WorksElsewhere`."""
    shared = await tx.maybe(
        _Shared,
        "SELECT name, starts_at, ends_at FROM works_elsewhere(:doctor_id, :clinic_id, :zone, :rules)",
        doctor_id=doctor_id,
        clinic_id=clinic_id,
        zone=zone,
        rules=list(rules),
    )
    if shared:
        starts, ends = (at.astimezone(zone_of(zone)) for at in (shared.starts_at, shared.ends_at))
        raise WorksElsewhere(
            clinic=shared.name,
            starts_at=shared.starts_at.isoformat(),
            ends_at=shared.ends_at.isoformat(),
            day=f"{starts:%Y-%m-%d}",
            opens=f"{starts:%H:%M}",
            closes=f"{ends:%H:%M}",
        )


async def claim_hours(tx: ControlTx, *, doctor_id: UUID, clinic_id: UUID, zone: str, rules: Rules) -> None:
    """Hours that a clinic is about to set. They are kept from others beside those it has, until it has published.

    The clinic holds its practitioner until its own change is committed, so that it publishes nothing in between.
    """
    await tx.run("SELECT FROM doctors WHERE id = :doctor_id FOR NO KEY UPDATE", doctor_id=doctor_id)
    await works_elsewhere(tx, doctor_id=doctor_id, clinic_id=clinic_id, zone=zone, rules=rules)
    await tx.run(
        "INSERT INTO working_hours (doctor_id, clinic_id, next, zone, rules)"
        " VALUES (:doctor_id, :clinic_id, true, :zone, :rules)"
        " ON CONFLICT (doctor_id, clinic_id, next) DO UPDATE SET zone = excluded.zone, rules = excluded.rules",
        doctor_id=doctor_id,
        clinic_id=clinic_id,
        zone=zone,
        rules=list(rules),
    )


async def publish_hours(tx: ControlTx, *, doctor_id: UUID, clinic_id: UUID, zone: str, rules: Rules) -> None:
    """What the clinic has set: exactly this is kept from others. Looked at again once a day, as the days move on.

    Raises :class:`WorksElsewhere` for hours that were set before anybody asked.
    """
    await tx.run("SELECT FROM doctors WHERE id = :doctor_id FOR NO KEY UPDATE", doctor_id=doctor_id)
    known = await tx.value(
        "SELECT (zone, rules, looked_on) = (:zone, :rules::jsonb, current_date) FROM working_hours"
        " WHERE doctor_id = :doctor_id AND clinic_id = :clinic_id AND NOT next",
        doctor_id=doctor_id,
        clinic_id=clinic_id,
        zone=zone,
        rules=list(rules),
    )
    if not known:
        await works_elsewhere(tx, doctor_id=doctor_id, clinic_id=clinic_id, zone=zone, rules=rules)
        await tx.run(
            "INSERT INTO working_hours (doctor_id, clinic_id, next, zone, rules)"
            " VALUES (:doctor_id, :clinic_id, false, :zone, :rules) ON CONFLICT (doctor_id, clinic_id, next)"
            " DO UPDATE SET zone = excluded.zone, rules = excluded.rules, looked_on = excluded.looked_on",
            doctor_id=doctor_id,
            clinic_id=clinic_id,
            zone=zone,
            rules=list(rules),
        )
    await tx.run(
        "DELETE FROM working_hours WHERE doctor_id = :doctor_id AND clinic_id = :clinic_id AND next",
        doctor_id=doctor_id,
        clinic_id=clinic_id,
    )
