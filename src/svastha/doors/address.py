"""Where a request comes from. What a proxy says about it counts only if we were told to trust that proxy.

``X-Forwarded-For`` is a list to which each proxy adds at the right whom it was called by; everything left of what our
own proxies added may be invented by the caller.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection
from litestar.types import Scope

from svastha.settings import Settings, networks

IP = IPv4Address | IPv6Address
NOWHERE = ""


def address_of(request: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The address of the client, or an empty text if the connection has none."""
    settings: Settings = request.app.state.house.settings
    return client_of(request.scope, settings.trusted_proxies)


def client_of(scope: Scope, trusted_proxies: str) -> str:
    """The rightmost address that is not one of our proxies. An entry that is no address ends the walk: whoever wrote it
    is not one of ours, and nothing left of it can be believed."""
    called = (scope.get("client") or (NOWHERE,))[0]
    trusted = networks(trusted_proxies)
    if not trusted:
        return _written(called)
    found = _parsed(called)
    if found is None:
        return NOWHERE
    said = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
    for entry in reversed(said.decode("latin-1").split(",")):
        if not any(found in network for network in trusted):
            break
        before = _parsed(entry)
        if before is None:
            break
        found = before
    return str(found)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What is counted together: an IPv4 address, or the /64 that one IPv6 subscriber has for herself."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return str(found) if found else NOWHERE


@lru_cache(maxsize=4096)
def _written(text: str) -> str:
    found = _parsed(text)
    return str(found) if found else NOWHERE


@lru_cache(maxsize=4096)
def _parsed(text: str) -> IP | None:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return None if found.scope_id else found.ipv4_mapped or found
    return found
