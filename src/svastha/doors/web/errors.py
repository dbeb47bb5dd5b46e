"""What a page says when something was refused. Forms show their own refusals; this is for all others."""

from typing import Any
from urllib.parse import urlencode

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from svastha.doors.refused import TITLES, Problem, language_of, problem_of
from svastha.doors.visit import NotSignedIn
from svastha.doors.web.render import here, page
from svastha.kit.i18n import translator
from svastha.kit.refusals import Refusal

log = structlog.get_logger()


async def refused(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    if isinstance(refusal, NotSignedIn) and not request.headers.get("x-autosave"):
        target = here(request) if request.method == "GET" else "/"
        return Redirect(f"/sign-in?{urlencode({'next': target})}", status_code=303)
    problem, more = problem_of(refusal, request)
    answer = await page(request, "public/problem.html", status=problem.status, problem=problem)
    if "retry_after" in more:
        answer.headers["Retry-After"] = str(more["retry_after"])
    return answer


async def malformed(request: Request[Any, Any, Any], wrong: HTTPException) -> Response[Any]:
    return await _plain(request, wrong.status_code)


async def broken(request: Request[Any, Any, Any], trouble: Exception) -> Response[Any]:
    log.error("server_error", route=request.scope.get("path_template", ""), exc_info=trouble)
    return await _plain(request, 500)


async def _plain(request: Request[Any, Any, Any], status: int) -> Response[Any]:
    _ = translator(language_of(request))
    problem = Problem(status, f"http_{status}", _(TITLES.get(status, TITLES[400])), "")
    return await page(request, "public/problem.html", status=status, problem=problem)


HANDLERS = {Refusal: refused, HTTPException: malformed, Exception: broken}
