from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from svastha.domain import accounts, appointments, directory, patients, schedule
from svastha.domain.accounts import Actor, Grant
from svastha.domain.schedule import Hours
from svastha.doors import visit
from svastha.doors.cli.databases import ensure
from svastha.doors.jobs.worker import bridges, payload_type
from svastha.doors.visit import House
from svastha.kit.clock import now, today
from svastha.kit.db import ClinicTx

from . import ahead, visits, work
from .branches import Places, close_for_holiday, open_all
from .calls import Visit, posts
from .clock import ZONE, between
from .found import Ids, actor, database_of, found
from .people import CLINICS, PATIENTS, PATIENTS_OF, PLATFORM, address
from .physicians import PHYSICIANS
from .plan import NEWCOMER, plan
from .weeks import Post

ADMIN = {"asha": "admin1", "nadi": "admin2"}
REMINDED = (2, 3, 21, 22)  # the coming visits of these patients bring reminders, so that the mailbox fills slowly


async def fill(house: House) -> None:
    """Once. What a killed attempt left is completed; when all is there this costs one query.

    Facts decide: the people are founded in one transaction, each clinic is filled in one, and the platform's role is
    granted last of all.
    """
    if await _is_whole(house):
        return
    ids = await found(house)
    at = now()
    planned = plan(at)
    for place in CLINICS:
        await ensure(house, database_of(house, place.slug), "clinic")
        here = [one for one in planned if one.clinic == place.slug]
        await _fill_clinic(house, ids, here, [post for post in posts(at) if post.clinic == place.slug], place.slug)
    async with visit.to_control(house) as tx:
        await accounts.grant(tx, ids[PLATFORM[0]], "platform_admin", clinic_id=None, by=None)


async def _is_whole(house: House) -> bool:
    async with house.routing.reading_control() as tx:
        platform = await accounts.owner_of(tx, accounts.Address("email", address(PLATFORM[0])))
        whole: bool = platform is not None and await tx.value(
            "SELECT EXISTS (SELECT FROM grants WHERE account_id = :id AND role = 'platform_admin')", id=platform
        )
    return whole


async def _fill_clinic(house: House, ids: Ids, planned: Sequence[Visit], weeks: Sequence[Post], slug: str) -> None:
    async with visit.to_clinic(house, slug) as tx:
        if await schedule.practitioners(tx):
            return
        admin = work.person(ids, ADMIN[slug], "", Grant("clinic_admin", tx.clinic.id))
        places = await open_all(tx, admin)
        await _settle_doctors(house, tx, ids, admin, weeks, places)
        await close_for_holiday(tx, admin, places, today(ZONE))
        known = {number: await _register(tx, ids, number) for number in PATIENTS_OF[slug]}
        written = list(zip(planned, await visits.write(tx, planned, ids, known, places), strict=True))
        for one, id in written:
            if one.patient in REMINDED and one.status == "confirmed":
                await appointments.plan_reminders(tx, id, known[one.patient], one.opening.starts_at)
        if NEWCOMER in known:
            await _book_newcomer(tx, ids, known[NEWCOMER])
        await work.in_a_clinic(tx, ids, known)
        if slug == "asha":
            await ahead.at_asha(tx, ids, known, written)
        else:
            await ahead.at_nadi(tx, ids, known)
        await _publish(house, tx)


async def _settle_doctors(
    house: House, tx: ClinicTx, ids: Ids, admin: Actor, weeks: Sequence[Post], places: Places
) -> None:
    """As the page of a doctor's hours does it: what she does at another clinic is asked before."""
    for post in weeks:
        doctor_id, name = ids[f"doctor{post.doctor}"], PHYSICIANS[post.doctor - 1].name
        await schedule.practise(tx, doctor_id=doctor_id, name=name, zone=tx.clinic.zone, offers=post.offers)
        present = await schedule.availability(tx, admin, doctor_id)
        hours = [
            Hours(
                row.weekday,
                row.opens,
                row.closes,
                row.modes,
                places[row.branch] if row.branch else None,
                (places[row.room],) if row.room else (),
            )
            for row in post.hours
        ]
        await schedule.set_availability(
            tx, admin, doctor_id, if_version=present.version, hours=hours, breaks=post.breaks
        )
        for odd in post.odd:
            opens, closes = between(odd.span) if odd.span else (None, None)
            await schedule.add_exception(
                tx,
                doctor_id,
                today(ZONE) + timedelta(odd.ahead),
                closed=odd.closed,
                opens=opens,
                closes=closes,
                modes=odd.modes,
                repeats=odd.repeats,
                every=odd.every or 1,
                branch_id=places[odd.branch] if odd.branch else None,
                resources=(places[odd.room],) if odd.room else (),
                note=odd.note,
                by=admin,
            )
        zone, rules = await schedule.working_rules(tx, doctor_id)
        async with visit.to_control(house) as control:
            await directory.claim_hours(control, doctor_id=doctor_id, clinic_id=tx.clinic.id, zone=zone, rules=rules)


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
            for listener in filter(bridges, house.subscriptions.get(schedule.TimesChanged, ())):
                payload = msgspec.convert(change, payload_type(listener), from_attributes=True)
                await listener(tx, payload, control=control)
