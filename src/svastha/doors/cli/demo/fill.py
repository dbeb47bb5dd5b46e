from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from svastha.domain import accounts, appointments, patients, schedule
from svastha.doors import visit
from svastha.doors.cli.databases import ensure
from svastha.doors.visit import House
from svastha.kit.clock import now, today
from svastha.kit.db import ClinicTx

from . import visits, work
from .found import Ids, actor, database_of, found
from .people import CLINICS, PATIENTS, PATIENTS_OF, PLATFORM, address
from .physicians import PHYSICIANS
from .plan import NEWCOMER, ZONE, Visit, plan
from .weeks import POSTS, between

REMINDED = (2, 3, 21, 22)  # the coming visits of these patients bring reminders, so that the mailbox fills slowly


async def fill(house: House) -> None:
    """Once. What a killed attempt left is completed; when all is there this costs one query.

    Facts decide: the people are founded in one transaction, each clinic is filled in one, and the platform's role is
    granted last of all.
    """
    if await _is_whole(house):
        return
    ids = await found(house)
    planned = plan(now())
    for place in CLINICS:
        await ensure(house, database_of(house, place.slug), "clinic")
        await _fill_clinic(house, ids, [one for one in planned if one.clinic == place.slug], place.slug)
    async with visit.to_control(house) as tx:
        await accounts.grant(tx, ids[PLATFORM[0]], "platform_admin", clinic_id=None, by=None)


async def _is_whole(house: House) -> bool:
    async with house.routing.reading_control() as tx:
        platform = await accounts.owner_of(tx, accounts.Address("email", address(PLATFORM[0])))
        whole: bool = platform is not None and await tx.value(
            "SELECT EXISTS (SELECT FROM grants WHERE account_id = :id AND role = 'platform_admin')", id=platform
        )
    return whole


async def _fill_clinic(house: House, ids: Ids, planned: Sequence[Visit], slug: str) -> None:
    async with visit.to_clinic(house, slug) as tx:
        if await schedule.practitioners(tx):
            return
        await _settle_doctors(tx, ids)
        known = {number: await _register(tx, ids, number) for number in PATIENTS_OF[slug]}
        written = await visits.write(tx, planned, ids, known)
        for one, id in zip(planned, written, strict=True):
            if one.patient in REMINDED and one.status == "confirmed":
                appointments.plan_reminders(tx, id, one.opening.starts_at)
        if NEWCOMER in known:
            await _book_newcomer(tx, ids, known[NEWCOMER])
        await work.in_a_clinic(tx, ids, known)
        await _publish(house, tx)


async def _settle_doctors(tx: ClinicTx, ids: Ids) -> None:
    for post in POSTS:
        if post.clinic != tx.clinic.slug:
            continue
        doctor_id, name = ids[f"doctor{post.doctor}"], PHYSICIANS[post.doctor - 1].name
        await schedule.practise(tx, doctor_id=doctor_id, name=name, zone=tx.clinic.zone, offers=post.offers)
        await schedule.set_weekly_hours(tx, doctor_id, post.hours)
        for odd in post.odd:
            opens, closes = between(odd.span) if odd.span else (None, None)
            day = today(ZONE) + timedelta(odd.ahead)
            await schedule.add_exception(
                tx, doctor_id, day, closed=odd.closed, opens=opens, closes=closes, modes=odd.modes
            )


async def _register(tx: ClinicTx, ids: Ids, number: int) -> UUID:
    person = PATIENTS[number - 1]
    return await patients.register(
        tx,
        account_id=ids[f"patient{number}"],
        name=person.name,
        email=address(f"patient{number}"),
        locale=person.locale,
        birth_date=person.born,
        sex=person.sex,
        city=person.city,
    )


async def _book_newcomer(tx: ClinicTx, ids: Ids, patient_id: UUID) -> None:
    """Like anybody: with confirmation and reminders. In a few hours, or tomorrow morning."""
    since = now() + timedelta(hours=2)
    free = await schedule.free_times(
        tx, [ids["doctor1"]], from_at=since, to_at=since + timedelta(days=2), mode="video", patient=patient_id, most=1
    )
    await appointments.book(
        tx, actor(ids, NEWCOMER), doctor_id=ids["doctor1"], starts_at=free[0].starts_at, mode="video"
    )


async def _publish(house: House, tx: ClinicTx) -> None:
    """Do at once what the worker would do soon, so that the first search finds everybody."""
    changes = dict.fromkeys(told.what for told in tx.announced if isinstance(told.what, schedule.TimesChanged))
    tx.announced = [told for told in tx.announced if not isinstance(told.what, schedule.TimesChanged)]
    async with visit.to_control(house) as control:
        for change in changes:
            for listener in house.subscriptions.get(schedule.TimesChanged, ()):
                await listener(tx, change, control=control)
