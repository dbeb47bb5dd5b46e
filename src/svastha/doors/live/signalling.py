"""The socket on which two browsers arrange their call: ``/live/call?token=…&sid=…``.

``sid`` names one load of the page. The server tells ``peer`` (the other is here, with this sid), ``gone``, ``state``
(the visit has moved on), ``chats`` and ``chat``. It passes on ``offer``, ``answer``, ``ice``, ``again`` and ``media``
to the ``sid`` they are addressed to, adding ``from``, and looks into none of them but ``media``, whose changes go into
the log. Close codes: 4001 replaced by a newer window, 4003 the call is over, 4008 too many messages, 4400 not our
language, 4401 signed out or no longer of this visit.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import structlog
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect

from svastha.domain import appointments, consultations
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Visit
from svastha.domain.consultations import Admission, NotAdmitted
from svastha.doors import media, visit
from svastha.doors.live.followed import Followed
from svastha.doors.live.hub import FLOODED, OVER, Hub, Seat
from svastha.doors.live.still import caller_now
from svastha.doors.live.watch import Watch
from svastha.doors.media import Admitted
from svastha.doors.visit import House, NotSignedIn
from svastha.kit.refusals import NotFound, Refusal

LONGEST = 64 * 1024
PER_SECOND, AT_ONCE = 50.0, 100.0
DEAR = {"chat": 5.0, "media": 5.0}  # what may write a row costs more
RELAYED = {"offer", "answer", "ice", "again", "media"}
LEFT, NOT_OURS, SIGNED_OUT = 1000, 4400, 4401
BROKEN, RESTART, AGAIN_LATER = 1011, 1012, 1013
LOST = 1006  # nobody is there any more to be told
WHY: dict[type[Refusal], int] = {NotAdmitted: OVER, NotSignedIn: SIGNED_OUT, NotFound: SIGNED_OUT}
HOW = {LEFT: "hung up", OVER: "visit over", SIGNED_OUT: "signed out"}
SILENT = 90.0  # seconds; the page says something every 20, or once a minute where its tab is hidden

MODES = {
    (True, True): "video",
    (True, False): "audio only",
    (False, True): "video, muted",
    (False, False): "neither audio nor video",
}
Flat = str | int | float | bool | None
Deep = Flat | list[Flat] | dict[str, Flat]
_SID = re.compile(r"[A-Za-z0-9_-]{8,64}")
# As deep as anything a browser tells of a call. What only just could be read here could not be passed on.
_MESSAGE = msgspec.json.Decoder(dict[str, Flat | list[Deep] | dict[str, Deep]])
Socket = WebSocket[Any, Any, Any]
log = structlog.get_logger()


@websocket("/live/call", needs="public")
async def call(socket: Socket) -> None:
    house = visit.house_of(socket)
    admitted = media.admitted(house.settings, socket.query_params.get("token", ""))
    sid = socket.query_params.get("sid", "")
    if admitted is None or not _SID.fullmatch(sid) or not _from_here(socket, house):
        await socket.close(SIGNED_OUT)  # before accepting, so the handshake itself is refused
        return
    await socket.accept()
    await _Call(socket, house, admitted, sid).run()


def _from_here(socket: Socket, house: House) -> bool:
    """A browser says on which page it stands; a page of somebody else must not speak for its visitor."""
    origin = socket.headers.get("origin")
    ours = (socket.headers.get("host"), urlsplit(house.settings.url).netloc)
    return origin is None or origin.partition("://")[2] in ours


class _Call:
    """One person's part in a call, from the handshake to the last word."""

    def __init__(self, socket: Socket, house: House, admitted: Admitted, sid: str) -> None:
        self.socket, self.house, self.admitted = socket, house, admitted
        self.hub: Hub = socket.app.state.hub
        self.watch: Watch = socket.app.state.watch
        self.seat = Seat(admitted.visit_id, admitted.role, sid)
        self.admission: Admission
        self.followed = Followed(socket, admitted.clinic, admitted.visit_id)
        self.mode = ""
        self.budget, self.counted_at = AT_ONCE, monotonic()

    async def run(self) -> None:
        speaking = asyncio.create_task(self._until_ended(self._speak))
        others: list[asyncio.Task[None]] = []
        try:
            await self._until_ended(self._arrive)
            if not self.seat.ended.done():
                others = [asyncio.create_task(self._until_ended(part)) for part in (self._listen, self._follow)]
            code = await self.seat.ended
        except asyncio.CancelledError:
            speaking.cancel()
            raise
        finally:
            for task in others:
                task.cancel()
            left = self.hub.leave(self.seat)
        if left:
            await self._note("left", HOW.get(code, "lost"))
        await self._close(code, speaking)

    async def _until_ended(self, part: Callable[[], Awaitable[int | None]]) -> None:
        """What one part returns is why the whole ends; None means that its end is no reason."""
        try:
            code = await part()
        except (WebSocketDisconnect, OSError):
            code = LOST
        except Refusal as refusal:
            code = WHY.get(type(refusal), AGAIN_LATER)
        except Exception as trouble:
            log.error("call_broken", error=type(trouble).__name__, exc_info=trouble)
            code = BROKEN
        if code is not None:
            self.seat.end(code)

    async def _look(self) -> Visit:
        """The visit, for somebody who may still be in its call; asked at the start and every 15 seconds."""
        return self._party(await self.followed.seen_by(await self._caller()))

    async def _caller(self) -> Actor:
        actor = await caller_now(self.socket, self.admitted.account_id, self.admitted.session_id)
        if actor is None:
            raise NotSignedIn
        return actor

    def _party(self, seen: Visit) -> Visit:
        if not (seen.as_doctor if self.seat.who == "doctor" else seen.as_patient):
            raise NotFound
        return seen

    async def _arrive(self) -> None:
        actor = await self._caller()
        async with visit.to_clinic(self.house, self.admitted.clinic) as tx:
            self._party(await appointments.seen_by(tx, actor, self.seat.visit_id, trace=False))
            self.admission = await consultations.still_admitted(tx, self.seat.visit_id, self.seat.who)
            before = self.hub.sit(self.seat)  # first the seat, then what was said: so nothing is missed in between
            if before is None or before.sid != self.seat.sid:
                consultations.log(tx, self.seat.visit_id, self.seat.who, "joined", "again" if before else "")
            lines = await consultations.chat_of(tx, self.admission, self.admitted.account_id)
        self.seat.tell(t="chats", items=[_line(line) for line in lines])
        self.hub.introduce(self.seat)

    async def _speak(self) -> None:
        """Returns when told None."""
        while (text := await self.seat.told()) is not None:
            await self.socket.send_text(text)

    async def _follow(self) -> int:
        async with aclosing(self.watch.looks(self.seat.visit_id, self._look)) as looks:
            async for seen in looks:
                if seen.appointment.status != "in_progress":
                    self.seat.tell(t="state", status=seen.appointment.status)
                    return OVER
        return RESTART

    async def _listen(self) -> int:
        while True:
            try:
                event: Any = await asyncio.wait_for(self.socket.receive(), SILENT)
            except TimeoutError:  # a phone that has changed networks: its old socket never says so
                return LOST
            if event["type"] == "websocket.disconnect":
                return LEFT if event.get("code") == LEFT else LOST
            message = _read(event.get("text"))
            if message is None:
                return NOT_OURS
            if not self._affordable(DEAR.get(message["t"], 1.0)):
                return FLOODED
            if message["t"] == "bye":
                return LEFT
            await self._heard(message)

    async def _heard(self, message: dict[str, Any]) -> None:
        match message["t"]:
            case "ping":
                self.seat.tell(t="pong")
            case "chat":
                await self._say(message.get("id"), message.get("text"))
            case "media":
                await self._mode(MODES[message.get("audio") is True, message.get("video") is True])
        if message["t"] in RELAYED:
            self.hub.pass_on(self.seat, {**message, "from": self.seat.sid})

    async def _say(self, id: object, text: object) -> None:
        try:
            line_id = UUID(id) if isinstance(id, str) else None
        except ValueError:
            return
        if line_id is None or not isinstance(text, str):
            return
        try:
            async with visit.to_clinic(self.house, self.admitted.clinic) as tx:
                line = await consultations.say(tx, self.admission, line_id, text)
        except Refusal as refusal:
            self.seat.tell(t="refused", id=id, code=refusal.code)
            return
        self.hub.tell_both(self.seat.visit_id, {"t": "chat", **_line(line)})

    async def _mode(self, mode: str) -> None:
        if mode != self.mode:
            self.mode = mode
            await self._note("mode", mode)

    async def _note(self, event: str, detail: str) -> None:
        try:
            async with visit.to_clinic(self.house, self.admitted.clinic) as tx:
                consultations.log(tx, self.seat.visit_id, self.seat.who, event, detail)
        except Refusal as busy:
            log.warning("call_log_lost", event_name=event, error=busy.code)

    def _affordable(self, price: float) -> bool:
        """A bucket that fills at 50 a second and holds 100."""
        at = monotonic()
        self.budget = min(AT_ONCE, self.budget + (at - self.counted_at) * PER_SECOND) - price
        self.counted_at = at
        return self.budget >= 0

    async def _close(self, code: int, speaking: asyncio.Task[None]) -> None:
        """Say what is still to be said, then go."""
        if code == LOST:
            speaking.cancel()
        else:
            try:
                self.seat.outbox.put_nowait(None)
                await asyncio.wait_for(speaking, 2)
            except (TimeoutError, asyncio.QueueFull):
                speaking.cancel()
        try:
            await self.socket.close(1000 if code == LOST else code)
        except (WebSocketDisconnect, OSError, RuntimeError):  # it has closed by itself
            pass


def _read(text: str | None) -> dict[str, Any] | None:
    """A message, or None for what is not one."""
    if text is None or len(text.encode()) > LONGEST:
        return None
    try:
        message = _MESSAGE.decode(text)
    except msgspec.DecodeError:
        return None
    return message if isinstance(message.get("t"), str) else None


def _line(line: consultations.ChatLine) -> dict[str, Any]:
    return {"id": line.id, "from": line.who, "name": line.name, "text": line.text, "at": line.at}
