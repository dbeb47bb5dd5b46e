"""The pages of a clinic's own time, in its zone."""

from typing import Any

from litestar import Response

from svastha.doors.refused import problem_of
from svastha.doors.visit import Asked
from svastha.doors.web.render import page
from svastha.kit.db import ClinicRef
from svastha.kit.refusals import Refusal


async def show(
    request: Asked, template: str, place: ClinicRef, *, refusal: Refusal | None = None, **content: Any
) -> Response[Any]:
    """The page, or the page again with what was refused."""
    problem = problem_of(refusal, request)[0] if refusal else None
    return await page(
        request,
        template,
        status=problem.status if problem else 200,
        workplace=place,
        problem=problem,
        errors={error.field: error.message for error in problem.errors} if problem else {},
        **content,
    )
