"""Every error of the API is problem+json, whoever noticed it."""

import re
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi.datastructures import ResponseSpec

from svastha.doors.refused import TITLES, Problem, language_of, of_a_body, problem_of, status_told
from svastha.kit.i18n import translator
from svastha.kit.refusals import FieldError, Refusal

MEDIA = "application/problem+json"
_NAMED = re.compile(r"(?:missing required|unknown) field `([^`]+)`")
_INDEX = re.compile(r"\[(\d+)\]")
log = structlog.get_logger()

MEANING = {
    400: "The request is malformed.",
    401: "Nobody is signed in with this token.",
    403: "Known, but not allowed to do this.",
    404: "Does not exist, or not for this person.",
    409: "Was possible, is no longer.",
    412: "Written against an older version.",
    413: "Larger than we take.",
    422: "Some fields need mending; `errors` names them.",
    428: "Send `If-Match` with the version that was read.",
    429: "Too many attempts; see `Retry-After`.",
    503: "Busy; see `Retry-After`.",
}


def answers(*statuses: int) -> dict[int, ResponseSpec]:
    """The problems an operation may answer with, for the OpenAPI document."""
    return {
        status: ResponseSpec(Problem, description=MEANING[status], media_type=MEDIA, generate_examples=False)
        for status in {400, 503, *statuses}
    }


def render(problem: Problem, more: dict[str, Any] | None = None) -> Response[bytes]:
    body = msgspec.to_builtins(problem) | msgspec.to_builtins(more or {})
    if not problem.errors:
        body.pop("errors")
    headers = {}
    if more and "retry_after" in more:
        headers["Retry-After"] = str(more["retry_after"])
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(msgspec.json.encode(body), status_code=problem.status, media_type=MEDIA, headers=headers)


def refused(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    return render(*problem_of(refusal, request))


def malformed(request: Request[Any, Any, Any], wrong: HTTPException) -> Response[bytes]:
    """What the framework refused: unknown routes, wrong methods, bodies and parameters that do not fit."""
    _ = translator(language_of(request))
    status = status_told(wrong)
    errors: tuple[FieldError, ...] = ()
    if isinstance(wrong, ValidationException):
        errors = tuple(_errors(wrong))
        status = 422 if errors and all(e.field != "" for e in errors) else 400
    code = {400: "malformed", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 422: "invalid"}
    return render(
        Problem(
            status,
            code.get(status, f"http_{status}"),
            _(TITLES.get(status, TITLES[400])),
            "" if status >= 500 else _words(wrong),
            instance=request.scope["path"],
            errors=errors,
        )
    )


def _words(wrong: HTTPException) -> str:
    return wrong.detail.split(" for ")[0] if isinstance(wrong, ValidationException) else wrong.detail


def _errors(wrong: ValidationException) -> list[FieldError]:
    extra = wrong.extra if isinstance(wrong.extra, list) else []
    return [_error(str(e.get("key") or ""), str(e.get("message", ""))) for e in extra if isinstance(e, dict)]


def _error(key: str, message: str) -> FieldError:
    """The field by its own name: of one that is missing or unknown only the words tell it."""
    named = _NAMED.search(message)
    path = named.group(1) if named and key in ("", "data") else key
    return FieldError(_INDEX.sub(r".\1", path), message)


def broken(request: Request[Any, Any, Any], trouble: Exception) -> Response[bytes]:
    """A fault of ours: logged with its trace, told without it."""
    log.error("server_error", route=request.scope.get("path_template", ""), exc_info=trouble)
    _ = translator(language_of(request))
    return render(Problem(500, "server_error", _(TITLES[500]), "", instance=request.scope["path"]))


def too_deep(request: Request[Any, Any, Any], _: RecursionError) -> Response[bytes]:
    """JSON nested deeper than anything we read."""
    return malformed(request, ValidationException("Nested too deeply"))


def not_text(request: Request[Any, Any, Any], trouble: UnicodeError | LookupError) -> Response[bytes]:
    """A body with bytes in it that are no UTF-8, or not what its part of a form says they are."""
    if not of_a_body(trouble):
        return broken(request, trouble)
    return malformed(request, ValidationException("The body is not text in UTF-8"))


HANDLERS = {
    Refusal: refused,
    HTTPException: malformed,
    RecursionError: too_deep,
    UnicodeError: not_text,
    LookupError: not_text,
    Exception: broken,
}
