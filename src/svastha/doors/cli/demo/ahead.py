"""What time has in store at the clinics: a leave and whom it concerns, requests, who waits for a time, a follow-up and
a course of treatments. Through the verbs of the rooms, as people do it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from svastha.domain import appointments, schedule, waiting_list
from svastha.domain.accounts import Grant
from svastha.domain.schedule import LeaveTaken, Mode
from svastha.domain.waiting_list import Wish
from svastha.kit.clock import now
from svastha.kit.db import ClinicTx

from . import visits
from .calls import Visit
from .clock import ZONE, moment
from .found import Ids, actor
from .plan import AWAY, FULL, GIVEN_UP, LEAVE, NEWCOMER, WHO_WAIT, full_days
from .work import person

Known = Mapping[int, UUID]  # patients, by number
REQUESTS: tuple[tuple[int, int, Mode], ...] = ((23, 7, "video"), (30, 9, "in_person"))  # patient, doctor
COURSE_OF, TREATMENTS = 7, 5


async def at_asha(tx: ClinicTx, ids: Ids, known: Known, planned: Sequence[tuple[Visit, UUID]]) -> None:
    await _leave(tx, ids)
    await _waiting_list(tx, ids, known, planned)
    await _follow_up(tx, ids, known, planned)
    await _course(tx, ids, known)


async def at_nadi(tx: ClinicTx, ids: Ids, known: Known) -> None:
    """Nobody has answered these yet."""
    for patient, doctor, mode in REQUESTS:
        [at] = await _free(tx, ids, doctor, mode, known[patient], days=3)
        await appointments.book(tx, actor(ids, patient), doctor_id=ids[f"doctor{doctor}"], starts_at=at, mode=mode)


async def _leave(tx: ClinicTx, ids: Ids) -> None:
    doctor = person(ids, f"doctor{AWAY}", "", Grant("doctor", tx.clinic.id))
    today = now().astimezone(ZONE).date()
    since, until = (moment(today + timedelta(ahead)) for ahead in LEAVE)
    leave = await schedule.take_leave(
        tx, doctor, doctor.account_id, starts_at=since, ends_at=until, note="A wedding in the family"
    )
    await appointments.displace(tx, LeaveTaken(leave.id, doctor.account_id))  # at once, what the worker would do


async def _waiting_list(tx: ClinicTx, ids: Ids, known: Known, planned: Sequence[tuple[Visit, UUID]]) -> None:
    """The first in line has the time that was given up. At night the worker would not offer it, so it is done here."""
    doctor, days = ids[f"doctor{FULL}"], full_days(now())
    wish = Wish(mode="in_person", first_day=days[0], last_day=days[-1], doctor_id=doctor)
    first, *_ = [await waiting_list.join(tx, actor(ids, number), wish) for number in WHO_WAIT]
    opening = next(one.opening for one, _ in planned if one.opening.doctor == FULL and one.steps[-1].why == GIVEN_UP)
    until = now() + timedelta(minutes=(await schedule.house_rules(tx)).offer_minutes)
    held = await appointments.offer(
        tx,
        patient_id=known[WHO_WAIT[0]],
        doctor_id=doctor,
        starts_at=opening.starts_at,
        mode=opening.mode,
        expires_at=until,
        made_by=ids[f"patient{WHO_WAIT[0]}"],
    )
    await visits.offered(tx, first.id, held, until)


async def _follow_up(tx: ClinicTx, ids: Ids, known: Known, planned: Sequence[tuple[Visit, UUID]]) -> None:
    """A week from now, with whom somebody has seen last."""
    seen = [
        (one, id)
        for one, id in planned
        if one.status == "completed" and one.opening.doctor == 2 and one.patient not in (NEWCOMER, COURSE_OF, *WHO_WAIT)
    ]
    one, id = max(seen, key=lambda pair: pair[0].opening.starts_at)
    mode = one.opening.mode
    [at] = await _free(tx, ids, one.opening.doctor, mode, known[one.patient], days=7)
    await appointments.follow_up(tx, actor(ids, one.patient), id, starts_at=at, mode=mode)


async def _course(tx: ClinicTx, ids: Ids, known: Known) -> None:
    """Booked at the desk, in the therapy room, each on a day of its own."""
    free = await _free(tx, ids, 2, "in_person", known[COURSE_OF], days=1, most=400)
    days = {at.astimezone(ZONE).date(): at for at in reversed(free)}
    await appointments.book_series(
        tx,
        person(ids, "desk1", "", Grant("receptionist", tx.clinic.id)),
        doctor_id=ids["doctor2"],
        mode="in_person",
        starts=sorted(days.values())[::2][:TREATMENTS],
        patient_id=known[COURSE_OF],
        reason="Five treatments with warm oil",
    )


async def _free(
    tx: ClinicTx, ids: Ids, doctor: int, mode: Mode, patient: UUID, *, days: int, most: int = 1
) -> list[datetime]:
    """From so many days ahead on, for three weeks."""
    since = now() + timedelta(days)
    found = await schedule.free_times(
        tx,
        [ids[f"doctor{doctor}"]],
        from_at=since,
        to_at=since + timedelta(days=21),
        mode=mode,
        patient=patient,
        most=most,
    )
    return [one.starts_at for one in found]
