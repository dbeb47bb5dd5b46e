from uuid import UUID

from litestar import Response, get, post, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from svastha.domain import prescriptions
from svastha.domain.prescriptions import Prescription, PrescriptionChanged
from svastha.doors import versions, visit
from svastha.doors.api.problems import answers
from svastha.doors.sign_prescription import sign_prescription
from svastha.doors.versions import VERSIONED, IfMatch
from svastha.doors.visit import Asked


@get(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/prescription",
    responses=answers(401, 403, 404),
    response_headers=VERSIONED,
    tags=["Prescription"],
    needs="prescription.read",
)
async def read(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Response[Prescription]:
    """For the doctor the draft or the signed one (`version` 0 where there is none); for the patient once signed."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        return _versioned(await prescriptions.read(tx, actor, appointment_id))


@put(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/prescription",
    responses=answers(401, 403, 404, 409, 412, 422, 428),
    response_headers=VERSIONED,
    tags=["Prescription"],
    needs="prescription.write",
)
async def write(
    request: Asked,
    clinic: FromPath[str],
    appointment_id: FromPath[UUID],
    data: JSONBody[Prescription],
    if_match: IfMatch = None,
) -> Response[Prescription]:
    """Replace the draft. `If-Match` may be left out only for the very first; a 412 carries the newer one as `version`
    and `fields`. What only the server says may be sent back and is ignored."""
    actor = await visit.actor_of(request)
    version = versions.expected(if_match) if if_match else 0
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        try:
            await prescriptions.write(tx, actor, appointment_id, data.rx, if_version=version)
        except PrescriptionChanged:
            versions.expected(if_match)
            raise
        return _versioned(await prescriptions.read(tx, actor, appointment_id))


@post(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/prescription/sign",
    status_code=200,
    responses=answers(401, 403, 404, 409, 412, 422),
    response_headers=VERSIONED,
    tags=["Prescription"],
    needs="prescription.write",
)
async def sign(
    request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID], if_match: IfMatch = None
) -> Response[Prescription]:
    """Sign and lock: what is written now, or, with `If-Match`, only what was read. The patient is told."""
    version = versions.expected(if_match) if if_match else None
    return _versioned(await sign_prescription(request, clinic, appointment_id, if_version=version))


@get(
    "/clinics/{clinic:str}/appointments/{appointment_id:uuid}/prescription.pdf",
    media_type="application/pdf",
    responses={
        **answers(401, 403, 404),
        200: ResponseSpec(
            bytes, description="The signed document.", media_type="application/pdf", generate_examples=False
        ),
    },
    tags=["Prescription"],
    needs="prescription.read",
)
async def pdf(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Response[bytes]:
    """The signed document, the same bytes for ever: `GET /verify/{code}` tells whether a copy is genuine."""
    actor = await visit.actor_of(request)
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        document = await prescriptions.document(tx, actor, appointment_id)
    return Response(
        document,
        media_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="prescription.pdf"', "Cache-Control": "no-store"},
    )


def _versioned(prescription: Prescription) -> Response[Prescription]:
    return Response(prescription, headers={"ETag": versions.etag(prescription.version)})


routes = [read, write, sign, pdf]
