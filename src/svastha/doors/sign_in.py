"""Signing in as pages and programs share it."""

import re
import secrets

from svastha.domain import accounts
from svastha.domain.accounts import Actor, Proof, SignedIn, Visitor
from svastha.doors import visit
from svastha.doors.address import address_of, network_of
from svastha.doors.visit import Asked, House

DEVICE = "__Host-device"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def visitor_of(request: Asked, *, kind: str) -> Visitor:
    """From where this is asked. A browser that keeps no device token yet is given one, to be set when she is in."""
    address = address_of(request)
    device = request.cookies.get(DEVICE, "") if kind == "browser" else ""
    if kind == "browser" and not _TOKEN.fullmatch(device):
        device = request.scope["state"].setdefault("new_device", secrets.token_urlsafe(32))
    return Visitor(address, network_of(address), request.headers.get("user-agent", ""), device)


async def sign_in(house: House, visitor: Visitor, *, contact: str, password: str, kind: str) -> SignedIn:
    """Count and read, let the connection go, check the password, then write: the check is slow on purpose."""
    async with visit.to_control(house) as tx:
        found = await accounts.credentials_of(tx, contact, visitor)
    proof = await accounts.prove(found, password)
    async with visit.to_control(house) as tx:
        return await accounts.sign_in(tx, proof, visitor, kind=kind)


async def prove_again(house: House, actor: Actor, visitor: Visitor, password: str) -> Proof:
    """The same for somebody who is signed in."""
    async with visit.to_control(house) as tx:
        found = await accounts.own_credentials(tx, actor, visitor)
    return await accounts.prove(found, password)
