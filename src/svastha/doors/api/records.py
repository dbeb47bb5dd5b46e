"""The whole record of a patient, and the glass before it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from svastha.domain import records
from svastha.domain.records import Found, Opening, Record
from svastha.doors import visit
from svastha.doors.api.problems import answers
from svastha.doors.visit import Asked

Text = Annotated[str, Meta(max_length=2000)]


class Reason(msgspec.Struct, frozen=True):
    reason: Text


class Opened(msgspec.Struct, frozen=True):
    open_until: datetime


class Review(msgspec.Struct, frozen=True):
    """``verdict``: ``in_order``, or ``not_in_order`` with a remark."""

    verdict: Text
    remark: Text = ""


class Patients(msgspec.Struct, frozen=True):
    items: list[Found]


class Openings(msgspec.Struct, frozen=True):
    items: list[Opening]


@get("/clinics/{clinic:str}/patients", responses=answers(401, 403, 404, 422), tags=["Record"], needs="record.open")
async def find(request: Asked, clinic: FromPath[str], q: FromQuery[str]) -> Patients:
    """Patients by the beginning of a part of their name, three letters at least."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Patients(await records.find(tx, actor, q))


@get(
    "/clinics/{clinic:str}/patients/{patient_id:uuid}/record",
    responses=answers(401, 403, 404),
    tags=["Record"],
    needs="record.open",
)
async def record(request: Asked, clinic: FromPath[str], patient_id: FromPath[UUID]) -> Record:
    """Everything signed about her at this clinic, for a doctor who cares for her, or after breaking the glass."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return await records.record_of(tx, actor, patient_id)


@post(
    "/clinics/{clinic:str}/patients/{patient_id:uuid}/break-glass",
    status_code=201,
    responses=answers(401, 403, 404, 422),
    tags=["Record"],
    needs="record.open",
    fresh=True,
)
async def break_glass(
    request: Asked, clinic: FromPath[str], patient_id: FromPath[UUID], data: JSONBody[Reason]
) -> Opened:
    """Open a record outside the care relation for an hour. Whoever runs the clinic is told, and it is reviewed."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Opened(await records.break_glass(tx, actor, patient_id, reason=data.reason))


@get("/clinics/{clinic:str}/openings", responses=answers(401, 403, 404), tags=["Record"], needs="record.review")
async def openings(request: Asked, clinic: FromPath[str]) -> Openings:
    """Who broke the glass, and why: first what waits for a review."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return Openings(await records.openings(tx, actor))


@post(
    "/clinics/{clinic:str}/openings/{opening_id:uuid}/review",
    status_code=204,
    responses=answers(401, 403, 404, 409, 422),
    tags=["Record"],
    needs="record.review",
)
async def review(request: Asked, clinic: FromPath[str], opening_id: FromPath[UUID], data: JSONBody[Review]) -> None:
    """Say whether it was in order. Not in order closes the record at once."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        await records.review(tx, actor, opening_id, verdict=data.verdict, remark=data.remark)


routes = [find, record, break_glass, openings, review]
