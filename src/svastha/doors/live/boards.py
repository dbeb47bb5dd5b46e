"""Queues that draw themselves anew after every change: at the desk, for the doctor, and on the wall."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing
from datetime import timedelta
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from svastha.domain import queue, schedule
from svastha.doors import visit
from svastha.doors.address import address_of
from svastha.doors.live.shared import Shared
from svastha.doors.live.sse import STILL, message
from svastha.doors.live.still import browser_now
from svastha.doors.live.watch import Watch
from svastha.doors.refused import language_of
from svastha.doors.visit import Asked, NotSignedIn
from svastha.kit.clock import now
from svastha.kit.i18n import N_
from svastha.kit.refusals import NotFound, TooMany

LONGEST = timedelta(hours=12)  # that a screen on a wall follows before it asks anew
MOST = 60  # screens that one address follows here: anybody may
_SCREENS: Counter[str] = Counter()


class TooManyScreens(TooMany):
    code = "too_many_screens"
    says = N_("Too many screens are open here. Please close one.")


@get("/c/{clinic:str}/queue/live", include_in_schema=False, needs="queue.run")
async def follow_board(request: Asked, clinic: FromPath[str], doctor: FromQuery[UUID | None] = None) -> Stream:
    """The queues of today, of one doctor or of all, as HTML for the page that shows them. Who follow the same share one
    look and one drawing."""
    house, actor, lang = visit.house_of(request), await visit.actor_of(request), language_of(request)
    shared: Shared = request.app.state.shared
    async with visit.to_clinic(house, clinic) as tx:
        boards = await queue.board(tx, actor, doctor_id=doctor)

    async def look(since: float) -> bytes:
        """As somebody who may see them now. The first look has left its trace."""
        asker = await browser_now(request, actor.account_id)
        if asker is None:
            raise NotSignedIn
        whose = queue.whose(tx.clinic, asker, doctor)

        async def draw() -> bytes:
            async with visit.to_clinic(house, clinic) as tx:
                boards = await queue.board(tx, asker, doctor_id=whose, trace=False)
            return message(request.app.state.render_board(request, tx.clinic, boards))

        return await shared.look(("board", clinic, whose, lang), since, draw)

    return _stream(request, [one.doctor_id for one in boards], look)


@get("/c/{clinic:str}/screen/live", include_in_schema=False, needs="public")
async def follow_screen(request: Asked, clinic: FromPath[str]) -> Stream:
    """The numbers that are called, for the screen of a waiting room."""
    house, until = visit.house_of(request), now() + LONGEST
    shared: Shared = request.app.state.shared
    lang, address = language_of(request), address_of(request)
    if _SCREENS[address] >= MOST:
        raise TooManyScreens(retry_after=60)
    async with visit.to_clinic(house, clinic) as tx:
        doctors = [one.doctor_id for one in await schedule.practitioners(tx)]

    async def draw() -> bytes:
        async with visit.to_clinic(house, clinic) as tx:
            shown = await queue.screen(tx)
        return message(request.app.state.render_screen(request, clinic, shown))

    async def look(since: float) -> bytes:
        if now() > until:
            raise NotFound
        return await shared.look(("screen", clinic, lang), since, draw)

    return _stream(request, doctors, look, counted=address)


def _stream(
    request: Asked,
    ids: Collection[UUID],
    look: Callable[[float], Awaitable[bytes]],
    *,
    counted: str | None = None,
) -> Stream:
    messages = _messages(request.app.state.watch, ids, look)
    return Stream(
        messages if counted is None else _counted(counted, messages),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _messages(
    watch: Watch, ids: Collection[UUID], look: Callable[[float], Awaitable[bytes]]
) -> AsyncGenerator[bytes]:
    shown = b""
    yield b"retry: 2000\n\n"
    with watch.changes(*ids) as changed:
        async with aclosing(watch.looks(ids, lambda: look(changed.since()))) as looks:
            try:
                async for drawn in looks:
                    yield STILL if drawn == shown else drawn
                    shown = drawn
            except (NotFound, NotSignedIn):
                return


async def _counted(address: str, messages: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    _SCREENS[address] += 1
    try:
        async with aclosing(messages):
            async for one in messages:
                yield one
    finally:
        _SCREENS[address] -= 1
        if not _SCREENS[address]:
            del _SCREENS[address]
