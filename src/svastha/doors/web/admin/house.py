"""The pages of a clinic's own time, in its zone."""

from typing import Any

from litestar import Response

from svastha.doors.visit import Asked
from svastha.doors.web.render import page
from svastha.kit.db import ClinicRef
from svastha.kit.refusals import Refusal


async def show(
    request: Asked, template: str, place: ClinicRef, *, refusal: Refusal | None = None, **content: Any
) -> Response[Any]:
    """The page, or the page again with what was refused."""
    return await page(
        request,
        template,
        refusal=refusal,
        workplace=place,
        **content,
    )
