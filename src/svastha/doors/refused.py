"""From a refusal to a status and the reader's words: one table for all doors."""

from typing import Any

import msgspec
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException

from svastha.doors.versions import IfMatchMissing
from svastha.kit import refusals
from svastha.kit.i18n import LOCALES, N_, translator

LANG = "__Host-lang"  # the cookie of the language switch

STATUS: dict[type[refusals.Refusal], int] = {
    refusals.BadRequest: 400,
    refusals.Unauthenticated: 401,
    refusals.Forbidden: 403,
    refusals.NotFound: 404,
    refusals.Conflict: 409,
    refusals.Stale: 412,
    refusals.Invalid: 422,
    refusals.TooMany: 429,
    refusals.Busy: 503,
    IfMatchMissing: 428,
}

TITLES = {
    400: N_("The request is not right"),
    401: N_("Please sign in"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    405: N_("This is not done here"),
    409: N_("No longer possible"),
    412: N_("Changed meanwhile"),
    413: N_("Too large"),
    415: N_("Not a kind we read"),
    422: N_("Needs mending"),
    428: N_("Against which version?"),
    429: N_("Too many requests"),
    500: N_("Something went wrong on our side"),
    503: N_("Busy"),
}


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457. ``code`` is stable; ``errors`` names the fields that need mending."""

    status: int
    code: str
    title: str
    detail: str
    type: str = "about:blank"
    instance: str = ""
    errors: tuple[refusals.FieldError, ...] = ()


def status_of(refusal: refusals.Refusal) -> int:
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)


def language_of(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """What the language switch was set to, else what the browser asks for, else English."""
    chosen = request.cookies.get(LANG, "")
    if chosen in LOCALES:
        return chosen
    for part in request.headers.get("accept-language", "").lower().split(","):
        if part.strip()[:2] in LOCALES:
            return part.strip()[:2]
    return "en"


def problem_of(
    refusal: refusals.Refusal, request: ASGIConnection[Any, Any, Any, Any]
) -> tuple[Problem, dict[str, Any]]:
    """The problem, and the members that this kind of refusal adds to it."""
    status, _ = status_of(refusal), translator(language_of(request))
    errors = getattr(refusal, "errors", ())
    return (
        Problem(
            status,
            refusal.code,
            _(TITLES[status]),
            _(refusal.says).format(**refusal.details),
            instance=request.scope["path"],
            errors=tuple(refusals.FieldError(e.field, _(e.message)) for e in errors),
        ),
        refusal.details,
    )


def status_told(wrong: HTTPException) -> int:
    """Whoever left before the whole request was here has not met a fault of ours."""
    return 400 if wrong.detail == "client disconnected prematurely" else wrong.status_code


def of_a_body(trouble: UnicodeError | LookupError) -> bool:
    """Is it what reading a body raises? An unknown charset is a LookupError, but so is every missing key of ours."""
    return type(trouble) in (UnicodeDecodeError, UnicodeError, LookupError)
