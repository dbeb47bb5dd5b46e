"""Queues that draw themselves anew after every change: at the desk, for the doctor, and on the wall."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from svastha.domain import queue, schedule
from svastha.domain.queue import Board
from svastha.doors import visit
from svastha.doors.address import address_of
from svastha.doors.live.sse import message
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
    """The queues of today, of one doctor or of all, as HTML for the page that shows them."""
    house, actor = visit.house_of(request), await visit.actor_of(request)
    async with visit.to_clinic(house, clinic) as tx:
        boards = await queue.board(tx, actor, doctor_id=doctor)

    async def look() -> list[Board]:
        """As somebody who may see them now. The first look has left its trace."""
        asker = await browser_now(request, actor.account_id)
        if asker is None:
            raise NotSignedIn
        async with visit.to_clinic(house, clinic) as tx:
            return await queue.board(tx, asker, doctor_id=doctor, trace=False)

    def draw(boards: list[Board]) -> str:
        drawn: str = request.app.state.render_board(request, tx.clinic, boards)
        return drawn

    return _stream(request, [one.doctor_id for one in boards], look, draw)


@get("/c/{clinic:str}/screen/live", include_in_schema=False, needs="public")
async def follow_screen(request: Asked, clinic: FromPath[str]) -> Stream:
    """The numbers that are called, for the screen of a waiting room."""
    house, until, shared = visit.house_of(request), now() + LONGEST, request.app.state.shared
    lang, address = language_of(request), address_of(request)
    if _SCREENS[address] >= MOST:
        raise TooManyScreens(retry_after=60)
    async with visit.to_clinic(house, clinic) as tx:
        doctors = [one.doctor_id for one in await schedule.practitioners(tx)]

    async def draw() -> str:
        async with visit.to_clinic(house, clinic) as tx:
            drawn: str = request.app.state.render_screen(request, clinic, await queue.screen(tx))
        return drawn

    async def look() -> str:
        if now() > until:
            raise NotFound
        drawn: str = await shared.look(("screen", clinic, lang), draw)
        return drawn

    return _stream(request, doctors, look, str, counted=address)


def _stream(
    request: Asked,
    ids: Collection[UUID],
    look: Callable[[], Awaitable[Any]],
    draw: Callable[[Any], str],
    *,
    counted: str | None = None,
) -> Stream:
    messages = _messages(request.app.state.watch, ids, look, draw)
    return Stream(
        messages if counted is None else _counted(counted, messages),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _messages(
    watch: Watch, ids: Collection[UUID], look: Callable[[], Awaitable[Any]], draw: Callable[[Any], str]
) -> AsyncGenerator[bytes]:
    shown = ""
    yield b"retry: 2000\n\n"
    async with aclosing(watch.looks(ids, look)) as looks:
        try:
            async for found in looks:
                html = draw(found)
                yield b": still here\n\n" if html == shown else message(html)
                shown = html
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
