"""What a refusal says to a page that stays where it is: its script shows the words, and no text on the page is lost."""

from typing import Any

import msgspec
from litestar import Request, Response

from svastha.doors.refused import problem_of
from svastha.doors.visit import NotSignedIn
from svastha.doors.web import errors
from svastha.kit.refusals import Refusal


def stays(request: Request[Any, Any, Any]) -> bool:
    """Did a script ask, which wants an answer rather than another page?"""
    headers = request.headers
    return "x-autosave" in headers or "x-fragment" in headers or "json" in headers.get("accept", "")


def in_place(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    """Problem JSON for a script, a page for a form that was simply sent."""
    sign_in = isinstance(refusal, NotSignedIn) and "x-fragment" in request.headers  # which the script follows
    if sign_in or not stays(request):
        return errors.refused(request, refusal)
    problem, more = problem_of(refusal, request)
    body = msgspec.to_builtins(more) | msgspec.to_builtins(problem) | {"detail": words_of(request, refusal)[1]}
    return Response(msgspec.json.encode(body), status_code=problem.status, media_type="application/problem+json")


def words_of(request: Request[Any, Any, Any], refusal: Refusal) -> tuple[int, str]:
    """Its status, and what is wrong: field by field where it names fields."""
    problem, _ = problem_of(refusal, request)
    return problem.status, " ".join(error.message for error in problem.errors) or problem.detail
