"""Status reports of the WhatsApp Cloud API, and what people answer."""

import hashlib
import hmac
import re

import msgspec
from litestar import MediaType, Response, get, post

from svastha.doors.hooks.reported import NotSigned, replied, reported, same, understood
from svastha.doors.visit import Asked, house_of
from svastha.kit.refusals import NotFound

LARGEST = 3 * 1024 * 1024  # as large as they say their reports may be
ARRIVED = {"delivered", "read", "played"}
_CHALLENGE = re.compile(r"[\w.-]{1,200}")


class _Error(msgspec.Struct, frozen=True):
    code: int = 0


class _Status(msgspec.Struct, frozen=True):
    id: str
    status: str
    biz_opaque_callback_data: str = ""
    errors: list[_Error] = []


class _Text(msgspec.Struct, frozen=True):
    body: str = ""


class _Button(msgspec.Struct, frozen=True):
    text: str = ""


class _Message(msgspec.Struct, frozen=True):
    """Whatever else may be sent there, such as pictures, we only look at words."""

    sender: str = msgspec.field(default="", name="from")
    text: _Text = _Text()
    button: _Button = _Button()


class _Value(msgspec.Struct, frozen=True):
    statuses: list[_Status] = []
    messages: list[_Message] = []


class _Change(msgspec.Struct, frozen=True):
    value: _Value


class _Entry(msgspec.Struct, frozen=True):
    changes: list[_Change] = []


class _Notice(msgspec.Struct, frozen=True):
    entry: list[_Entry] = []


@get("/hooks/whatsapp", media_type=MediaType.TEXT, include_in_schema=False, needs="public")
async def whatsapp_handshake(request: Asked) -> str:
    """Asked once, when the hook is set up there."""
    expected, asked = _on(request, "whatsapp_verify_token"), request.query_params
    challenge = asked.get("hub.challenge", "")
    known = asked.get("hub.mode") == "subscribe" and same(asked.get("hub.verify_token", ""), expected)
    if not known or not _CHALLENGE.fullmatch(challenge):
        raise NotSigned
    return challenge


@post("/hooks/whatsapp", status_code=200, request_max_body_size=LARGEST, include_in_schema=False, needs="public")
async def whatsapp_report(request: Asked) -> Response[None]:
    secret, body = _on(request, "whatsapp_app_secret"), await request.body()
    signature = "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    if not same(request.headers.get("x-hub-signature-256", ""), signature):
        raise NotSigned
    notice: _Notice | None = understood(body, _Notice, hook="whatsapp")
    values = [change.value for entry in notice.entry for change in entry.changes] if notice else []
    statuses = [status for value in values for status in value.statuses]
    await reported(
        house_of(request),
        "whatsapp",
        [
            (s.biz_opaque_callback_data, s.id, s.status in ARRIVED, f"whatsapp_{s.errors[0].code if s.errors else 0}")
            for s in statuses
            if s.status in ARRIVED or s.status == "failed"
        ],
    )
    messages = [message for value in values for message in value.messages]
    await replied(house_of(request), "whatsapp", [(one.sender, one.text.body or one.button.text) for one in messages])
    return Response(None)


def _on(request: Asked, name: str) -> str:
    secret: str = getattr(house_of(request).settings, name)
    if not secret:
        raise NotFound
    return secret


routes = [whatsapp_handshake, whatsapp_report]
