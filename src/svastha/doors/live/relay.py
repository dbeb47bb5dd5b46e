"""From one server process to all others: what the two people of a call tell each other, sealed, for whoever has one of
them. What is said while the wire is cut is said again a few times, then lost; pages ask again."""

import asyncio
import base64
import hmac
from collections import deque
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec
import structlog

from svastha.domain.consultations import Who
from svastha.kit.crypto import Unreadable, seal, unseal
from svastha.kit.ids import uuid7
from svastha.kit.wire import Wire, keep_listening

MOST = 10_000  # that wait to be sent
AT_ONCE = 40
TRIES = 5
log = structlog.get_logger()


class Sat(msgspec.Struct, frozen=True, tag="sat"):
    """``seat`` tells which of two is newer. ``answers`` is no news, but for those who have just come."""

    who: Who
    sid: str
    seat: UUID
    answers: bool = False


class Gone(msgspec.Struct, frozen=True, tag="gone"):
    who: Who
    sid: str


class Told(msgspec.Struct, frozen=True, tag="told"):
    """To the page ``to`` of this person, or to everybody in the call."""

    message: dict[str, Any]
    who: Who | None = None
    to: str | None = None


Note = Sat | Gone | Told


class Relay:
    def __init__(self, wire: Wire, secret: str) -> None:
        self._wire, self._me = wire, uuid7().hex
        self._key = hmac.digest(secret.encode(), b"calls between processes", "sha256")
        self._waiting: deque[str] = deque(maxlen=MOST)
        self._sending: asyncio.Task[None] | None = None

    def send(self, visit_id: UUID, note: Note) -> None:
        sealed = base64.b64encode(seal(self._key, msgspec.json.encode(note), visit_id.bytes)).decode()
        self._waiting.append(msgspec.json.encode((self._me, visit_id, sealed)).decode())
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._waiting:
            texts = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
            for attempt in range(1, TRIES + 1):
                try:
                    await self._wire.send(texts)
                    break
                except Exception as trouble:
                    log.warning("call_relay_cannot_send", error=type(trouble).__name__, attempt=attempt)
                    await asyncio.sleep(0.2 * attempt)

    def read(self, text: str) -> tuple[UUID, Note] | None:
        """None for what this process has said itself, and for what it does not understand."""
        try:
            sender, visit_id, sealed = msgspec.json.decode(text, type=tuple[str, UUID, str])
            if sender == self._me:
                return None
            note = unseal(self._key, base64.b64decode(sealed), visit_id.bytes)
            return visit_id, msgspec.json.decode(note, type=Note)
        except (msgspec.MsgspecError, Unreadable, ValueError, RecursionError):  # of another version, or of nobody
            log.warning("call_relay_not_understood")
            return None

    async def run(self, heard: Callable[[UUID, Note], None], *, ready: Callable[[], None]) -> None:
        """Until cancelled. ``ready`` whenever it begins to listen: what was said before was not heard."""

        def read(text: str) -> None:
            if found := self.read(text):
                heard(*found)

        await keep_listening(self._wire, read, ready=ready, cut="call_relay_cannot_listen")
