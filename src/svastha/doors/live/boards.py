"""Queues that draw themselves anew after every change: at the desk, for the doctor, and on the wall."""

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import aclosing
from datetime import timedelta
from functools import partial
from time import monotonic
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from svastha.domain import queue, schedule
from svastha.domain.queue import Shown
from svastha.doors import visit
from svastha.doors.address import address_of
from svastha.doors.live.queues import doctors_now, queues_now
from svastha.doors.live.shared import Shared
from svastha.doors.live.sse import STILL, message, stream
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
    actor, lang, began = await visit.actor_of(request), language_of(request), monotonic()
    watch: Watch = request.app.state.watch
    shared: Shared = request.app.state.shared
    async with visit.to_clinic(visit.house_of(request), clinic) as tx:
        ids = [one.doctor_id for one in await queue.board(tx, actor, doctor_id=doctor)]

    async def look() -> bytes:
        """As somebody who may see them now. The first look has left its trace."""
        asker = await browser_now(request, actor.account_id)
        if asker is None:
            raise NotSignedIn
        place = await visit.clinic_of(request, clinic)
        whose = queue.whose(place, asker, doctor)
        doctors = [whose] if whose else await doctors_now(request, clinic, watch.since(began, *ids))
        seen = await queues_now(request, clinic, {one: watch.since(began, one) for one in doctors})
        boards = [one.board for one in seen.values() if one]
        if whose and not boards:
            raise NotFound
        at, render = now(), request.app.state.render_board
        passed = [line.starts_at <= at for one in boards for line in one.items]
        draw = partial(render, request, place, boards)
        return shared.drawn(("board", clinic, whose, lang), (place, boards, passed), lambda: message(draw()))

    return stream(_messages(watch, ids, look))


@get("/c/{clinic:str}/screen/live", include_in_schema=False, needs="public")
async def follow_screen(request: Asked, clinic: FromPath[str]) -> Stream:
    """The numbers that are called, for the screen of a waiting room."""
    house, until, began = visit.house_of(request), now() + LONGEST, monotonic()
    watch: Watch = request.app.state.watch
    shared: Shared = request.app.state.shared
    lang, address = language_of(request), address_of(request)
    if _SCREENS[address] >= MOST:
        raise TooManyScreens(retry_after=60)
    async with visit.to_clinic(house, clinic) as tx:
        ids = [one.doctor_id for one in await schedule.practitioners(tx)]

    async def read(_: object) -> dict[None, list[Shown]]:
        async with shared.reading(house, clinic) as tx:
            return {None: await queue.screen(tx)}

    async def look() -> bytes:
        if now() > until:
            raise NotFound
        shown = (await shared.look((clinic, "screen"), {None: watch.since(began, *ids)}, read))[None]
        render = request.app.state.render_screen
        return shared.drawn(("screen", clinic, lang), shown, lambda: message(render(request, clinic, shown)))

    return stream(_counted(address, _messages(watch, ids, look)))


async def _messages(watch: Watch, ids: Collection[UUID], look: Callable[[], Awaitable[bytes]]) -> AsyncGenerator[bytes]:
    shown = b""
    yield b"retry: 2000\n\n"
    async with aclosing(watch.looks(ids, look)) as looks:
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
