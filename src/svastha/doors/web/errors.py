"""What a page says when something was refused. Forms show their own refusals; this is for all others.

The framework calls these without awaiting, so the header greets only whom the request has looked up already.
"""

from typing import Any
from urllib.parse import urlencode

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from svastha.domain.accounts import Actor
from svastha.doors.guard import SecondFactorMissing, StepUpRequired
from svastha.doors.refused import TITLES, Problem, language_of, of_a_body, status_told
from svastha.doors.visit import NotSignedIn
from svastha.doors.web.render import here, render
from svastha.kit.i18n import translator
from svastha.kit.refusals import Refusal

log = structlog.get_logger()


def refused(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    if isinstance(refusal, NotSignedIn) and not request.headers.get("x-autosave"):
        target = here(request) if request.method == "GET" else "/"
        return Redirect(f"/sign-in?{urlencode({'next': target})}", status_code=303)
    if isinstance(refusal, SecondFactorMissing):
        return Redirect("/security/enrol", status_code=303)
    if isinstance(refusal, StepUpRequired):
        target = here(request)
        return Redirect(f"/step-up?{urlencode({'next': target})}", status_code=303)
    return _page(request, refusal=refusal)


def malformed(request: Request[Any, Any, Any], wrong: HTTPException) -> Response[Any]:
    return _plain(request, status_told(wrong))


def broken(request: Request[Any, Any, Any], trouble: Exception) -> Response[Any]:
    log.error("server_error", route=request.scope.get("path_template", ""), exc_info=trouble)
    return _plain(request, 500)


def _plain(request: Request[Any, Any, Any], status: int) -> Response[Any]:
    _ = translator(language_of(request))
    problem = Problem(status, f"http_{status}", _(TITLES.get(status, TITLES[400])), "")
    return _page(request, status=status, problem=problem)


def _page(request: Request[Any, Any, Any], **what: Any) -> Response[Any]:
    known: Actor | None = request.scope["state"].get("asker")
    return render(request, known, "public/problem.html", **what)


def too_deep(request: Request[Any, Any, Any], _: RecursionError) -> Response[Any]:
    return _plain(request, 400)


def not_text(request: Request[Any, Any, Any], trouble: UnicodeError | LookupError) -> Response[Any]:
    return _plain(request, 400) if of_a_body(trouble) else broken(request, trouble)


HANDLERS = {
    Refusal: refused,
    HTTPException: malformed,
    RecursionError: too_deep,
    UnicodeError: not_text,
    LookupError: not_text,
    Exception: broken,
}
