"""The whole record of a patient, the glass before it, and the review of whoever broke it."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody

from svastha.domain import prescriptions, records
from svastha.domain.records import RecordClosed
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked
from svastha.doors.web.render import go, page, say
from svastha.kit.i18n import N_
from svastha.kit.refusals import Refusal

OPENED = say("record_opened", N_("The record is open to you for an hour. Whoever runs the clinic was told."))
REVIEWED = say("opening_reviewed", N_("Your review is kept."))


class Reason(msgspec.Struct, frozen=True):
    reason: str = ""


class Review(msgspec.Struct, frozen=True):
    verdict: str = ""
    remark: str = ""


@get("/c/{clinic:str}/patients", needs="record.open")
async def patients(request: Asked, clinic: FromPath[str], q: FromQuery[str] = "") -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        found = await records.find(tx, actor, q)
        place = tx.clinic
    return await page(request, "doctor/patients.html", clinic=place, q=q, found=found, short=len(q.strip()) < 3)


@get("/c/{clinic:str}/patients/{patient_id:uuid}", needs="record.open")
async def record(request: Asked, clinic: FromPath[str], patient_id: FromPath[UUID]) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            found, place = await records.record_of(tx, actor, patient_id), tx.clinic
    except RecordClosed as closed:
        return await _glass(request, clinic, patient_id, Reason(), closed)
    labels = prescriptions.labels("hi" if language_of(request) == "hi" else "en")
    return await page(
        request,
        "doctor/record.html",
        clinic=place,
        record=found,
        forms=tuple(labels.form.items()),
        kalas=tuple(labels.kala.items()),
        anupanas=tuple(labels.anupana.items()),
    )


@post("/c/{clinic:str}/patients/{patient_id:uuid}", needs="record.open", fresh=True)
async def break_glass(
    request: Asked, clinic: FromPath[str], patient_id: FromPath[UUID], data: URLEncodedBody[Reason]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await records.break_glass(tx, actor, patient_id, reason=data.reason)
    except Refusal as refusal:
        return await _glass(request, clinic, patient_id, data, refusal)
    return go(request, f"/c/{clinic}/patients/{patient_id}", flash=OPENED)


async def _glass(request: Asked, clinic: str, patient_id: UUID, form: Reason, refusal: Refusal) -> Response[Any]:
    """Why it is closed, and what it takes."""
    place = await visit.clinic_of(request, clinic)
    return await page(
        request,
        "doctor/glass.html",
        refusal=refusal,
        clinic=place,
        patient_id=patient_id,
        form=form,
    )


@get("/c/{clinic:str}/openings", needs="record.review")
async def openings(request: Asked, clinic: FromPath[str]) -> Response[Any]:
    return await _openings(request, clinic, None, None)


@post("/c/{clinic:str}/openings/{opening_id:uuid}", needs="record.review")
async def review(
    request: Asked, clinic: FromPath[str], opening_id: FromPath[UUID], data: URLEncodedBody[Review]
) -> Response[Any]:
    actor = await visit.actor_of(request)
    try:
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            await records.review(tx, actor, opening_id, verdict=data.verdict, remark=data.remark)
    except Refusal as refusal:
        return await _openings(request, clinic, opening_id, refusal, data)
    return go(request, f"/c/{clinic}/openings", flash=REVIEWED)


async def _openings(
    request: Asked, clinic: str, at: UUID | None, refusal: Refusal | None, form: Review | None = None
) -> Response[Any]:
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        found, place = await records.openings(tx, actor), tx.clinic
    return await page(
        request,
        "doctor/openings.html",
        refusal=refusal,
        clinic=place,
        openings=found,
        me=actor.account_id,
        at=at,
        form=form or Review(),
    )


routes: list[HTTPRouteHandler] = [patients, record, break_glass, openings, review]
