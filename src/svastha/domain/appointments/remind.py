from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from svastha.domain import notifications, patients, schedule
from svastha.domain.appointments.access import for_verification
from svastha.domain.appointments.displaced import away
from svastha.domain.appointments.hush import told_id
from svastha.domain.appointments.model import Appointment, AppointmentRescheduled, Remind
from svastha.domain.appointments.quiet import FINAL, LATE, distance, moment, quiet_since, quiet_until
from svastha.domain.appointments.tell import tell_one
from svastha.domain.patients import Told
from svastha.domain.schedule import HouseRules
from svastha.kit.clock import now, zone
from svastha.kit.db import ClinicTx, ControlTx
from svastha.kit.outbox import later

STANDING = ("confirmed", "checked_in")


async def plan_reminders(tx: ClinicTx, appointment_id: UUID, patient_id: UUID, starts_at: datetime) -> None:
    """Committed with the booking itself, or with the move. What would be in the past already is left out."""
    zones = [one.zone for one in await patients.told_about(tx, patient_id)]
    remind_in_time(tx, appointment_id, starts_at, await schedule.house_rules(tx), zones)


def remind_in_time(
    tx: ClinicTx, appointment_id: UUID, starts_at: datetime, rules: HouseRules, zones: Sequence[str]
) -> None:
    """The same, with the zones of those who are told known already."""
    since = now()
    for before in rules.remind_before:
        ats = [moment(starts_at, before, rules, zone(one)) for one in zones] or [starts_at - before]
        if coming := [at for at in ats if at > since]:
            _plan(tx, Remind(appointment_id, starts_at, _minutes(before), since), min(coming))


async def plan_anew(tx: ClinicTx, event: AppointmentRescheduled) -> None:
    """The visit has another time: what was planned for the old one is void."""
    visit = await for_verification(tx, event.appointment_id)
    if visit.status in STANDING and visit.starts_at == event.starts_at:
        await plan_reminders(tx, visit.id, visit.patient_id, visit.starts_at)


async def remind(tx: ClinicTx, job: Remind, *, control: ControlTx, site: str, secret: str) -> None:
    """Silent when the visit was cancelled or moved, has begun, or is over, and where its doctor will be away. Each
    person is reminded once, when her own moment has come, if she wants this one and the next is not due as well."""
    visit = await for_verification(tx, job.appointment_id)
    if visit.status not in STANDING or visit.starts_at != job.starts_at or visit.starts_at <= now():
        return
    if await away(tx, visit.id):
        return
    rules = await schedule.house_rules(tx)
    for person in await patients.told_about(tx, visit.patient_id):
        if job.person in (None, person.key):
            await _remind(tx, job, visit, rules, person, control=control, site=site, secret=secret)


async def _remind(
    tx: ClinicTx,
    job: Remind,
    visit: Appointment,
    rules: HouseRules,
    person: Told,
    *,
    control: ControlTx,
    site: str,
    secret: str,
) -> None:
    wants = await notifications.reminders_of(control, person.account_id)
    before, where, current = timedelta(minutes=job.minutes), zone(person.zone), now()
    at = moment(visit.starts_at, before, rules, where)
    if distance(before) not in wants.wanted or (job.since and at <= job.since):
        return
    if at > current:
        _plan(tx, Remind(job.appointment_id, job.starts_at, job.minutes, job.since, person.key), at)
        return
    shorter = [one for one in rules.remind_before if one < before and distance(one) in wants.wanted]
    if any(moment(visit.starts_at, one, rules, where) <= current for one in shorter):
        return
    if before > FINAL and current > at + LATE and quiet_since(current, rules, where):  # this worker was away
        if (morning := quiet_until(current, rules, where)) < visit.starts_at:
            _plan(tx, Remind(job.appointment_id, job.starts_at, job.minutes, job.since, person.key), morning)
        return
    if await _first(tx, job, before, person.key):
        await tell_one(
            tx,
            visit,
            "visit_reminder",
            person,
            site=site,
            secret=secret,
            until=visit.starts_at,
            told_id=told_id(visit.id, job.starts_at, before, person.key),
            channel=wants.channel,
        )


async def _first(tx: ClinicTx, job: Remind, before: timedelta, person: UUID) -> bool:
    return bool(
        await tx.run(
            "INSERT INTO reminders (appointment_id, starts_at, before, person)"
            " VALUES (:id, :starts_at, :before, :person) ON CONFLICT ON CONSTRAINT reminded_once DO NOTHING",
            id=job.appointment_id,
            starts_at=job.starts_at,
            before=before,
            person=person,
        )
    )


def _plan(tx: ClinicTx, job: Remind, at: datetime) -> None:
    """The moment belongs to the key: whoever is found too early while this one is done comes again."""
    key = f"{job.appointment_id}/{job.starts_at:%Y%m%dT%H%M}/{job.minutes}/{job.person or ''}/{at:%Y%m%dT%H%M}"
    later(tx, job, run_at=at, key=key)


def _minutes(before: timedelta) -> int:
    return int(before.total_seconds() // 60)
