"""Being told when a time is free: joining a waiting list, the place in line, and the answer to an offer."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody

from svastha.domain import appointments, clinics, patients, waiting_list
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment, Terms
from svastha.domain.schedule import MODES
from svastha.domain.waiting_list import PARTS, WEEK, Choices, Entry, Wish
from svastha.doors import visit
from svastha.doors.remembered import before_booking, clinics_of, remember_patient
from svastha.doors.visit import Asked
from svastha.doors.web.ids import meant
from svastha.doors.web.patient.booking import BOOKED, BOOKED_FOR
from svastha.doors.web.render import go, page, say
from svastha.doors.web.waited import ASKED_AHEAD, day_typed, words_of
from svastha.kit.clock import now, today, zone
from svastha.kit.db import ClinicRef, ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.idempotency import KeyReused
from svastha.kit.refusals import Conflict, FieldError, Invalid, Refusal

Several = list[str] | str  # boxes of one name: a form with a single one ticked looks like a text
ONE = "/c/{clinic:str}/waiting/{entry_id:uuid}"
JOINED = say("waiting_joined", N_("You are on the list. We write as soon as a time that suits is free for you."))
DECLINED = say("waiting_declined", N_("The time goes to the next in line. You keep your place."))
LEFT = say("waiting_left", N_("You have left the waiting list."))
ASKED = say("waiting_asked", N_("The time is kept for you. The clinic answers soon."))


class Form(msgspec.Struct, frozen=True):
    """``whom``: a doctor, ``specialty:`` and its code, or nothing for anybody. ``patient_id``: empty for oneself."""

    whom: str = ""
    mode: str = ""
    first_day: str = ""
    last_day: str = ""
    weekdays: Several = []
    parts: Several = []
    area: str = ""
    patient_id: str = ""
    key: str = ""


class Key(msgspec.Struct, frozen=True):
    key: str = ""


@get("/waiting", needs="self")
async def mine(request: Asked) -> Response[Any]:
    """At every clinic that knows her."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    slugs = await clinics_of(house, actor)
    places: list[tuple[ClinicRef, list[Entry]]] = []
    terms: dict[UUID, Terms] = {}
    for slug in slugs:
        async with visit.to_clinic(house, slug) as tx:
            if found := await waiting_list.of_account(tx, actor):
                places.append((tx.clinic, found))
                terms |= await _terms(tx, found)
    live = [(place, one) for place, every in places for one in every if one.live]
    return await page(
        request,
        "patient/waiting.html",
        waiting=sorted(live, key=lambda pair: (pair[1].state != "offered", pair[1].joined_at)),
        over=[(place, one) for place, every in places for one in every if not one.live],
        key=lambda: str(uuid4()),
        seconds=seconds_left,
        terms=terms,
        **await words_of(request),
    )


async def _terms(tx: ClinicTx, entries: list[Entry]) -> dict[UUID, Terms]:
    """What cancelling would cost, of each offer that is open."""
    offered = [(one.id, one.open_offer.starts_at) for one in entries if one.open_offer]
    policy = await appointments.policy_in_force(tx) if offered else None
    return {id: appointments.terms(policy, starts_at) for id, starts_at in offered} if policy else {}


def seconds_left(entry: Entry) -> int:
    return max(0, int((entry.open_offer.expires_at - now()).total_seconds())) if entry.open_offer else 0


@get("/c/{clinic:str}/waiting/new", needs="visit.book")
async def new_page(
    request: Asked,
    clinic: FromPath[str],
    doctor_id: FromQuery[str] = "",
    mode: FromQuery[str] = "",
    patient_id: FromQuery[str] = "",
) -> Response[Any]:
    first = today(zone((await visit.clinic_of(request, clinic)).zone))
    form = Form(
        doctor_id,
        mode,
        first.isoformat(),
        (first + ASKED_AHEAD).isoformat(),
        [str(day) for day in WEEK],
        list(PARTS),
        patient_id=patient_id,
    )
    return await _new(request, clinic, form)


async def _new(request: Asked, clinic: str, form: Form, refusal: Refusal | None = None) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    words = await words_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        place, found = tx.clinic, await waiting_list.choices(tx)
        people = [(str(one.patient_id), one.name) for one in await patients.dependants(tx, actor)]
        other = None  # at the desk: a patient of the clinic
        if (who := meant(form.patient_id)) and form.patient_id not in dict(people):
            other = await patients.seen_by(tx, actor, who)
    return await page(
        request,
        "patient/waiting_new.html",
        refusal=refusal,
        clinic=place,
        form=form,
        whom=_whom(found, words["specialty_names"]),
        modes=found.modes,
        people=people,
        other=other,
        ticked_days=several(form.weekdays),
        ticked_parts=several(form.parts),
        key=form.key or str(uuid4()),
        **words,
    )


def _whom(found: Choices, names: dict[str, str]) -> list[tuple[str, str]]:
    return [(str(one.doctor_id), one.name) for one in found.doctors] + [
        (f"specialty:{code}", names.get(code, code)) for code in found.specialties
    ]


def several(ticked: Several) -> list[str]:
    return [ticked] if isinstance(ticked, str) else ticked


