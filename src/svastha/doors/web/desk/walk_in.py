"""Somebody came without a booking: a name, a telephone number, a doctor, and she has a number."""

from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody
from msgspec import Meta

from svastha.domain import patients, queue, schedule
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Appointment
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.desk.find import Found, known
from svastha.doors.web.ids import uuid_of
from svastha.doors.web.render import go, page, safe_next
from svastha.kit.db import ClinicTx
from svastha.kit.refusals import NotFound, Refusal

Typed = Annotated[str, Meta(max_length=1000)]


class WalkIn(msgspec.Struct, frozen=True):
    """Somebody the clinic knows (``patient_id``), or a name and a telephone number. ``key`` is new on every page."""

    doctor_id: str = ""
    patient_id: str = ""
    name: Typed = ""
    phone: Typed = ""
    next: str = ""
    key: str = ""


@get("/c/{clinic:str}/walk-in", needs="desk.read")
async def walk_in_page(request: Asked, clinic: FromPath[str], patient: FromQuery[str] = "") -> Response[Any]:
    return await _page(request, clinic, WalkIn(patient_id=patient), uuid_of(patient))


@post("/c/{clinic:str}/walk-in", needs="queue.run")
async def walk_in(request: Asked, clinic: FromPath[str], data: URLEncodedBody[WalkIn]) -> Response[Any]:
    doctor_id, who = uuid_of(data.doctor_id), uuid_of(data.patient_id)
    if doctor_id is None or (data.patient_id and who is None):
        raise NotFound

    async def verb(tx: ClinicTx, actor: Actor) -> Appointment:
        nonlocal who
        who = who or await patients.register_at_desk(tx, actor, name=data.name, phone=data.phone)
        return await queue.walk_in(tx, actor, patient_id=who, doctor_id=doctor_id)

    try:
        answer: Any = (await visit.once(request, clinic, 201, verb, key=data.key or str(uuid4()))).content
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, clinic, data, who, refusal)
    made = answer["id"] if isinstance(answer, dict) else answer.id
    back = safe_next(data.next, "")
    if not back.startswith("/desk?"):
        back = f"/desk?clinic={quote(clinic)}"
    return go(request, f"{back}&given={made}")


async def _page(
    request: Asked, clinic: str, form: WalkIn, who: UUID | None, refusal: Refusal | None = None
) -> Response[Any]:
    """The form on a page of its own, and what the clinic knows of whoever it is about."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    person: Found | None = None
    async with visit.to_clinic(house, clinic) as tx:
        if who:
            person = next(iter(await known(tx, actor, await patients.at_desk(tx, actor, [who]))), None)
        doctors = [(str(one.doctor_id), one.name) for one in await schedule.practitioners(tx) if one.bookable]
        place = tx.clinic
    if form.patient_id and person is None:
        raise NotFound
    return await page(
        request,
        "desk/walk_in.html",
        refusal=refusal,
        workplace=place,
        form=form,
        person=person,
        doctors=doctors,
        key=str(uuid4()),
    )


routes: list[HTTPRouteHandler] = [walk_in_page, walk_in]
