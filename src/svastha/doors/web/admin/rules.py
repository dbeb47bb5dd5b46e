"""How a clinic goes about time: its house rules, and what cancelling late or not coming costs."""

import math
from datetime import time, timedelta
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from svastha.domain import appointments, schedule
from svastha.domain.schedule import HouseRules
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.doors.web import week_form
from svastha.doors.web.admin.house import show
from svastha.doors.web.doctor.whose import asked, form_of, number_of
from svastha.doors.web.render import go, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

SAVED = say("rules_saved", N_("Saved. It counts from now on."))
UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}
UNIT_WORDS = {"minutes": N_("minutes"), "hours": N_("hours"), "days": N_("days")}
MOST = 5  # reminders
A_MINUTE = timedelta(minutes=1)


@get("/c/{clinic:str}/rules", needs="clinic.hours")
async def rules(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await _rules(request, clinic, as_typed(await schedule.house_rules(tx)))


@post("/c/{clinic:str}/rules", needs="clinic.hours")
async def change_rules(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    actor, typed = await visit.actor_of(request), asked(await form_of(request))
    try:
        new = rules_of(typed)
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await schedule.set_house_rules(tx, actor, new)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _rules(request, clinic, typed, refusal)
    return go(request, f"/c/{clinic}/rules", flash=SAVED)


async def _rules(request: Asked, clinic: str, typed: dict[str, str], refusal: Refusal | None = None) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    return await show(
        request, "admin/rules.html", place, refusal=refusal, typed=typed, units=UNIT_WORDS, reminders=range(MOST)
    )


def as_typed(rules: HouseRules) -> dict[str, str]:
    """As a browser would send it."""
    found = {
        "booking": rules.booking,
        "late_after": str(rules.late_after // A_MINUTE),
        "late_rule": rules.late_rule,
        "late_places": str(rules.late_places),
        "quiet_from": rules.quiet_from.strftime("%H:%M"),
        "quiet_until": rules.quiet_until.strftime("%H:%M"),
        "offer_minutes": str(rules.offer_minutes),
    }
    found["answer_within"], found["answer_within_unit"] = split(rules.answer_within)
    for n, before in enumerate(rules.remind_before):
        found[f"remind{n}"], found[f"remind{n}_unit"] = split(before)
    return found


def split(length: timedelta) -> tuple[str, str]:
    """``24 hours``, ``3 days``, ``90 minutes``."""
    for unit, least in (("days", 2), ("hours", 1)):
        if length % UNITS[unit] == timedelta(0) and length >= least * UNITS[unit]:
            return str(length // UNITS[unit]), unit
    return str(math.ceil(length / A_MINUTE)), "minutes"


def rules_of(typed: dict[str, str]) -> HouseRules:
    """Raises Invalid for what cannot be read; the schedule says what goes too far."""
    wrong: list[FieldError] = []

    def number(name: str, field: str = "", *, optional: bool = False) -> int:
        try:
            found = number_of(typed.get(name, ""), field or name)
        except Invalid as invalid:
            wrong.extend(invalid.errors)
            return 0
        if found is None and not optional:
            wrong.append(FieldError(field or name, N_("A whole number, please.")))
        return min(found or 0, 1_000_000)

    def clock(name: str) -> time:
        found = week_form.clock_of(typed.get(name, ""))
        if found is None:
            wrong.append(FieldError(name, N_("Give a time, such as 09:30.")))
        return found or time(0)

    for name, choices in (("booking", ("instant", "requested")), ("late_rule", ("keep", "after", "end"))):
        if typed.get(name) not in choices:
            wrong.append(FieldError(name, N_("Choose from the list.")))
    before = {number(f"remind{n}", "remind_before", optional=True) * unit_of(typed, f"remind{n}") for n in range(MOST)}
    values: dict[str, Any] = {
        "booking": typed.get("booking"),
        "answer_within": number("answer_within") * unit_of(typed, "answer_within"),
        "late_after": number("late_after") * A_MINUTE,
        "late_rule": typed.get("late_rule"),
        "late_places": number("late_places"),
        "remind_before": tuple(sorted(before - {timedelta(0)}, reverse=True)),
        "quiet_from": clock("quiet_from"),
        "quiet_until": clock("quiet_until"),
        "offer_minutes": number("offer_minutes"),
    }
    if wrong:
        raise Invalid(*wrong)
    return HouseRules(**values)


def unit_of(typed: dict[str, str], name: str) -> timedelta:
    return UNITS.get(typed.get(f"{name}_unit", ""), A_MINUTE)


@get("/c/{clinic:str}/cancellation", needs="clinic.policy")
async def cancellation(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    return await _cancellation(request, clinic)


@post("/c/{clinic:str}/cancellation", needs="clinic.policy")
async def change_cancellation(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    actor, typed = await visit.actor_of(request), asked(await form_of(request))
    try:
        numbers = {}
        for field in ("free_until_minutes", "late_percent", "no_show_percent"):
            number = number_of(typed.get(field, ""), field)
            if number is None:
                raise Invalid(FieldError(field, N_("A whole number, please.")))
            numbers[field] = number
        numbers["free_until_minutes"] = min(numbers["free_until_minutes"], 1_000_000) * (
            unit_of(typed, "free_until") // A_MINUTE
        )
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await appointments.set_policy(tx, actor, **numbers)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _cancellation(request, clinic, typed, refusal)
    return go(request, f"/c/{clinic}/cancellation", flash=SAVED)


async def _cancellation(
    request: Asked, clinic: str, typed: dict[str, str] | None = None, refusal: Refusal | None = None
) -> Response[Any]:
    place = await visit.clinic_of(request, clinic)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        policy = await appointments.policy_in_force(tx)
    if typed is None:
        number, unit = split(timedelta(minutes=policy.free_until_minutes))
        typed = {
            "free_until_minutes": number,
            "free_until_unit": unit,
            "late_percent": str(policy.late_percent),
            "no_show_percent": str(policy.no_show_percent),
        }
    return await show(
        request,
        "admin/cancellation.html",
        place,
        refusal=refusal,
        typed=typed,
        policy=policy,
        units=UNIT_WORDS,
    )


routes: list[HTTPRouteHandler] = [rules, change_rules, cancellation, change_cancellation]
