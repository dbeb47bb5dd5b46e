"""Rights are asked for again while a connection stays open: it may outlive a sign-out, a suspension, a grant."""

from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection

from svastha.domain import accounts
from svastha.domain.accounts import Actor
from svastha.doors import visit


async def browser_now(connection: ASGIConnection[Any, Any, Any, Any], account_id: UUID) -> Actor | None:
    """The person behind the browser's cookie, if that is still this one."""
    connection.scope["state"].pop("asker", None)
    actor = await visit.asker(connection)
    return actor if actor and actor.account_id == account_id else None


async def caller_now(
    connection: ASGIConnection[Any, Any, Any, Any], account_id: UUID, session_id: UUID | None
) -> Actor | None:
    """The person in a call. A browser says so by its cookie; a program carries none, so the session counts in which it
    asked to be admitted."""
    if visit.COOKIE in connection.cookies:
        return await browser_now(connection, account_id)
    async with visit.house_of(connection).routing.reading_control() as tx:
        return await accounts.still_there(tx, account_id, session_id)