@post("/c/{clinic:str}/waiting", needs="visit.book")
async def join(request: Asked, clinic: FromPath[str], data: URLEncodedBody[Form]) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    patient_id = meant(data.patient_id)
    try:
        wish = _wish(data)
        if wish.doctor_id:
            await before_booking(house, actor, clinic, wish.doctor_id)
        else:
            await remember_patient(house, actor, clinic)

        async def verb(tx: ClinicTx, actor: Actor) -> Entry:
            return await waiting_list.join(tx, actor, wish, patient_id=patient_id)

        answer: Any = (await visit.once(request, clinic, 201, verb, key=data.key or str(uuid4()))).content
    except (Invalid, Conflict) as refusal:
        if isinstance(refusal, KeyReused):  # came back to a form that was taken, and changed it
            data = msgspec.structs.replace(data, key=str(uuid4()))
        return await _new(request, clinic, data, refusal)
    joined = answer["id"] if isinstance(answer, dict) else answer.id
    return go(request, f"/c/{clinic}/waiting/{joined}", flash=JOINED)


def _wish(form: Form) -> Wish:
    errors = []
    kind, _, code = form.whom.partition(":")
    doctor_id = None
    if form.whom and kind != "specialty":
        doctor_id = meant(form.whom)
    if form.mode not in MODES:
        errors.append(FieldError("mode", N_("Choose from the list.")))
    days = {name: day_typed(getattr(form, name)) for name in ("first_day", "last_day")}
    errors += [FieldError(name, N_("Please give a day.")) for name, day in days.items() if day is None]
    weekdays = [int(day) for day in several(form.weekdays) if day in map(str, WEEK)]
    parts = [part for part in PARTS if part in several(form.parts)]
    if errors or days["first_day"] is None or days["last_day"] is None:
        raise Invalid(*errors)
    return Wish(
        next(mode for mode in MODES if mode == form.mode),
        days["first_day"],
        days["last_day"],
        doctor_id,
        code if kind == "specialty" else None,
        tuple(weekdays),
        tuple(parts),
        form.area.strip() or None,
    )


@get(ONE, needs="visit.book")
async def entry_page(request: Asked, clinic: FromPath[str], entry_id: FromPath[UUID]) -> Response[Any]:
    return await _entry(request, clinic, entry_id)


async def _entry(request: Asked, clinic: str, entry_id: UUID, refusal: Refusal | None = None) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        entry = await waiting_list.seen_by(tx, actor, entry_id)
        whose = await patients.seen_by(tx, actor, entry.patient_id)
        terms = await _terms(tx, [entry])
    async with house.routing.reading_control() as control:
        place = await clinics.by_slug(control, clinic)
    return await page(
        request,
        "patient/waiting_entry.html",
        refusal=refusal,
        clinic=place,
        entry=entry,
        mine=whose.mine,
        visit_of={one.id: f"/c/{clinic}/visits/{one.id}" for one in entry.offers if one.answer == "taken"},
        key=lambda: str(uuid4()),
        seconds=seconds_left,
        terms=terms,
        **await words_of(request),
    )


@post(ONE + "/accept", needs="visit.book")
async def accept(
    request: Asked, clinic: FromPath[str], entry_id: FromPath[UUID], data: URLEncodedBody[Key]
) -> Response[Any]:
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        entry = await waiting_list.seen_by(tx, actor, entry_id, trace=False)
    if entry.open_offer:
        await before_booking(house, actor, clinic, entry.open_offer.doctor_id)

    async def verb(tx: ClinicTx, actor: Actor) -> Appointment:
        return await waiting_list.accept(tx, actor, entry_id)

    try:
        answer: Any = (await visit.once(request, clinic, 201, verb, key=data.key or str(uuid4()))).content
    except (Conflict, Invalid) as refusal:
        return await _entry(request, clinic, entry_id, refusal)
    booked = msgspec.convert(answer, Appointment) if isinstance(answer, dict) else answer
    flash = ASKED if booked.status == "requested" else BOOKED_FOR if booked.as_guardian else BOOKED
    return go(request, f"/c/{clinic}/visits/{booked.id}", flash=flash)


@post(ONE + "/decline", needs="visit.book")
async def decline(request: Asked, clinic: FromPath[str], entry_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await waiting_list.decline(tx, actor, entry_id)
    except Conflict as refusal:
        return await _entry(request, clinic, entry_id, refusal)
    return go(request, f"/c/{clinic}/waiting/{entry_id}", flash=DECLINED)


@post(ONE + "/leave", needs="visit.book")
async def leave(request: Asked, clinic: FromPath[str], entry_id: FromPath[UUID]) -> Response[Any]:
    """Back to where she, or the desk, sees the others."""
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            entry = await waiting_list.seen_by(tx, actor, entry_id, trace=False)
            own = (await patients.seen_by(tx, actor, entry.patient_id)).mine
            await waiting_list.leave(tx, actor, entry_id)
    except Conflict as refusal:
        return await _entry(request, clinic, entry_id, refusal)
    return go(request, "/waiting" if own else f"/c/{clinic}/waiting-list", flash=LEFT if own else None)


routes: list[HTTPRouteHandler] = [mine, new_page, join, entry_page, accept, decline, leave]
