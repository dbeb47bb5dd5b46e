"""Delivery reports of MSG91, and what people answer. It sends with each the secret we have given it."""

import msgspec
from litestar import Response, post

from svastha.doors.hooks.reported import NotSigned, replied, reported, same, understood
from svastha.doors.visit import Asked, House, house_of
from svastha.kit.refusals import NotFound

LARGEST = 256 * 1024
ARRIVED = {"1", "delivered"}
FAILED = {"2", "9", "16", "17", "25", "failed", "rejected", "blocked"}


class _Report(msgspec.Struct, frozen=True):
    """``CRQID`` is what we gave with the message, ``requestId`` what they answered."""

    CRQID: str | int = ""
    requestId: str | int = ""
    status: str | int = ""

    @property
    def outcome(self) -> str:
        return str(self.status).lower()


class _Reply(msgspec.Struct, frozen=True):
    """What came to our number: ``sender`` is hers, with the country's code."""

    sender: str | int = ""
    message: str = ""


@post("/hooks/sms", status_code=200, request_max_body_size=LARGEST, include_in_schema=False, needs="public")
async def sms_report(request: Asked) -> Response[None]:
    house = _signed(request)
    found = understood(await request.body(), _Report | list[_Report], hook="sms")
    reports: list[_Report] = found if isinstance(found, list) else [found] if found else []
    await reported(
        house,
        "sms",
        [
            (str(r.CRQID), str(r.requestId), r.outcome in ARRIVED, f"sms_{r.outcome}")
            for r in reports
            if r.outcome in ARRIVED | FAILED
        ],
        by_id=True,
    )
    return Response(None)


@post("/hooks/sms/reply", status_code=200, request_max_body_size=LARGEST, include_in_schema=False, needs="public")
async def sms_reply(request: Asked) -> Response[None]:
    house = _signed(request)
    reply: _Reply | None = understood(await request.body(), _Reply, hook="sms_reply")
    await replied(house, "sms", [(str(reply.sender), reply.message)] if reply else [])
    return Response(None)


def _signed(request: Asked) -> House:
    house = house_of(request)
    if not house.settings.sms_hook_secret:
        raise NotFound
    if not same(request.headers.get("authorization", ""), f"Bearer {house.settings.sms_hook_secret}"):
        raise NotSigned
    return house


routes = [sms_report, sms_reply]
