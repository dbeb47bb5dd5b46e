"""Taking one's own data along, and closing the account."""

from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec

from svastha.domain.accounts import AccountClosed
from svastha.doors.api.problems import answers
from svastha.doors.close_account import close_account
from svastha.doors.take_away import take_away
from svastha.doors.visit import Asked

ZIP = "application/zip"
ARCHIVE = {200: ResponseSpec(bytes, description="A ZIP archive.", media_type=ZIP, generate_examples=False)}


@get("/me/export", responses=answers(401, 403, 404) | ARCHIVE, tags=["Account"], needs="self", fresh=True)
async def export(request: Asked) -> Response[bytes]:
    """Everything known about the person who asks, as JSON and signed PDFs in one archive. Needs a fresh proof."""
    return Response(await take_away(request), media_type=ZIP)


@post("/me/close", status_code=200, responses=answers(401, 403, 404, 409), tags=["Account"], needs="self", fresh=True)
async def close(request: Asked) -> AccountClosed:
    """Close the account: at once to everybody, for good after two weeks. A link to come back is sent."""
    return await close_account(request)


routes = [export, close]
