from collections.abc import Collection
from time import monotonic
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection

from svastha.domain import appointments, queue
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Visit
from svastha.domain.queue import Standing
from svastha.doors import visit
from svastha.doors.live import watch
from svastha.doors.live.shared import Shared
from svastha.doors.live.watch import Watch


class Followed:
    """A visit that somebody follows. How it stands is looked at for all that are followed at the clinic. It is read
    when that or what she is there has changed, or somebody rang about it. Whether she still acts for the patient the
    database alone knows: for a guardian it is read every 15 seconds."""

    def __init__(self, connection: ASGIConnection[Any, Any, Any, Any], clinic: str, visit_id: UUID) -> None:
        self._connection, self._clinic, self._visit_id = connection, clinic, visit_id
        self._house = visit.house_of(connection)
        self._watch: Watch = connection.app.state.watch
        self._shared: Shared = connection.app.state.shared
        self._began = monotonic()
        self._read: tuple[Visit, float, object] | None = None

    async def seen_by(self, asker: Actor) -> Visit:
        """Raises NotFound for who may not see it, or no more."""
        place = await visit.clinic_of(self._connection, self._clinic)
        rung = self._watch.since(self._began, self._visit_id)
        stands = await self._shared.look((self._clinic, "visits"), {self._visit_id: rung}, self._standings)
        given = stands[self._visit_id], asker.is_a("doctor", place.id), asker.runs_desk_of(place.id)
        if self._read:
            seen, at, before = self._read
            acts = seen.appointment.as_guardian
            if given == before and at >= max(rung, monotonic() - watch.LOOK_AGAIN if acts else rung):
                return seen
        return await self.read(asker, given)

    async def read(self, asker: Actor, given: object = None) -> Visit:
        at = monotonic()
        async with self._shared.reading(self._house, self._clinic) as tx:
            seen = await appointments.seen_by(tx, asker, self._visit_id, trace=False)
        self._read = seen, at, given
        return seen

    async def _standings(self, visits: Collection[UUID]) -> dict[UUID, Standing]:
        async with self._shared.reading(self._house, self._clinic) as tx:
            return await queue.standings(tx, visits)
