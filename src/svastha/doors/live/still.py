from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection

from svastha.doors import visit
from svastha.kit.refusals import Refusal


async def still_signed_in(connection: ASGIConnection[Any, Any, Any, Any], account_id: UUID) -> bool:
    """Whether a browser that stays connected has not signed out meanwhile. A program carries no cookie: what it was
    given is short-lived anyway."""
    if visit.COOKIE not in connection.cookies:
        return True
    connection.scope["state"].pop("asker", None)
    try:
        actor = await visit.asker(connection)
    except Refusal:  # too busy to tell: asked again in a moment
        return True
    return actor is not None and actor.account_id == account_id
