"""Who sits in which call, and what they are told."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain.consultations import Who
from svastha.doors.live.relay import Gone, Note, Relay, Sat, Told
from svastha.kit.ids import uuid7

LONGEST_QUEUE, LARGEST_QUEUE = 256, 1024 * 1024  # messages, and characters of all of them

REPLACED = 4001  # the same person has opened the call elsewhere
OVER = 4003
FLOODED = 4008

OTHER: dict[Who, Who] = {"doctor": "patient", "patient": "doctor"}


class Seat:
    """One socket of one person in a call. What it is told waits in a queue, so that a slow reader delays nobody."""

    def __init__(self, visit_id: UUID, who: Who, sid: str) -> None:
        self.visit_id, self.who, self.sid = visit_id, who, sid
        self.id = uuid7()  # the later the larger
        self.outbox: asyncio.Queue[str | None] = asyncio.Queue(LONGEST_QUEUE)
        self._waiting = 0  # characters
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def tell(self, /, **message: Any) -> None:  # a browser may send anything, even a member called self
        text = msgspec.json.encode(message).decode()
        if self.outbox.full() or self._waiting + len(text) > LARGEST_QUEUE:
            self.end(FLOODED)
        else:
            self.outbox.put_nowait(text)
            self._waiting += len(text)

    async def told(self) -> str | None:
        """The next message; None at the end."""
        text = await self.outbox.get()
        self._waiting -= len(text or "")
        return text

    def end(self, code: int) -> None:
        """Leave with this close code. The first reason counts."""
        if not self.ended.done():
            self.ended.set_result(code)


class Hub:
    """Two seats for each visit, the doctor's and the patient's. This process knows those that were taken here; the
    other one may be in another process, which the relay reaches."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._calls: dict[UUID, dict[Who, Seat]] = {}

    async def run(self) -> None:
        await self._relay.run(self._heard, ready=self._introduce_everybody)

    def sit(self, seat: Seat) -> Seat | None:
        """Take one's seat. The newest socket of a person wins; whom it replaces here is returned."""
        seats = self._calls.setdefault(seat.visit_id, {})
        before = seats.get(seat.who)
        seats[seat.who] = seat
        if before:
            before.end(REPLACED)
        return before

    def introduce(self, seat: Seat) -> None:
        """Tell each of the two, if both are here or there, which page of the other it is talking to."""
        other = self._other(seat.visit_id, seat.who)
        if other:
            seat.tell(t="peer", sid=other.sid)
            other.tell(t="peer", sid=seat.sid)
        self._relay.send(seat.visit_id, Sat(seat.who, seat.sid, seat.id))

    def pass_on(self, seat: Seat, message: dict[str, Any]) -> None:
        """To the page of the other that it is meant for, if that is the one in the call."""
        to, other = message.get("to"), self._other(seat.visit_id, seat.who)
        if other and other.sid == to:
            other.tell(**message)
        elif isinstance(to, str):
            self._relay.send(seat.visit_id, Told(message, OTHER[seat.who], to))

    def tell_both(self, visit_id: UUID, message: dict[str, Any]) -> None:
        seats = self._calls.get(visit_id, {})
        for seat in seats.values():
            seat.tell(**message)
        if len(seats) < 2:
            self._relay.send(visit_id, Told(message))

    def leave(self, seat: Seat) -> bool:
        """False if somebody newer sits there."""
        if not self._stand_up(seat):
            return False
        other = self._other(seat.visit_id, seat.who)
        if other:
            other.tell(t="gone", sid=seat.sid)
        else:
            self._relay.send(seat.visit_id, Gone(seat.who, seat.sid))
        return True

    def _stand_up(self, seat: Seat) -> bool:
        seats = self._calls.get(seat.visit_id, {})
        if seats.get(seat.who) is not seat:
            return False
        del seats[seat.who]
        if not seats:
            del self._calls[seat.visit_id]
        return True

    def _other(self, visit_id: UUID, who: Who) -> Seat | None:
        return self._calls.get(visit_id, {}).get(OTHER[who])

    def _introduce_everybody(self) -> None:
        for visit_id, seats in self._calls.items():
            for seat in seats.values():
                self._relay.send(visit_id, Sat(seat.who, seat.sid, seat.id))

    def _heard(self, visit_id: UUID, note: Note) -> None:
        """From another process, most often about a call that has nobody here."""
        seats = self._calls.get(visit_id)
        if not seats:
            return
        match note:
            case Sat():
                self._sat_elsewhere(visit_id, note)
            case Gone():
                other = seats.get(OTHER[note.who])
                if other:
                    other.tell(t="gone", sid=note.sid)
            case Told():
                for seat in seats.values():
                    if note.who in (None, seat.who) and note.to in (None, seat.sid):
                        seat.tell(**note.message)

    def _sat_elsewhere(self, visit_id: UUID, note: Sat) -> None:
        mine, other = self._calls[visit_id].get(note.who), self._other(visit_id, note.who)
        if mine:
            if mine.id > note.seat:  # ours is newer, and they hear of it as we heard of theirs
                return
            self._stand_up(mine)
            mine.end(REPLACED)
        if other:
            other.tell(t="peer", sid=note.sid)
            if not note.answers:
                self._relay.send(visit_id, Sat(other.who, other.sid, other.id, answers=True))
