"""Is this signed document genuine? One address for people and programs; it stands in the QR code on the paper."""

import hashlib
import re
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.datastructures import ResponseHeader
from litestar.exceptions import ClientException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from multipart import MultipartError, MultipartSegment, PushMultipartParser  # type: ignore[import-untyped]

from svastha.domain import prescriptions
from svastha.domain.prescriptions import Verified
from svastha.doors import papers, visit
from svastha.doors.refused import Problem, problem_of
from svastha.doors.visit import Asked
from svastha.doors.web.render import page
from svastha.kit.i18n import N_
from svastha.kit.refusals import FieldError, Invalid, NotFound, Refusal

LARGEST = 5 * 1024 * 1024
PROBLEM = "application/problem+json"
NOTHING_CHOSEN = FieldError("document", N_("Choose the PDF first."))

_SHA256 = re.compile(r"[0-9a-f]{64}")


class UnknownDocument(NotFound):
    code = "unknown_document"
    says = N_("We know no such document.")


@get(
    "/verify/{code:str}",
    include_in_schema=True,
    tags=["Verification"],
    summary="Verify",
    responses={
        200: ResponseSpec(
            Verified, description="There is such a document; `matches` is about the file.", generate_examples=False
        ),
        **{
            status: ResponseSpec(Problem, description=says, media_type=PROBLEM, generate_examples=False)
            for status, says in (
                (400, "The request is malformed."),
                (404, "We know no such document."),
                (422, "`sha256` is no digest."),
            )
        },
    },
    response_headers=[ResponseHeader(name="Vary", description="`Accept`", documentation_only=True)],
    needs="public",
)
async def verify(
    request: Asked,
    code: FromPath[str],
    sha256: Annotated[
        str, QueryParameter(description="SHA-256 of the file at hand, in hexadecimal. Without it `matches` is null.")
    ] = "",
) -> Response[Any]:
    """Who signed the prescription of this code, when and where, and whether the file at hand is that very document.
    A page for people; JSON for `Accept: application/json`. Nothing in it is about the patient."""
    digest = sha256.strip().lower()
    try:
        if digest and not _SHA256.fullmatch(digest):
            raise Invalid(FieldError("sha256", N_("This is not a SHA-256 digest: 64 digits from 0 to f.")))
        verified = await found(request, code, bytes.fromhex(digest) or None)
    except Refusal as refusal:
        return await said(request, code, None, refusal)
    return await said(request, code, verified)


@post("/verify/{code:str}", status_code=200, request_max_body_size=papers.UPLOAD, needs="public")
async def verify_file(request: Asked, code: FromPath[str]) -> Response[Any]:
    """The form of the page: the file is compared while it comes in, and none of it is kept."""
    try:
        verified = await found(request, code, await digest_of_the_document(request))
    except Refusal as refusal:
        return await said(request, code, None, refusal)
    return await said(request, code, verified)


async def digest_of_the_document(request: Asked) -> bytes:
    """SHA-256. Anybody may send 5 MB, as slowly as she likes: so many can that they would fill the memory."""
    digest, size, inside = hashlib.sha256(), 0, False
    boundary = request.content_type[1].get("boundary")
    if not boundary:
        raise Invalid(NOTHING_CHOSEN)
    try:
        with PushMultipartParser(boundary, max_segment_count=10) as form:
            async for chunk in request.stream():
                for part in form.parse(chunk) if chunk else ():
                    if isinstance(part, MultipartSegment):
                        inside = part.name == "document"
                    elif part and inside:
                        digest.update(part)
                        size += len(part)
    except MultipartError:
        raise ClientException("Invalid multipart/form-data") from None
    if not size:
        raise Invalid(NOTHING_CHOSEN)
    if size > LARGEST:
        raise Invalid(FieldError("document", N_("This file is too large to be one of our documents.")))
    return digest.digest()


async def found(request: Asked, code: str, sha256: bytes | None) -> Verified:
    """The code leads to the clinic. Whatever is wrong with it, the answer is the same."""
    try:
        clinic, code = prescriptions.place_of(code)
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            return await prescriptions.verify(tx, code, sha256)
    except NotFound:
        raise UnknownDocument from None


async def said(request: Asked, code: str, verified: Verified | None, refusal: Refusal | None = None) -> Response[Any]:
    if request.accept.best_match(["text/html", "application/json"]) == "application/json":
        problem = problem_of(refusal, request)[0] if refusal else None
        answer: Response[Any] = Response(
            msgspec.json.encode(problem or verified),
            status_code=problem.status if problem else 200,
            media_type=PROBLEM if problem else MediaType.JSON,
        )
    else:
        answer = await page(request, "public/verify.html", refusal=refusal, code=code, verified=verified)
    answer.headers["Vary"] = "Accept, Accept-Language, Cookie"
    return answer


routes = [verify, verify_file]
