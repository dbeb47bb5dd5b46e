from collections.abc import AsyncIterator
from contextlib import aclosing
from html import escape
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from svastha.domain import appointments
from svastha.domain.accounts import Actor
from svastha.domain.appointments import Visit
from svastha.doors import visit
from svastha.doors.live.still import browser_now
from svastha.doors.live.watch import Watch
from svastha.doors.visit import Asked, NotSignedIn
from svastha.kit.refusals import NotFound


@get("/c/{clinic:str}/visits/{appointment_id:uuid}/live", include_in_schema=False, needs="visit.read")
async def follow_visit(request: Asked, clinic: FromPath[str], appointment_id: FromPath[UUID]) -> Stream:
    """The state of a visit, now and after every change, as HTML for the page that shows it."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        seen = await appointments.seen_by(tx, actor, appointment_id)
    return Stream(
        _messages(request, actor, clinic, seen.appointment.id),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _messages(request: Asked, actor: Actor, clinic: str, visit_id: UUID) -> AsyncIterator[bytes]:
    watch: Watch = request.app.state.watch
    # The id of each message is the status it tells: a browser that comes back says which one it had seen.
    known = request.headers.get("last-event-id", "")
    shown = ""
    yield b"retry: 2000\n\n"

    async def look() -> Visit:
        """As somebody who may see it now, not only when this began. The first look has left its trace."""
        now = await browser_now(request, actor.account_id)
        if now is None:
            raise NotSignedIn
        async with visit.to_clinic(visit.house_of(request), clinic) as tx:
            return await appointments.seen_by(tx, now, visit_id, trace=False)

    async with aclosing(watch.looks(visit_id, look)) as looks:
        try:
            async for seen in looks:
                status, html = seen.appointment.status, state_html(request, seen)
                if html == shown:
                    yield b": still here\n\n"
                    continue
                shown = html
                yield message(html, id=status)
                if seen.as_patient and status == "completed" and known not in ("", "completed"):
                    yield message(f"/c/{clinic}/visits/{visit_id}", event="go")
                known = status
        except (NotFound, NotSignedIn):
            return


def message(data: str, **fields: str) -> bytes:
    """One event; a line break inside the data becomes a line of its own, as the format asks."""
    head = [f"{name}: {value}" for name, value in fields.items()]
    return "\n".join([*head, *(f"data: {line}" for line in data.splitlines() or [""]), "", ""]).encode()


def state_html(request: Asked, seen: Visit) -> str:
    """``<section id="visit-state" data-status=…>``, drawn by the pages' own templates where there are any."""
    render = request.app.state.get("render_state")
    if render:
        drawn: str = render(request, seen)
        return drawn
    return f'<section id="visit-state" data-status="{escape(seen.appointment.status)}"></section>'
