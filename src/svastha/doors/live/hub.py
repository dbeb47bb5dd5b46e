"""Who sits in which call. In this process alone: both people of a visit must reach the same server process, so a larger
house sends the calls of one clinic to one process, or puts a broker behind this class."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec

from svastha.domain.consultations import Who

LONGEST_QUEUE = 256

REPLACED = 4001  # the same person has opened the call elsewhere
OVER = 4003
FLOODED = 4008


class Seat:
    """One socket of one person in a call. What it is told waits in a queue, so that a slow reader delays nobody."""

    def __init__(self, visit_id: UUID, who: Who, sid: str) -> None:
        self.visit_id, self.who, self.sid = visit_id, who, sid
        self.outbox: asyncio.Queue[str | None] = asyncio.Queue(LONGEST_QUEUE)
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def tell(self, /, **message: Any) -> None:  # a browser may send anything, even a member called self
        try:
            self.outbox.put_nowait(msgspec.json.encode(message).decode())
        except asyncio.QueueFull:
            self.end(FLOODED)

    def end(self, code: int) -> None:
        """Leave with this close code. The first reason counts."""
        if not self.ended.done():
            self.ended.set_result(code)


class Hub:
    """Two seats for each visit: the doctor's and the patient's."""

    def __init__(self) -> None:
        self._calls: dict[UUID, dict[Who, Seat]] = {}

    def sit(self, seat: Seat) -> Seat | None:
        """Take one's seat. The newest socket of a person wins; whom it replaces is returned."""
        seats = self._calls.setdefault(seat.visit_id, {})
        before = seats.get(seat.who)
        seats[seat.who] = seat
        if before:
            before.end(REPLACED)
        return before

    def introduce(self, visit_id: UUID) -> None:
        """Tell each of the two, if both are here, which page of the other it is talking to."""
        seats = list(self._calls.get(visit_id, {}).values())
        for seat in seats:
            for other in seats:
                if other is not seat:
                    seat.tell(t="peer", sid=other.sid)

    def other(self, seat: Seat) -> Seat | None:
        return self._calls.get(seat.visit_id, {}).get("patient" if seat.who == "doctor" else "doctor")

    def both(self, visit_id: UUID) -> list[Seat]:
        return list(self._calls.get(visit_id, {}).values())

    def leave(self, seat: Seat) -> bool:
        """False if somebody newer sits there."""
        seats = self._calls.get(seat.visit_id, {})
        if seats.get(seat.who) is not seat:
            return False
        del seats[seat.who]
        for other in seats.values():
            other.tell(t="gone", sid=seat.sid)
        if not seats:
            del self._calls[seat.visit_id]
        return True
