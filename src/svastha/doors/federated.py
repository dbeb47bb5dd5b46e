"""Sign-in vouched for by somebody else, as pages and programs share it: the provider, the person, what a browser keeps.

What must outlive the way to the provider and back travels in the browser itself, in sealed cookies: nobody can read or
make one, and one browser's is of no use in another.
"""

import base64
import hmac
from typing import TypeVar
from uuid import UUID

import msgspec

from svastha.domain import accounts
from svastha.domain.accounts import Begun, Provider, SignedIn, Vouched
from svastha.doors import visit
from svastha.doors.refused import language_of
from svastha.doors.sign_in import visitor_of
from svastha.doors.visit import Asked, House
from svastha.kit import clock
from svastha.kit.crypto import Unreadable, seal, unseal
from svastha.kit.refusals import NotFound

T = TypeVar("T")


class Way(msgspec.Struct, frozen=True):
    """Under way to a provider. ``account_id``: to connect her there; else to sign in."""

    provider: str
    begun: Begun
    next: str
    account_id: UUID | None = None


class Waiting(msgspec.Struct, frozen=True):
    """Vouched for, and waiting for this very account to say yes."""

    vouched: Vouched
    account_id: UUID
    next: str


class _Kept(msgspec.Struct, frozen=True):
    until: float
    what: msgspec.Raw


def provider_of(house: House, name: str) -> Provider:
    """Raises NotFound for one that is not set up."""
    if name not in house.providers:
        raise NotFound
    return house.providers[name]


def offered(house: House) -> list[Provider]:
    """Those a page shows a button for."""
    return list(house.providers.values())


async def sign_in(request: Asked, vouched: Vouched, *, kind: str, zone: str = "Asia/Kolkata") -> SignedIn:
    """Raises what ``accounts.arrive`` raises, and SecondFactorRequired where her roles need one."""
    async with visit.to_control(visit.house_of(request)) as tx:
        account_id = await accounts.arrive(tx, vouched, locale=language_of(request), zone=zone)
        visitor = visitor_of(request, kind=kind)
        return await accounts.sign_in_proven(tx, account_id, visitor, method="oidc", kind=kind)


def kept(house: House, purpose: str, what: object, seconds: int) -> str:
    """As the value of a cookie, for a while."""
    plain = msgspec.json.encode(_Kept(clock.now().timestamp() + seconds, msgspec.Raw(msgspec.json.encode(what))))
    return base64.urlsafe_b64encode(seal(_key(house), plain, purpose.encode())).rstrip(b"=").decode()


def found(house: House, purpose: str, value: str, kind: type[T]) -> T | None:
    """What was kept for this purpose; None for anything else, or too late."""
    try:
        sealed = base64.urlsafe_b64decode(value.encode("ascii") + b"=" * (-len(value) % 4))
        read = msgspec.json.decode(unseal(_key(house), sealed, purpose.encode()), type=_Kept)
        return msgspec.json.decode(read.what, type=kind) if read.until > clock.now().timestamp() else None
    except (Unreadable, ValueError, msgspec.DecodeError, RecursionError):
        return None


def _key(house: House) -> bytes:
    return hmac.digest(house.settings.secret.encode(), b"federated sign-in, kept by the browser", "sha256")
