"""What other systems look for at a place everybody knows."""

from datetime import timedelta
from typing import Any

from litestar import Response, get

from svastha.doors.visit import Asked, house_of
from svastha.kit import clock
from svastha.kit.i18n import LOCALES
from svastha.kit.refusals import NotFound


@get("/.well-known/jwks.json", security=[], tags=["Accounts"], needs="public")
async def jwks(request: Asked) -> Response[dict[str, Any]]:
    """The public keys that our access tokens are signed with (RFC 7517). They may be kept for five minutes: a new key
    is here for ten before it signs, an old one for an hour after it last did."""
    ring = await house_of(request).routing.keyring()
    return Response(ring.jwks(), headers={"cache-control": "public, max-age=300"})


@get("/.well-known/security.txt", include_in_schema=False, needs="public")
async def security_txt(request: Asked) -> Response[str]:
    """Whom to tell of a hole (RFC 9116). Written anew each time, so it never runs out while somebody is there."""
    settings = house_of(request).settings
    if not settings.security_contact:
        raise NotFound
    lines = [
        f"Contact: {settings.security_contact}",
        f"Expires: {clock.now() + timedelta(days=180):%Y-%m-%dT00:00:00Z}",
        f"Preferred-Languages: {', '.join(LOCALES)}",
        f"Canonical: {settings.url}/.well-known/security.txt",
    ]
    return Response("\n".join(lines) + "\n", media_type="text/plain")


routes = [jwks, security_txt]
