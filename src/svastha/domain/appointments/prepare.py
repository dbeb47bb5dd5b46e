from datetime import datetime, time, timedelta
from typing import Literal
from uuid import UUID

from svastha.domain import patients, schedule
from svastha.domain.accounts import Actor
from svastha.domain.patients import Patient
from svastha.domain.schedule import LIVE, RULES, Bookable, HouseRules, Mode
from svastha.kit.clock import now
from svastha.kit.db import PLAN_ONCE, ClinicTx
from svastha.kit.refusals import NotFound

FURTHEST = timedelta(days=731)


class Prepared(Patient, frozen=True):
    """The patient, whom nobody else books for until this transaction ends, and what else a booking has to know.

    ``taken``: somebody else's visit that stands just there. Without one the doctor is locked too: ``bookable`` is None
    if she is not. ``zones``: of those who are told about the patient's visits. ``policy``: in force today.
    ``at``: now, by the clock of the database, which also ends what is held; ours may be wrong.
    """

    taken: UUID | None
    doctor_name: str | None
    bookable: bool | None
    areas: list[str] | None
    booking: Literal["instant", "requested"]
    answer_within: timedelta
    late_after: timedelta
    late_rule: Literal["keep", "after", "end"]
    late_places: int
    remind_before: tuple[timedelta, ...]
    quiet_from: time
    quiet_until: time
    offer_minutes: int
    policy: int
    zones: list[str]
    at: datetime
    plans_once: str

    @property
    def doctor(self) -> Bookable | None:
        if self.doctor_name is None or self.bookable is None:
            return None
        return Bookable(self.doctor_name, self.bookable, self.areas)

    @property
    def rules(self) -> HouseRules:
        return HouseRules(*(getattr(self, name) for name in HouseRules.__struct_fields__))


def _prepare(patient: str) -> str:
    """``patient``: a query that locks her. She comes first, then the doctor, as in every booking."""
    return f"""
        WITH patient AS MATERIALIZED ({patient}), taken AS MATERIALIZED (
            SELECT id FROM appointments WHERE :looking AND doctor_id = :doctor_id AND starts_at = :starts_at
                AND mode = :mode AND placed = 'booked' AND status IN {LIVE} AND patient_id <> (SELECT id FROM patient)
                AND (hold_expires_at IS NULL OR hold_expires_at > now())
        ), doctor AS MATERIALIZED (
            {schedule.locked("AND :locking AND EXISTS (SELECT FROM patient) AND NOT EXISTS (SELECT FROM taken)")}
        )
        SELECT patient.*, taken.id AS taken, doctor.name AS doctor_name, doctor.bookable, doctor.areas, {RULES},
            (SELECT max(version) FROM policies) AS policy,
            ARRAY(SELECT zone FROM ({patients.told_of("(SELECT id FROM patient)")}) told) AS zones, now() AS at,
            {PLAN_ONCE} AS plans_once
        FROM patient CROSS JOIN house_rules LEFT JOIN taken ON true LEFT JOIN doctor ON true
    """


_HERSELF, _ANOTHER, _LOCKED = _prepare(patients.HERSELF), _prepare(patients.SEEN), _prepare(patients.KNOWN)


async def prepare(
    tx: ClinicTx,
    actor: Actor,
    *,
    doctor_id: UUID,
    mode: Mode,
    starts_at: datetime,
    patient_id: UUID | None,
    patient: Patient | None = None,
    hold_id: UUID | None = None,
) -> Prepared:
    """In one round trip. ``patient_id``: somebody the actor acts for, at the desk anybody; ``patient``: was locked.
    What anybody can see is gone is not worth queueing for the doctor's lock, nor is what was held. Raises NotFound."""
    asked = {
        "doctor_id": doctor_id,
        "mode": mode,
        "starts_at": starts_at,
        "locking": hold_id is None,
        "looking": hold_id is None and timedelta() < starts_at - now() < FURTHEST,
    }
    if patient:
        ready = await tx.maybe(Prepared, _LOCKED, id=patient.id, mine=patient.mine, **asked)
    elif patient_id:
        ready = await tx.maybe(Prepared, _ANOTHER, id=patient_id, **patients.seeing(tx, actor), **asked)
        if ready:
            await patients.follow(tx, actor, ready)
    else:
        ready = await tx.maybe(Prepared, _HERSELF, **patients.told_by(actor), **asked)
        if ready is None:  # not known here yet, or something of hers has changed
            return await prepare(
                tx,
                actor,
                doctor_id=doctor_id,
                mode=mode,
                starts_at=starts_at,
                patient_id=None,
                patient=await patients.own(tx, actor),
                hold_id=hold_id,
            )
    if ready is None:
        raise NotFound
    tx.plans_once()
    return ready
