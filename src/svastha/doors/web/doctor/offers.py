"""The kinds of visit a doctor offers: how long, for how much, and how they are booked."""

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from svastha.domain import schedule
from svastha.domain.schedule import MODES, AvailabilityChanged, Mode, Offer
from svastha.doors import visit, working_hours
from svastha.doors.visit import Asked
from svastha.doors.web.doctor import whose
from svastha.doors.web.doctor.whose import Form, first, form_of, number_of, renamed
from svastha.doors.web.render import go, say
from svastha.doors.working_hours import Week
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

PATH = "/c/{clinic:str}/doctors/{doctor_id:uuid}/offers"
SAVED = say("offers_saved", N_("Saved. Whoever books from now on books it like this."))
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
# field of an offer: (what one unit of the form is, or nothing for a plain number)
NUMBERS: tuple[tuple[str, timedelta | None], ...] = (
    ("every_minutes", None),
    ("before_minutes", None),
    ("after_minutes", None),
    ("travel_minutes", None),
    ("notice", AN_HOUR),
    ("horizon", A_DAY),
    ("daily_max", None),
)


@get(PATH, needs="schedule.read")
async def offers(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Response[Any]:
    return await _editor(request, clinic, doctor_id)


@post(PATH, needs="schedule.edit")
async def change(request: Asked, clinic: FromPath[str], doctor_id: FromPath[UUID]) -> Response[Any]:
    form = await form_of(request)
    do, version = first(form, "do"), first(form, "version")
    if do not in ("look", "save"):
        return await _editor(request, clinic, doctor_id, form)
    offered = [mode for mode in MODES if first(form, f"{mode}-on")]
    try:
        new = [offer_of(form, mode) for mode in offered]
        actor = await visit.actor_of(request)
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            known, now = await whose.around(tx, actor, doctor_id), await schedule.availability(tx, actor, doctor_id)
        if version != str(now.version):
            raise AvailabilityChanged(version=now.version)
        week = Week(now.hours, now.breaks, new)
        if do == "save":
            await working_hours.set_availability(request, clinic, doctor_id, week, if_version=now.version)
            return go(request, f"/c/{clinic}/doctors/{doctor_id}/offers", flash=SAVED)
        found = await working_hours.preview_availability(request, clinic, doctor_id, week)
    except NotFound:
        raise
    except Refusal as refusal:

        def name(field: str) -> str:
            _, _, rest = field.partition("offers.")
            number, _, part = rest.partition(".")
            return f"{offered[int(number)]}-{part}" if part and number.isdigit() else field

        return await _editor(request, clinic, doctor_id, form, renamed(refusal, name))
    return await whose.show(
        request,
        "doctor/availability_look.html",
        await visit.clinic_of(request, clinic),
        "offers",
        known,
        action="offers",
        form=form,
        week=None,
        times=whose.times_of(found),
        visits=found.visits,
    )


def offer_of(form: Form, mode: Mode) -> Offer:
    """Raises Invalid for what are no numbers; whether they are good ones is for the schedule to say."""
    given: dict[str, Any] = {}
    for field, unit in NUMBERS:
        number = number_of(first(form, f"{mode}-{field}"), f"{mode}-{field}")
        if number is not None and (unit is None or number < 10_000):
            given[field] = number * unit if unit else number
        elif number is not None:
            raise Invalid(FieldError(f"{mode}-{field}", N_("This is too much.")))
    minutes = number_of(first(form, f"{mode}-minutes"), f"{mode}-minutes")
    if minutes is None:
        raise Invalid(FieldError(f"{mode}-minutes", N_("Say how long a visit lasts.")))
    areas = tuple(dict.fromkeys(first(form, f"{mode}-areas").replace(",", " ").split()))
    return Offer(mode, minutes, _paise(first(form, f"{mode}-fee_paise"), f"{mode}-fee_paise"), areas=areas, **given)


def _paise(text: str, field: str) -> int:
    try:
        paise = Decimal(text.replace(",", "").removeprefix("₹").strip()) * 100
        if paise.is_finite() and 0 <= paise < 10**12 and paise == int(paise):
            return int(paise)
    except InvalidOperation:
        pass
    raise Invalid(FieldError(field, N_("An amount in rupees, such as 500.")))


def _typed(offer: Offer) -> dict[str, str]:
    """As a browser would send it, without the kind before each name."""
    rupees = Decimal(offer.fee_paise) / 100
    found = {
        "on": "1",
        "minutes": str(offer.minutes),
        "fee_paise": f"{rupees:.0f}" if rupees == int(rupees) else f"{rupees:.2f}",
        "areas": " ".join(offer.areas),
    }
    for field, unit in NUMBERS:
        value = getattr(offer, field)
        if value:
            found[field] = f"{value / unit:g}" if unit else str(value)
    return found


async def _editor(
    request: Asked, clinic: str, doctor_id: UUID, form: Form | None = None, refusal: Refusal | None = None
) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        known, now = await whose.around(tx, actor, doctor_id), await schedule.availability(tx, actor, doctor_id)
    saved = {offer.mode: offer for offer in now.offers}
    if form is None:
        typed = {mode: _typed(saved[mode]) if mode in saved else {} for mode in MODES}
    else:
        typed = {
            mode: {
                name.removeprefix(f"{mode}-"): values[0]
                for name, values in form.items()
                if name.startswith(f"{mode}-") and values
            }
            for mode in MODES
        }
    stale = isinstance(refusal, AvailabilityChanged)
    return await whose.show(
        request,
        "doctor/offers.html",
        await visit.clinic_of(request, clinic),
        "offers",
        known,
        refusal=refusal,
        typed=typed,
        saved=saved if stale else None,
        version=str(now.version) if stale or form is None else first(form, "version"),
    )


routes: list[HTTPRouteHandler] = [offers, change]
