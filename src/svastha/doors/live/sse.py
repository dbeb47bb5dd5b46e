from collections.abc import AsyncIterator
from contextlib import aclosing
from html import escape
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
from svastha.doors.live.watch import Watch
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked, NotSignedIn
from svastha.kit.i18n import N_, translator
from svastha.kit.refusals import NotFound

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

    async def look() -> tuple[Visit, Position | None]:
        """As somebody who may see it now, not only when this began. The first look has left its trace."""
        now = await browser_now(request, actor.account_id)
        if now is None:
            raise NotSignedIn
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            seen = await appointments.seen_by(tx, now, visit_id, trace=False)
        return seen, await _place(request, now, seen) if seen.as_patient else None

    # Whoever waits follows the queue of her doctor, not her visit alone.
    async with aclosing(watch.looks([visit_id, *([doctor_id] if first.as_patient else [])], look)) as looks:
        try:
            async for seen, place in looks:
                if seen.appointment.doctor_id != doctor_id:
                    return  # another queue: the browser comes back at once, and follows that one
                status, html = seen.appointment.status, state_html(request, seen, place)
                if html == shown:
                    yield b": still here\n\n"
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


async def _place(request: Asked, actor: Actor, seen: Visit) -> Position | None:
    """Her own of all that were looked up at once, for everybody who follows this doctor's queue."""
    house, of = visit.house_of(request), seen.appointment

    async def look() -> dict[UUID, Position]:
        async with visit.to_clinic(house, of.clinic) as tx:
            return await queue.positions_today(tx, of.doctor_id)

    today: dict[UUID, Position] = await request.app.state.shared.look((of.clinic, of.doctor_id), look)
    if of.id in today:
        return today[of.id]
    async with visit.to_clinic(house, of.clinic) as tx:
        return await queue.position(tx, actor, of.id, trace=False)


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
