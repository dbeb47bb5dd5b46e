from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from svastha.doors.refused import LANG
from svastha.doors.visit import Asked
from svastha.doors.web.render import go, safe_next
from svastha.kit.i18n import LOCALES

YEAR = 365 * 24 * 3600


@get("/language/{lang:str}", needs="public")
async def language(request: Asked, lang: FromPath[str], next: FromQuery[str] = "/") -> Response[Any]:
    answer = go(request, safe_next(next, "/"))
    if lang in LOCALES:
        answer.set_cookie(LANG, lang, max_age=YEAR, secure=True, httponly=True, samesite="lax", path="/")
    return answer


routes = [language]
