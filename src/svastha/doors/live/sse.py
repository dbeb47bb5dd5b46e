from collections.abc import AsyncIterator
from contextlib import aclosing
from html import escape
from time import monotonic
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from svastha.domain import appointments, queue
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Visit
from svastha.domain.queue import Position
from svastha.doors import visit
from svastha.doors.live.still import browser_now
from svastha.doors.live.watch import Change, Watch
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked, NotSignedIn
from svastha.kit.i18n import N_, translator
from svastha.kit.refusals import NotFound

STILL = b": still here\n\n"
READ_AGAIN = 4  # times as rarely as the queue is looked at: a visit nobody rang about
YOUR_TURN = N_("It is your turn. Please come in.")


@get("/c/{clinic:str}/visits/{appointment_id:uuid}/live", include_in_schema=False, needs="visit.read")
async def follow_visit(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Stream:
    """The state of a visit, now and after every change, as HTML for the page that shows it."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        seen = await appointments.seen_by(tx, actor, appointment_id)
    return Stream(
        _messages(request, actor, clinic, seen),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _messages(request: Asked, actor: Actor, clinic: str, first: Visit) -> AsyncIterator[bytes]:
    watch: Watch = request.app.state.watch
    visit_id, doctor_id = first.appointment.id, first.appointment.doctor_id
    # The id of each message is the status it tells: a browser that comes back says which one it had seen.
    known = request.headers.get("last-event-id", "")
    shown, called = "", True
    yield b"retry: 2000\n\n"
    # Whoever waits follows the queue of her doctor, not her visit alone.
    ids = [visit_id, *([doctor_id] if first.as_patient else [])]
    with watch.changes(visit_id) as own, watch.changes(*ids) as either:
        follower = _Follower(request, actor, clinic, visit_id, own, either)
        async with aclosing(watch.looks(ids, follower.look)) as looks:
            try:
                async for seen, place in looks:
                    if seen.appointment.doctor_id != doctor_id:
                        return  # another queue: the browser comes back at once, and follows that one
                    status, html = seen.appointment.status, state_html(request, seen, place)
                    if html == shown:
                        yield STILL
                        continue
                    shown = html
                    yield message(html, id=status)
                    if place and place.called and not called:
                        yield message(translator(language_of(request))(YOUR_TURN), event="toast")
                    called = place is not None and place.called
                    if seen.as_patient and status == "completed" and known not in ("", "completed"):
                        yield message(f"/c/{clinic}/visits/{visit_id}", event="go")
                    known = status
            except (NotFound, NotSignedIn):
                return


class _Follower:
    """Somebody who follows a visit. What may have changed is read; her place, once for all who wait for that doctor."""

    def __init__(self, request: Asked, actor: Actor, clinic: str, visit_id: UUID, own: Change, either: Change) -> None:
        self._request, self._actor, self._clinic, self._visit_id = request, actor, clinic, visit_id
        self._own, self._either = own, either
        self._seen: Visit | None = None
        self._read_at = 0.0

    async def look(self) -> tuple[Visit, Position | None]:
        """As somebody who may see it now, not only when this began. The first look has left its trace."""
        asker = await browser_now(self._request, self._actor.account_id)
        if asker is None:
            raise NotSignedIn
        seen = self._seen
        if seen is None or self._read_at < self._own.since(READ_AGAIN if _for_good(seen) else 1):
            seen = await self._read(asker)
        if not seen.as_patient:
            return seen, None
        place = await self._place(asker, seen)
        if (place.status, place.doctor_id) != (seen.appointment.status, seen.appointment.doctor_id):
            seen = await self._read(asker)
        return seen, place

    async def _read(self, asker: Actor) -> Visit:
        self._read_at = monotonic()
        async with visit.to_clinic(visit.house_of(self._request), self._clinic) as tx:
            self._seen = await appointments.seen_by(tx, asker, self._visit_id, trace=False)
        return self._seen

    async def _place(self, asker: Actor, seen: Visit) -> Position:
        """Her own of all that were looked up at once, for everybody who follows this doctor's queue."""
        house, shared, doctor_id = (
            visit.house_of(self._request),
            self._request.app.state.shared,
            seen.appointment.doctor_id,
        )

        async def look() -> dict[UUID, Position]:
            async with visit.to_clinic(house, self._clinic) as tx:
                return await queue.positions_today(tx, doctor_id)

        today: dict[UUID, Position] = await shared.look((self._clinic, doctor_id), self._either.since(), look)
        if self._visit_id in today:
            return today[self._visit_id]
        async with visit.to_clinic(house, self._clinic) as tx:
            return await queue.position(tx, asker, self._visit_id, trace=False)


def _for_good(seen: Visit) -> bool:
    """Her own visit remains hers; a guardian, a doctor or the desk may lose the right to see it."""
    return seen.as_patient and not seen.appointment.as_guardian


def message(data: str, **fields: str) -> bytes:
    """One event; a line break inside the data becomes a line of its own, as the format asks."""
    head = [f"{name}: {value}" for name, value in fields.items()]
    return "\n".join([*head, *(f"data: {line}" for line in data.splitlines() or [""]), "", ""]).encode()


def state_html(request: Asked, seen: Visit, place: Position | None) -> str:
    """``<section id="visit-state" data-status=…>``, and for whoever waits ``<section id="place">``, drawn by the pages'
    own templates where there are any."""
    render = request.app.state.get("render_state")
    if render:
        drawn: str = render(request, seen) + (request.app.state.render_place(request, place) if place else "")
        return drawn
    return f'<section id="visit-state" data-status="{escape(seen.appointment.status)}"></section>'
