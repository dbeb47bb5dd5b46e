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
from svastha.doors.live.followed import Followed
from svastha.doors.live.queues import queues_now
from svastha.doors.live.shared import Shared
from svastha.doors.live.still import browser_now
from svastha.doors.live.watch import Watch
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked, NotSignedIn
from svastha.kit.i18n import N_, translator
from svastha.kit.refusals import NotFound

STILL = b": still here\n\n"
YOUR_TURN = N_("It is your turn. Please come in.")


@get("/c/{clinic:str}/visits/{appointment_id:uuid}/live", include_in_schema=False, needs="visit.read")
async def follow_visit(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Stream:
    """The state of a visit, now and after every change, as HTML for the page that shows it."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        seen = await appointments.seen_by(tx, actor, appointment_id)
    return stream(_messages(request, actor, clinic, seen))


async def _messages(request: Asked, actor: Actor, clinic: str, first: Visit) -> AsyncIterator[bytes]:
    watch: Watch = request.app.state.watch
    visit_id, doctor_id = first.appointment.id, first.appointment.doctor_id
    # The id of each message is the status it tells: a browser that comes back says which one it had seen.
    known = request.headers.get("last-event-id", "")
    called, drawn = True, _Drawn(request)
    yield b"retry: 2000\n\n"
    # Whoever waits follows the queue of her doctor, not her visit alone.
    ids = [visit_id, *([doctor_id] if first.as_patient else [])]
    follower = _Follower(request, actor, clinic, visit_id)
    async with aclosing(watch.looks(ids, follower.look)) as looks:
        try:
            async for seen, place in looks:
                if seen.appointment.doctor_id != doctor_id:
                    return  # another queue: the browser comes back at once, and follows that one
                status, html = seen.appointment.status, drawn.anew(seen, place)
                if html is None:
                    yield STILL
                    continue
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
    """Somebody who follows a visit, and her place, which is looked up for all who wait for that doctor."""

    def __init__(self, request: Asked, actor: Actor, clinic: str, visit_id: UUID) -> None:
        self._request, self._actor, self._clinic, self._visit_id = request, actor, clinic, visit_id
        self._watch: Watch = request.app.state.watch
        self._followed = Followed(request, clinic, visit_id)
        self._began = monotonic()

    async def look(self) -> tuple[Visit, Position | None]:
        """As somebody who may see it now, not only when this began. The first look has left its trace."""
        asker = await browser_now(self._request, self._actor.account_id)
        if asker is None:
            raise NotSignedIn
        seen = await self._followed.seen_by(asker)
        if not seen.as_patient:
            return seen, None
        place = await self._place(asker, seen)
        if (place.status, place.doctor_id) != (seen.appointment.status, seen.appointment.doctor_id):
            seen = await self._followed.read(asker)  # of the two looks the later one knows more
        return seen, place

    async def _place(self, asker: Actor, seen: Visit) -> Position:
        doctor_id = seen.appointment.doctor_id
        since = self._watch.since(self._began, self._visit_id, doctor_id)
        today = (await queues_now(self._request, self._clinic, {doctor_id: since}))[doctor_id]
        if today and self._visit_id in today.positions:
            return today.positions[self._visit_id]
        shared: Shared = self._request.app.state.shared
        async with shared.reading(visit.house_of(self._request), self._clinic) as tx:
            return await queue.position(tx, asker, self._visit_id, trace=False)


def stream(messages: AsyncIterator[bytes]) -> Stream:
    return Stream(
        messages, media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


def message(data: str, **fields: str) -> bytes:
    """One event; a line break inside the data becomes a line of its own, as the format asks."""
    head = [f"{name}: {value}" for name, value in fields.items()]
    return "\n".join([*head, *(f"data: {line}" for line in data.splitlines() or [""]), "", ""]).encode()


class _Drawn:
    """What a page that follows a visit shows."""

    def __init__(self, request: Asked) -> None:
        self._request = request
        self._of: tuple[Visit, Position | None] | None = None
        self._state = self._html = ""

    def anew(self, seen: Visit, place: Position | None) -> str | None:
        """None where nothing has changed. Of two parts, what is the same is not drawn again."""
        if self._of == (seen, place):
            return None
        if self._of is None or self._of[0] != seen:
            self._state = state_html(self._request, seen)
        self._of, before = (seen, place), self._html
        self._html = self._state + place_html(self._request, place)
        return None if self._html == before else self._html


def state_html(request: Asked, seen: Visit) -> str:
    """``<section id="visit-state" data-status=…>``, drawn by the pages' own template where there is one."""
    render = request.app.state.get("render_state")
    if render:
        drawn: str = render(request, seen)
        return drawn
    return f'<section id="visit-state" data-status="{escape(seen.appointment.status)}"></section>'


def place_html(request: Asked, place: Position | None) -> str:
    """``<section id="place">``, for whoever waits, where pages have one."""
    render = request.app.state.get("render_place")
    return render(request, place) if place and render else ""
