"""``svastha jobs``: what was set aside, for a person to look at, to try again or to drop."""

import argparse
from typing import Any

from svastha.domain import audit
from svastha.doors import visit
from svastha.doors.bell import Ring
from svastha.doors.visit import House
from svastha.kit import outbox
from svastha.kit.outbox import SetAside
from svastha.kit.refusals import NotFound
from svastha.settings import Settings

from .equip import CannotStart

CONTROL = "control"
DONE = {"retry": "will be tried again", "drop": "dropped"}


async def work(settings: Settings, asked: argparse.Namespace) -> int:
    """Returns the exit status: 1 where an id is that of no job set aside, or nothing was confirmed."""
    from svastha.wiring import build

    house = build(settings)
    try:
        places = [asked.clinic] if asked.clinic else [CONTROL, *await house.routing.slugs()]
        found = [(place, job) for place in places for job in await _aside(house, place)]
        if asked.verb == "list":
            return _listed(found)
        return await _change(house, asked, found)
    except NotFound:
        raise CannotStart(f"There is no clinic {asked.clinic}.") from None
    finally:
        await house.bell.close()
        await house.connections.close()


def _to(house: House, place: str) -> Any:
    return visit.to_control(house) if place == CONTROL else visit.to_clinic(house, place)


async def _aside(house: House, place: str) -> list[SetAside]:
    async with _to(house, place) as tx:
        return await outbox.aside(tx)


def _listed(found: list[tuple[str, SetAside]]) -> int:
    for place, job in found:
        print(f"{place}: {_said(job)}")
    print(f"{len(found)} set aside")
    return 0


def _said(job: SetAside) -> str:
    since = job.set_aside_at.isoformat(timespec="seconds")
    return f"{job.id} {job.kind}, {job.attempts} attempts, {job.last_error}, since {since}"


async def _change(house: House, asked: argparse.Namespace, found: list[tuple[str, SetAside]]) -> int:
    meant = [(place, job) for place, job in found if job.id in asked.ids or job.kind == asked.kind]
    if strange := set(asked.ids) - {job.id for _, job in meant}:
        raise CannotStart(f"No job set aside has the id {', '.join(map(str, strange))}.")
    if asked.verb == "drop" and not asked.yes:
        for place, job in meant:
            print(f"{place}: {_said(job)}")
        raise CannotStart(f"{len(meant)} would be dropped. Say --yes to drop them.")
    for place, job in meant:
        async with _to(house, place) as tx:
            done = await (outbox.retry(tx, job.id) if asked.verb == "retry" else outbox.drop(tx, job.id))
            if done:
                audit.note(tx, None, asked.verb, "job", f"{job.kind} {job.id}")
        if done and asked.verb == "retry":
            house.bell.ring(Ring(None if place == CONTROL else place, jobs=True))
        print(f"{place}: {job.id} {job.kind} {DONE[asked.verb] if done else 'is gone'}")
    return 0
