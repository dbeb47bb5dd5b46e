"""The pages of a doctor's time at a clinic: whose it is, who looks, and what is around every one of them."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response

from svastha.domain import accounts, schedule
from svastha.domain.accounts import Actor
from svastha.domain.schedule import MODES, Affected, Branch, Mode, Offer, Practitioner, Resource
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web.render import page
from svastha.kit import clock
from svastha.kit.db import ClinicRef, ClinicTx
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, Refusal

TABS = (
    ("availability", N_("Week")),
    ("offers", N_("Kinds of visit")),
    ("exceptions", N_("Different days")),
    ("leave", N_("Leave")),
)
Form = dict[str, list[str]]


class Around(msgspec.Struct, frozen=True):
    """What the pages of a doctor's time have in common."""

    doctor: Practitioner
    offers: list[Offer]
    branches: list[Branch]  # that are open
    resources: list[Resource]  # that are in use

    @property
    def modes(self) -> tuple[Mode, ...]:
        """The kinds of visit she offers, or all as long as there are none."""
        return tuple(one.mode for one in self.offers) or MODES

    @property
    def branch_names(self) -> dict[str, str]:
        return {str(one.id): one.name for one in self.branches}

    @property
    def resource_names(self) -> dict[str, str]:
        """With the branch, where there are several."""
        names = self.branch_names
        return {
            str(one.id): f"{names[str(one.branch_id)]}: {one.name}" if len(names) > 1 else one.name
            for one in self.resources
        }


async def around(tx: ClinicTx, actor: Actor, doctor_id: UUID) -> Around:
    """Raises NotFound for whoever may not see this doctor's hours."""
    her = await schedule.seen_by(tx, actor, doctor_id, "schedule.read")
    branches = [one for one in await schedule.branches(tx) if not one.closed]
    known = {one.id for one in branches}
    return Around(
        her,
        await schedule.offers_of(tx, doctor_id),
        branches,
        [one for one in await schedule.resources(tx) if not one.retired and one.branch_id in known],
    )


async def form_of(request: Asked) -> Form:
    form = await request.form()
    return {name: [str(value) for value in form.getall(name)] for name in form}


def first(form: Form, name: str) -> str:
    return (form.get(name) or [""])[0].strip()


def asked(form: Form) -> dict[str, str]:
    """One text for each name, for fields that cannot have several."""
    return {name: values[0].strip() for name, values in form.items() if values}


async def show(
    request: Asked,
    template: str,
    place: ClinicRef,
    tab: str,
    known: Around,
    *,
    refusal: Refusal | None = None,
    **content: Any,
) -> Response[Any]:
    """In the doctor's own zone, with the other clinics where she works."""
    actor, where = await visit.actor_of(request), clock.zone(known.doctor.zone)
    herself = actor.account_id == known.doctor.doctor_id
    elsewhere = []
    if herself:
        async with visit.house_of(request).routing.reading_control() as control:
            slugs = await accounts.workplaces(control, actor, "doctor")
        elsewhere = [(await visit.house_of(request).routing.find(slug))[0] for slug in slugs] if len(slugs) > 1 else []
    return await page(
        request,
        template,
        refusal=refusal,
        workplace=place,
        known=known,
        doctor=known.doctor,
        base=f"/c/{place.slug}/doctors/{known.doctor.doctor_id}",
        tabs=TABS,
        tab=tab,
        herself=herself,
        elsewhere=elsewhere,
        may_edit=herself or actor.is_a("clinic_admin", place.id),
        whole_days=whole_days(where),
        **content,
    )


def renamed(refusal: Refusal, names: Callable[[str], str]) -> Refusal:
    """The same, with its fields called as the form calls them."""
    if not isinstance(refusal, Invalid):
        return refusal
    return Invalid(*(FieldError(names(one.field), one.message) for one in refusal.errors), **refusal.details)


def day_of(text: str, field: str) -> date:
    """Raises Invalid."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(FieldError(field, N_("Choose a day."))) from None


def number_of(text: str, field: str) -> int | None:
    """None for nothing. Raises Invalid for what is no whole number."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid(FieldError(field, N_("A whole number, please.")))
    return int(text)


def whole_days(where: tzinfo) -> Callable[[datetime, datetime], tuple[date, date] | None]:
    """First and last day of what begins and ends at midnight there."""

    def found(starts_at: datetime, ends_at: datetime) -> tuple[date, date] | None:
        first, last = starts_at.astimezone(where), ends_at.astimezone(where)
        if first.time() != time() or last.time() != time():
            return None
        return first.date(), last.date() - timedelta(days=1)

    return found


class Times(msgspec.Struct, frozen=True):
    """How many times to book come and go, by day and kind."""

    gained: int
    lost: int
    days: list[schedule.DayChange]


def times_of(found: Affected) -> Times:
    return Times(sum(one.gained for one in found.days), sum(one.lost for one in found.days), found.days[:60])
