"""The pass into a call: who is admitted gets, for a moment, a signed token and servers that help two browsers meet."""

import base64
import hmac
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from svastha.domain import consultations
from svastha.domain.consultations import Who
from svastha.doors import visit
from svastha.doors.visit import Asked
from svastha.kit import crypto
from svastha.kit.clock import now
from svastha.settings import Settings

CONNECT_WITHIN = timedelta(seconds=60)
RELAY_FOR = timedelta(minutes=10)  # coturn keeps an allocation that is in use; a recovery asks for fresh ones
SOCKET = "/live/call"


class IceServer(msgspec.Struct, frozen=True, omit_defaults=True):
    """As ``RTCPeerConnection`` takes it."""

    urls: list[str]
    username: str = ""
    credential: str = ""


class MediaPass(msgspec.Struct, frozen=True):
    """``ws`` is relative to the address that was asked; connect with ``?token=…&sid=…`` before ``expires_at``."""

    token: str
    ws: str
    role: Who
    ice_servers: list[IceServer]
    expires_at: datetime


class Admitted(msgspec.Struct, frozen=True):
    """What a token says."""

    clinic: str
    visit_id: UUID
    role: Who
    account_id: UUID
    until: int
    session_id: UUID | None = None  # in which it was asked for: the call ends with it


async def media_pass(request: Asked, clinic: str, visit_id: UUID) -> MediaPass:
    """For the doctor and the patient of a visit by video, only while it is in progress."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        who = (await consultations.admission(tx, actor, visit_id)).who
    token, expires_at = mint(house.settings, clinic, visit_id, who, actor.account_id, actor.session_id)
    return MediaPass(token, SOCKET, who, ice_servers(house.settings, visit_id), expires_at)


def mint(
    settings: Settings, clinic: str, visit_id: UUID, role: Who, account_id: UUID, session_id: UUID | None = None
) -> tuple[str, datetime]:
    """The token and when it is too late to connect with it."""
    expires_at = (now() + CONNECT_WITHIN).replace(microsecond=0)
    said = Admitted(clinic, visit_id, role, account_id, int(expires_at.timestamp()), session_id)
    return crypto.sign(settings.secret, "media", said), expires_at


def admitted(settings: Settings, token: str) -> Admitted | None:
    """None for a token that is not ours or too old."""
    said = crypto.signed(settings.secret, "media", token, Admitted)
    return said if said and said.until > now().timestamp() else None


def ice_servers(settings: Settings, visit_id: UUID) -> list[IceServer]:
    """With credentials that coturn checks by itself (``use-auth-secret``): a user name that says when it expires, and
    its HMAC. None where no server is set: browsers then find only direct ways."""
    urls = settings.turn_urls.split()
    if not urls:
        return []
    if not settings.turn_secret:
        return [IceServer(urls)]
    username = f"{int((now() + RELAY_FOR).timestamp())}:{visit_id.hex[-12:]}"
    mac = hmac.digest(settings.turn_secret.encode(), username.encode(), "sha1")
    return [IceServer(urls, username, base64.b64encode(mac).decode())]
